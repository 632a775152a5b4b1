/**
 * This file finds client certificates in the options of agents and of HTTP/2, from where the http adapter takes them.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import { identified, isObject, type Partition } from './identified.js';
import type { Digest } from '../../support/digest.js';
import { encoder } from '../../support/utf8.js';

/** These members are missing in axios' types; an agent keeps the options it was made with. */
interface TlsSources {
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

/**
 * Describes the certificates of a request; it is `undefined` where the request names no options that could hold one.
 */
export function certificatesOf(config: InternalAxiosRequestConfig, digest: Digest): readonly Partition[] | undefined {
  const { httpAgent, httpsAgent, http2Options } = config as TlsSources;
  if (!httpAgent && !httpsAgent && !http2Options) return undefined;
  const found: (Partition | undefined)[] = [];
  if (httpAgent) found.push(certificateOf(httpAgent.options, digest));
  if (httpsAgent) found.push(certificateOf(httpsAgent.options, digest));
  found.push(certificateOf(http2Options, digest));
  return found.filter((each) => each !== undefined);
}

/** This remembers by an agent's options what was read in them and what came of it, since agents serve many requests. */
const certificates = new WeakMap<TlsOptions, { readonly read: readonly unknown[]; readonly partition: Partition }>();

function certificateOf(options: TlsOptions | undefined, digest: Digest): Partition | undefined {
  if (!isObject(options)) return undefined;
  const { cert, key, pfx, secureContext } = options;
  if (isObject(secureContext)) return identified('certificate', secureContext);
  if (cert === undefined && key === undefined && pfx === undefined) return undefined;
  const read = [cert, key, pfx, digest];
  const known = certificates.get(options);
  if (known?.read.every((each, index) => each === read[index])) return known.partition;
  const material = JSON.stringify([cert, key, pfx].map((each) => describeMaterial(each, digest)));
  const partition: Partition = { text: `;certificate=${digest.bytes(encoder.encode(material))}`, opaque: false };
  certificates.set(options, { read, partition });
  return partition;
}

/** PEM text, bytes, a list of them, or objects with one in `pem` or `buf`, as node:tls takes them. */
function describeMaterial(value: unknown, digest: Digest): unknown {
  if (typeof value === 'string') return digest.bytes(encoder.encode(value));
  if (ArrayBuffer.isView(value)) return digest.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map((each) => describeMaterial(each, digest));
  if (!isObject(value)) return null;
  const { pem, buf } = value as { pem?: unknown; buf?: unknown };
  return [describeMaterial(pem, digest), describeMaterial(buf, digest)];
}
