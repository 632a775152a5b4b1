/** This file adds what the http adapter leaves in a response: a ClientRequest of Node, and what its streams tell. */
import { EXCHANGE, fieldsOfResponse, type StoredExchange, StoredRequest, textOf } from './stored-request.js';
import { parseUrl } from '../../support/urls.js';

/** This stands for what is no absolute URL, as it may be with a mock adapter. */
const NO_URL = { protocol: 'http:', hostname: 'localhost', port: '', pathname: '/', search: '' };

const urlOf = ({ responseURL }: StoredRequest): typeof NO_URL => parseUrl(responseURL) ?? NO_URL;

/** It has the members of a ClientRequest besides those of XMLHttpRequest. */
class HttpRequest extends StoredRequest {
  get path(): string {
    const { pathname, search } = urlOf(this);
    return pathname + search;
  }

  get host(): string {
    // As the socket is told it: without the brackets of an IPv6 address.
    return urlOf(this).hostname.replace(/^\[|\]$/g, '');
  }

  get protocol(): string {
    return urlOf(this).protocol;
  }

  /** It tells the caller's own headers, and not those that a connection adds to them. */
  getHeader(name: string): unknown {
    const own: unknown = this[EXCHANGE].config.headers.get(name);
    const { hostname, port } = urlOf(this);
    return own ?? (name.toLowerCase() === 'host' ? hostname + (port && `:${port}`) : undefined);
  }

  override get res(): object {
    return messageOf(this[EXCHANGE]);
  }

  /** follow-redirects leaves this. */
  get _redirectable(): object {
    const { url, redirects } = this[EXCHANGE];
    return { _currentUrl: url, _redirectCount: redirects, _isRedirect: redirects > 0 || undefined };
  }
}

/** Makes what an IncomingMessage tells besides its body. */
function messageOf(exchange: StoredExchange): object {
  const { url, response } = exchange;
  const headers = Object.create(null) as Record<string, string | readonly string[]>;
  const rawHeaders: string[] = [];
  for (const [name, value] of Object.entries(fieldsOfResponse(exchange))) {
    headers[name] = name === 'set-cookie' ? [value].flat() : textOf(value);
    for (const each of [value].flat()) rawHeaders.push(name, each);
  }
  const { status: statusCode, statusText: statusMessage } = response;
  return { headers, rawHeaders, statusCode, statusMessage, httpVersion: '1.1', responseUrl: url };
}

export const requestOf = (exchange: StoredExchange): StoredRequest => new HttpRequest(exchange);

/** Lets a stream tell what one of the http adapter does; the streams of fetch tell nothing. */
export function describeStream(stream: unknown, exchange: StoredExchange): void {
  const isOfNode = typeof (stream as { pipe?: unknown } | null)?.pipe === 'function';
  if (isOfNode) Object.assign(stream as object, messageOf(exchange));
}
