/** This file gives each caller an axios error of its own, although several callers may share one failure. */
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import axios, { AxiosError } from './library.js';
import type { CacheError } from '../../api/errors.js';
import { answerHeaders, headerFields, headersFor } from './headers.js';

/** Names the caller's `config` in an AxiosError and its response. Returns `error`. */
export function adoptError<E>(error: E, config: InternalAxiosRequestConfig): E {
  if (!axios.isAxiosError(error)) return error;
  // Without a complaint where it is frozen.
  Reflect.set(error, 'config', config);
  if (error.response !== undefined) error.response.config = config;
  return error;
}

/** For one more caller of a request that failed: its own copy of an AxiosError, anything else as it is. */
export function cloneError<E>(error: E, config: InternalAxiosRequestConfig | undefined): E {
  if (!(error instanceof Error && axios.isAxiosError(error))) return error;
  const copy = new AxiosError(error.message);
  // A CanceledError or another descendant keeps its class, and all the properties that were put on it.
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const { stack: _engineOwn, ...properties } = Object.getOwnPropertyDescriptors(error);
  Object.defineProperties(copy, properties);
  if (error.stack !== undefined) copy.stack = error.stack;
  if (error.response !== undefined) copy.response = copyOfResponse(error.response, config);
  return (config === undefined ? copy : adoptError(copy, config)) as unknown as E;
}

/** Makes fields and headers that belong to one caller, since axios' transforms and callers write to both. */
const copyOfResponse = (response: AxiosResponse, config: InternalAxiosRequestConfig | undefined): AxiosResponse => ({
  ...response,
  headers: headersFor(config?.headers, answerHeaders(headerFields(response.headers))),
});

/**
 * Makes the AxiosError of a request whose `cache` setting is at fault: it has the code of `error`, which is its cause.
 */
export function optionError(error: CacheError, config: InternalAxiosRequestConfig): AxiosError {
  const wrapped = new AxiosError(error.message, error.code, config);
  // It is not enumerable, as is usual for the cause of an error.
  Object.defineProperty(wrapped, 'cause', { value: error, writable: true, configurable: true });
  return wrapped;
}
