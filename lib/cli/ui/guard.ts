/** Who may ask the server of `ui`: the browser of the person who has its URL, and no page of another site. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * The token stands in the URL that the command prints. The first visit trades it for a cookie, so that the page can be
 * loaded anew. What changes something needs the change token too, which only the page itself is told: a cookie goes
 * to whatever asks on this host, whichever port the asking page is from.
 */
export interface Secrets {
  readonly token: string;
  readonly changeToken: string;
}

const secret = (): string => randomBytes(24).toString('base64url');
export const makeSecrets = (): Secrets => ({ token: secret(), changeToken: secret() });

/** Cookies are shared by all ports of a host, so that the name has the port. */
export const cookieName = (port: number): string => `axios-client-cache-ui-${port}`;

/** @returns why a request is refused; `undefined` where it may pass. */
export function refusalOf(request: IncomingMessage, port: number, { token, changeToken }: Secrets): string | undefined {
  const { headers, method } = request;
  // A name that somebody else's server gives to this address (DNS rebinding) is a foreign Host.
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? '')) return 'This Host is not the one of the page.';
  const isForeign = headers.origin !== undefined && headers.origin !== `http://${headers.host ?? ''}`;
  if (isForeign) return 'This Origin is not the page.';
  const isByUrl = isSame(tokenIn(request.url), token);
  const isKnown = isByUrl || isSame(cookieIn(headers.cookie, cookieName(port)), token);
  if (!isKnown) return 'The token is missing: open the URL that the command has printed.';
  const site = headers['sec-fetch-site'];
  if (!isByUrl && (site === 'cross-site' || site === 'same-site')) return 'Another page may not ask.';
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (method !== 'POST') return 'There is no such method here.';
  return isSame(headers['x-change-token'], changeToken) ? undefined : 'The token for changes is missing.';
}

const tokenIn = (url = '/'): string | undefined =>
  new URLSearchParams(url.split('?')[1] ?? '').get('token') ?? undefined;

function cookieIn(cookies: string | undefined, name: string): string | undefined {
  const found = (cookies ?? '').split(';').map((each) => each.trim()).find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

function isSame(given: string | readonly string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false;
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
