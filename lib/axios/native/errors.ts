/** This file gives each caller an axios error of its own, although several callers may share one failure. */
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { isInside } from './config.js';
import type { Dialect } from './dialect.js';
import axios, { AxiosError } from './library.js';
import type { CacheError } from '../../api/errors.js';
import { answerHeaders, headerFields, headersFor } from './headers.js';
import { tagOf } from '../../support/plain-object.js';

/** Returns the answer that an error tells of. Some adapters write `null` where there is none. */
export const responseIn = (error: unknown): AxiosResponse | undefined =>
  axios.isAxiosError(error) ? (error.response ?? undefined) : undefined;

/**
 * Names the caller's `config` in an AxiosError and its response. Returns `error`. What a `cancelToken` was cancelled
 * with stays as it is, as all requests with that token are rejected with the same object; fetch names its config in it.
 */
export function adoptError<E>(error: E, config: InternalAxiosRequestConfig): E {
  if (!axios.isAxiosError(error)) return error;
  if (isOfToken(error, config) && (error.config === undefined || !isInside(error.config))) return error;
  // Without a complaint where it is frozen.
  Reflect.set(error, 'config', config);
  const response = responseIn(error);
  if (response !== undefined) response.config = config;
  return error;
}

/** Tells whether the caller has cancelled the request by its `cancelToken`, whose reason is for all that have it. */
export const isOfToken = (error: unknown, { cancelToken }: InternalAxiosRequestConfig): boolean =>
  cancelToken?.reason !== undefined && error === cancelToken.reason;

/** An error may be the cause of another; so deep they are copied. */
const MAX_CAUSES = 4;

/**
 * Copies an error for a caller whose request it was not: the class, the texts, and the response without its request.
 * What else hangs on an error may lead to the request that failed, and so to the credentials of another caller. What is
 * no error is given as it is.
 */
export function cloneError<E>(error: E, config: InternalAxiosRequestConfig | undefined, depth = 0): E {
  if (!isErrorLike(error)) return error;
  const isOfAxios = axios.isAxiosError(error);
  const copy = isOfAxios ? new AxiosError(error.message) : new Error(error.message);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(error))) {
    // Newer engines give the stack by a pair of functions, which know only the error that they are from.
    if (name === 'stack') Object.assign(copy, { stack: error.stack });
    else if (isText(property.value)) Object.defineProperty(copy, name, property);
  }
  const cause = Object.getOwnPropertyDescriptor(error, 'cause');
  if (isErrorLike(cause?.value) && depth < MAX_CAUSES) {
    Object.defineProperty(copy, 'cause', { ...cause, value: cloneError(cause.value, undefined, depth + 1) });
  }
  keepShown(error, copy);
  if (!isOfAxios) return copy as E;
  // Callers tell by it whether a request was sent.
  if (error.request !== undefined) Object.assign(copy, { request: {} });
  const response = responseIn(error);
  if (response !== undefined) Object.assign(copy, { response: copyOfResponse(response, config) });
  return (config === undefined ? copy : adoptError(copy, config)) as E;
}

/**
 * Makes the texts that an error shows by functions of its class members of its copy, as such a function may read what
 * no copy has: a private member, or what the platform keeps of a DOMException.
 */
function keepShown(error: object, copy: object): void {
  for (let shows: object | null = error; shows !== null; shows = Object.getPrototypeOf(shows) as object | null) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(shows))) {
      if (!property.get || name in Object.prototype || Object.hasOwn(copy, name)) continue;
      let value: unknown;
      try {
        value = Reflect.get(error, name);
      } catch {
        // The copy says nothing where the error itself cannot be read.
      }
      Object.defineProperty(copy, name, { value: isText(value) ? value : undefined, writable: true });
    }
  }
}

/** It is known by its shape, as it may come from another realm. */
const isErrorLike = (value: unknown): value is Error =>
  value instanceof Error || /^(Error|DOMException)$/.test(tagOf(value));

const isText = (value: unknown): boolean =>
  value !== undefined && value !== null && typeof value !== 'object' && typeof value !== 'function';

/** Makes fields and headers that belong to one caller, since axios' transforms and callers write to both. */
const copyOfResponse = (
  { status, statusText, headers, data }: AxiosResponse,
  config: InternalAxiosRequestConfig | undefined,
): Partial<AxiosResponse> => ({
  // Other data is copied by whoever gives the copy to a caller.
  data: isText(data) || data instanceof Uint8Array ? (data as unknown) : undefined,
  status,
  statusText,
  headers: headersFor(config?.headers, answerHeaders(headerFields(headers))),
  request: {},
});

/**
 * Makes the AxiosError of a request whose `cache` setting is at fault: it has the code of `error`, which is its cause.
 */
export function optionError(error: CacheError, config: InternalAxiosRequestConfig): AxiosError {
  return withCause(new AxiosError(error.message, error.code, config), error);
}

/**
 * Makes the AxiosError of a body that could not be read. The fetch adapter takes each TypeError that speaks of fetching
 * for a failure of the network, and browsers use such words for a form that cannot be parsed too.
 */
export function readingError(error: unknown, dialect: Dialect | undefined): AxiosError {
  const isOfNetwork = dialect === 'fetch' && error instanceof TypeError && /Load failed|fetch/i.test(error.message);
  return isOfNetwork
    ? withCause(new AxiosError('Network Error', AxiosError.ERR_NETWORK), error)
    : AxiosError.from(error);
}

/** Puts into the error of a body what the adapters tell in it: the request, or the response that has it as well. */
export function nameExchange<E>(error: E, response: AxiosResponse, tells: 'request' | 'response'): E {
  const { request, status } = response as { request: unknown; status: number };
  return Object.assign(error as object, request && { request }, tells === 'response' && { response, status }) as E;
}

/** It is not enumerable, as is usual for the cause of an error. */
function withCause<E extends Error>(error: E, cause: unknown): E {
  return Object.defineProperty(error, 'cause', { value: cause, writable: true, configurable: true });
}
