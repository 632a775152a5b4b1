import type { InternalAxiosRequestConfig } from 'axios';
import type { Digest } from '../../support/digest.js';
import { identityOf } from '../../support/identity.js';
import { encoder } from '../../support/utf8.js';

export interface Partition {
  /** On one line. */
  readonly text: string;
  /** Something that cannot be read, as a cookie jar, is told apart by identity: true in this process only. */
  readonly opaque: boolean;
}

/** What axios' types leave out: a jar of axios-cookiejar-support, what agents keep of their options. */
interface HiddenSources {
  readonly jar?: unknown;
  readonly env?: { readonly fetch?: unknown };
  readonly httpAgent?: { readonly options?: TlsOptions } | false;
  readonly httpsAgent?: { readonly options?: TlsOptions } | false;
  readonly http2Options?: TlsOptions;
}
interface TlsOptions {
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly pfx?: unknown;
  readonly secureContext?: unknown;
}

/** Credentials that no field shows: a jar's cookies, client certificates. */
export function hiddenCredentials(config: InternalAxiosRequestConfig, digest: Digest): Partition | undefined {
  const { jar, env, httpAgent, httpsAgent, http2Options } = config as HiddenSources;
  const ownFetch = env?.fetch;
  if (!jar && !ownFetch && !httpAgent && !httpsAgent && !http2Options) return undefined;
  const found: (Partition | undefined)[] = [isObject(jar) ? identified('jar', jar) : undefined];
  // A framework's fetch for one visitor puts the visitor's cookies on.
  if (typeof ownFetch === 'function' && ownFetch !== globalThis.fetch) found.push(identified('fetch', ownFetch));
  if (httpAgent) found.push(certificateOf(httpAgent.options, digest));
  if (httpsAgent) found.push(certificateOf(httpsAgent.options, digest));
  found.push(certificateOf(http2Options, digest));
  const known = found.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return { text: known.map(({ text }) => text).join(''), opaque: known.some(({ opaque }) => opaque) };
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What cannot be read is at least not taken for another. */
const identified = (name: string, value: object): Partition => ({
  text: `;${name}=${String(identityOf(value))}`,
  opaque: true,
});

/** By an agent's options: what was read in them, and what came of it. */
const certificates = new WeakMap<TlsOptions, { readonly read: readonly unknown[]; readonly partition: Partition }>();

function certificateOf(options: TlsOptions | undefined, digest: Digest): Partition | undefined {
  if (!isObject(options)) return undefined;
  const { cert, key, pfx, secureContext } = options;
  if (isObject(secureContext)) return identified('certificate', secureContext);
  if (cert === undefined && key === undefined && pfx === undefined) return undefined;
  const read = [cert, key, pfx, digest];
  const known = certificates.get(options);
  if (known?.read.every((each, index) => each === read[index])) return known.partition;
  const material = JSON.stringify([cert, key, pfx].map((each) => readMaterial(each, digest)));
  const partition: Partition = { text: `;certificate=${digest.bytes(encoder.encode(material))}`, opaque: false };
  certificates.set(options, { read, partition });
  return partition;
}

/** PEM text, bytes, a list of them, or objects with one in `pem` or `buf`, as node:tls takes them. */
function readMaterial(value: unknown, digest: Digest): unknown {
  if (typeof value === 'string') return digest.bytes(encoder.encode(value));
  if (ArrayBuffer.isView(value)) return digest.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map((each) => readMaterial(each, digest));
  if (!isObject(value)) return null;
  const { pem, buf } = value as { pem?: unknown; buf?: unknown };
  return [readMaterial(pem, digest), readMaterial(buf, digest)];
}
