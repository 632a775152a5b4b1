/**
 * This file makes the `request` of a response for which no adapter has made one of its own: it tells what is read from
 * those of the adapters.
 */
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { methodOf } from '../native/config.js';
import { fieldsOf } from '../native/headers.js';
import { buildUrl } from '../request/build-url.js';
import { formOf } from '../request/response-form.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import { parseUrl } from '../../support/urls.js';

/** This is the exchange that a stored answer stands for. */
export interface StoredExchange {
  /** This is the URL that answered. */
  readonly url: string;
  /** So many redirects led to it. */
  readonly redirects: number;
  /** This config has the caller's own headers; behind redirects only those that were sent on. */
  readonly config: InternalAxiosRequestConfig;
  readonly response: Pick<AxiosResponse<unknown>, 'status' | 'statusText' | 'headers' | 'data'>;
  /** Makes the text of the body. */
  readonly text: () => string;
}

/** A symbol, so that those who list or serialise the members do not meet a whole config. */
export const EXCHANGE = Symbol('axios-client-cache.exchange');

/**
 * It has the members of XMLHttpRequest, and those that are read to learn the URL, whatever the adapter. What no type of
 * the platform has is in quotes, so that no build shortens it.
 */
export class StoredRequest {
  readonly 'fromCache' = true;
  readonly responseURL: string;
  readonly readyState = 4;
  readonly [EXCHANGE]: StoredExchange;

  constructor(exchange: StoredExchange) {
    this.responseURL = exchange.url;
    this[EXCHANGE] = exchange;
  }

  /** Only a Request of `fetch` has it, and tells the URL that it was asked for, with the fragment. */
  get url(): string {
    const asked = parseUrl(buildUrl(this[EXCHANGE].config) ?? '', this.responseURL);
    return asked === undefined || asked.username || asked.password ? this.responseURL : asked.href;
  }

  get method(): string {
    return methodOf(this[EXCHANGE].config);
  }

  get status(): number {
    return this[EXCHANGE].response.status;
  }

  get statusText(): string {
    return this[EXCHANGE].response.statusText;
  }

  get responseText(): string {
    return this[EXCHANGE].text();
  }

  get response(): unknown {
    const { config, response } = this[EXCHANGE];
    return formOf(config.responseType) === 'text' ? this.responseText : response.data;
  }

  get 'res'(): object {
    return { responseUrl: this.responseURL };
  }

  getResponseHeader(name: string): string | null {
    const value = fieldsOfResponse(this[EXCHANGE])[name.toLowerCase()];
    return value === undefined ? null : textOf(value);
  }

  getAllResponseHeaders(): string {
    const lines = Object.entries(fieldsOfResponse(this[EXCHANGE])).map(([name, value]) => `${name}: ${textOf(value)}\r\n`);
    return lines.join('');
  }
}

export const fieldsOfResponse = ({ response }: StoredExchange): HeaderFields => fieldsOf(response.headers);

export const textOf = (value: string | readonly string[]): string =>
  typeof value === 'string' ? value : value.join(', ');

/**
 * Lets the XMLHttpRequest of a response tell what it would have told its caller: asked for bytes, it throws where its
 * text is read.
 */
export function showAsAsked({ request, config, data }: AxiosResponse<unknown>, text: () => string): void {
  const { responseType = '' } = config;
  if (responseType === 'arraybuffer') return;
  const isText = formOf(responseType || undefined) === 'text';
  const told = {
    responseType: () => (responseType === 'json' ? '' : responseType),
    response: isText ? text : () => data,
    ...(isText && { responseText: text }),
  };
  // A stand-in of a test may refuse, which is no reason for a request to fail.
  for (const [name, get] of Object.entries(told)) {
    Reflect.defineProperty(request as object, name, { get, configurable: true });
  }
}
