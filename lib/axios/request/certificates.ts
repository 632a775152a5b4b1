/**
 * This file finds client certificates, and which servers are trusted: in the options of agents and of HTTP/2, from
 * where the http adapter takes them, and in the dispatcher that fetch is given.
 */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { identified, isObject, type Partition } from './identified.js';
import type { Digest } from '../../support/digest.js';
import { exactBytes } from '../../support/exact-bytes.js';
import { nodeHttps } from '../../support/platform.js';

/** These members are missing in axios' types; an agent keeps the options it was made with. */
interface TlsSources {
  readonly httpAgent?: { readonly options?: TlsOptions } | false;
  readonly httpsAgent?: { readonly options?: TlsOptions } | false;
  readonly http2Options?: TlsOptions;
  readonly fetchOptions?: { readonly dispatcher?: unknown };
}
interface TlsOptions {
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly pfx?: unknown;
  readonly secureContext?: unknown;
  readonly ca?: unknown;
  readonly rejectUnauthorized?: unknown;
  readonly checkServerIdentity?: unknown;
}

/** Lists the options of a request by which TLS connections are made; most requests have none. */
function tlsOptionsOf(config: InternalAxiosRequestConfig): readonly TlsOptions[] {
  const { httpAgent, httpsAgent, http2Options, fetchOptions } = config as TlsSources;
  if (!httpAgent && !httpsAgent && !http2Options && !fetchOptions) return NONE;
  const dispatcher = fetchOptions?.dispatcher;
  return [
    httpAgent ? httpAgent.options : undefined,
    httpsAgent ? httpsAgent.options : undefined,
    http2Options,
    ...(isObject(dispatcher) ? optionsOfDispatcher(dispatcher) : []),
  ].filter(isObject);
}

const NONE: readonly TlsOptions[] = [];

const dispatchers = new WeakMap<object, readonly TlsOptions[]>();

/** The dispatchers of undici keep their options under symbols, those for TLS mostly one level deeper, in `connect`. */
function optionsOfDispatcher(dispatcher: object): readonly TlsOptions[] {
  const known = dispatchers.get(dispatcher);
  if (known !== undefined) return known;
  const kept = Object.getOwnPropertySymbols(dispatcher).map(
    (symbol) => (dispatcher as Readonly<Record<symbol, unknown>>)[symbol],
  );
  const options = kept
    .filter(isObject)
    .flatMap((each) => [each, (each as { connect?: unknown }).connect].filter(isObject));
  dispatchers.set(dispatcher, options);
  return options;
}

/**
 * Describes the certificates of a request; it is `undefined` where the request names no options that could hold one.
 */
export function certificatesOf(config: InternalAxiosRequestConfig, digest: Digest): readonly Partition[] | undefined {
  const options = tlsOptionsOf(config);
  if (options.length === 0) return undefined;
  return options.map((each) => certificateOf(each, digest)).filter((each) => each !== undefined);
}

function certificateOf(options: TlsOptions, digest: Digest): Partition | undefined {
  const { cert, key, pfx, secureContext } = options;
  if (isObject(secureContext)) return identified('certificate', secureContext);
  const material = materialOf(options, [cert, key, pfx], certificates, digest);
  return material === undefined ? undefined : { text: `;certificate=${material}`, opaque: false };
}

/** This has what was read in an agent's options, and its digest, since agents serve many requests. */
type Materials = WeakMap<TlsOptions, { readonly read: readonly unknown[]; readonly text: string }>;
const certificates: Materials = new WeakMap();
const authorities: Materials = new WeakMap();

/** Makes the digest of members of `options`; it is `undefined` where all are missing. */
function materialOf(
  options: TlsOptions,
  members: readonly unknown[],
  memo: Materials,
  digest: Digest,
): string | undefined {
  if (members.every((each) => each === undefined)) return undefined;
  const read = [...members, digest];
  const known = memo.get(options);
  if (known?.read.every((each, index) => each === read[index])) return known.text;
  const text = digest.bytes(exactBytes(JSON.stringify(members.map((each) => describeMaterial(each, digest)))));
  memo.set(options, { read, text });
  return text;
}

/** PEM text, bytes, a list of them, or objects with one in `pem` or `buf`, as node:tls takes them. */
function describeMaterial(value: unknown, digest: Digest): unknown {
  if (typeof value === 'string') return digest.bytes(exactBytes(value));
  if (ArrayBuffer.isView(value)) return digest.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (Array.isArray(value)) return value.map((each) => describeMaterial(each, digest));
  if (!isObject(value)) return null;
  const { pem, buf } = value as { pem?: unknown; buf?: unknown };
  return [describeMaterial(pem, digest), describeMaterial(buf, digest)];
}

/**
 * Tells in what a request trusts other servers than Node does by itself; it is `undefined` where it does not. Whoever
 * does not trust a server must see the error of its certificate, and not an answer that came over the connection of
 * somebody who does.
 */
export function trustOf(config: InternalAxiosRequestConfig, digest: Digest, dialect: Dialect): string | undefined {
  const options = tlsOptionsOf(config);
  const shared = sharedOptions(config, dialect);
  let named: string | undefined;
  for (const each of shared.length === 0 ? options : [...options, ...shared]) {
    const trust = trustIn(each, digest);
    if (trust !== undefined) named = named === undefined ? trust : `${named};${trust}`;
  }
  return named;
}

/** Here undici keeps the dispatcher of requests that name none, for Node's own fetch too. */
const SHARED_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Lists how the adapter connects for a request without an agent of its own. Some programs change that for all. */
function sharedOptions(config: InternalAxiosRequestConfig, dialect: Dialect): readonly TlsOptions[] {
  if (dialect === 'http') {
    const options: TlsOptions | undefined = config.httpsAgent ? undefined : nodeHttps()?.globalAgent.options;
    return options === undefined ? NONE : [options];
  }
  const dispatcher = (globalThis as { readonly [SHARED_DISPATCHER]?: unknown })[SHARED_DISPATCHER];
  const isShared = dialect === 'fetch' && !(config as TlsSources).fetchOptions?.dispatcher;
  return isShared && isObject(dispatcher) ? optionsOfDispatcher(dispatcher) : NONE;
}

function trustIn(options: TlsOptions, digest: Digest): string | undefined {
  const { rejectUnauthorized, ca, checkServerIdentity } = options;
  if (rejectUnauthorized === false) return 'anybody';
  const authority = ca === undefined ? undefined : materialOf(options, [ca], authorities, digest);
  return checkServerIdentity === undefined ? authority : `${authority ?? ''} own check`;
}

/** True where Node itself is told to check no certificate, which may change at any time. */
export const trustsAnybody = (): boolean => globalThis.process?.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0';
