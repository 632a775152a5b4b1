/** This file tells a failure of which the network alone is the cause: the request cannot have reached a server. */
import { parseUrl } from '../../support/urls.js';

/** The system gives these codes where no connection could be made. */
const NO_CONNECTION =
  /^E(?:CONNREFUSED|NOTFOUND|AI_AGAIN|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|ADDRNOTAVAIL)$/;

/** By these codes a request ends before anything of it is sent: it cannot be made, or the server is not trusted. */
const NEVER_SENT = new RegExp(
  [
    '^ERR_(?:INVALID_URL|BAD_OPTION|BAD_OPTION_VALUE|NOT_SUPPORT|FR_MAX_BODY_LENGTH_EXCEEDED)$',
    '^ERR_TLS_CERT_ALTNAME_INVALID$',
    '^CERT_(?:HAS_EXPIRED|NOT_YET_VALID|UNTRUSTED)$',
    '^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$',
    '^UNABLE_TO_(?:GET_ISSUER_CERT|GET_ISSUER_CERT_LOCALLY|VERIFY_LEAF_SIGNATURE)$',
  ].join('|'),
);

/** Causes nest less deeply; the bound ends cycles too. */
const MAX_DEPTH = 4;

/**
 * Tells whether no connection could be made. The http adapter says so by the error's own code, fetch by that of its
 * cause, and where several addresses were tried each has an error of its own. A browser says no more than that it is
 * offline.
 */
export const isUnreachable = (error: unknown): boolean =>
  (globalThis as { navigator?: { onLine?: boolean } }).navigator?.onLine === false ||
  causesOf(error, MAX_DEPTH).some(({ code }) => NO_CONNECTION.test(String(code)));

/**
 * Tells whether no server can have seen the request that failed with `error`. Where redirects are `hidden`, the failure
 * must not be one to reach another server than that of `url`: the first one has answered then.
 */
export function wasNeverSent(error: unknown, url: string, hidden: boolean): boolean {
  const { code, response } = (error ?? {}) as { code?: unknown; response?: unknown };
  // For a body over `maxBodyLength`, and for nothing else that a server saw, axios uses this code without a response.
  if (code === 'ERR_BAD_REQUEST' && !response) return true;
  const causes = causesOf(error, MAX_DEPTH);
  if (hidden && causes.some((each) => isElsewhere(each, url))) return false;
  return causes.some(
    ({ code: each, syscall }) =>
      NO_CONNECTION.test(String(each)) || NEVER_SENT.test(String(each)) || syscall === 'connect',
  );
}

/** Matches a host that is an address: that of a name is not known here. */
const ADDRESS = /^[\d.]+$|:/;

/** Tells whether a failure names another place than that of `url`, so that a redirect has led there. */
function isElsewhere({ hostname, address, port }: Failure, url: string): boolean {
  const expected = parseUrl(url);
  if (expected === undefined) return false;
  const host = expected.hostname.replace(/^\[|\]$/g, '');
  const expectedPort = expected.port || (expected.protocol === 'https:' ? '443' : '80');
  return (
    (typeof port === 'number' && String(port) !== expectedPort) ||
    (typeof hostname === 'string' && hostname !== host) ||
    (typeof address === 'string' && ADDRESS.test(host) && address !== host)
  );
}

interface Failure {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly hostname?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** Gives an error and all that it was caused by. */
function causesOf(error: unknown, depth: number): readonly Failure[] {
  if (typeof error !== 'object' || error === null || depth === 0) return [];
  const failure: Failure = error;
  const nested: readonly unknown[] = Array.isArray(failure.errors) ? failure.errors : [failure.cause];
  return [failure, ...nested.flatMap((each) => causesOf(each, depth - 1))];
}
