import axios, { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { CacheError } from '../../api/errors.js';
import { answerHeaders, headerFields } from './headers.js';

/** Gives an AxiosError to the caller whose `config` it is: the error and its response name it. Returns `error`. */
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
  // CanceledError and other descendants stay what they are, with all that was put on them.
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const { stack: _engineOwn, ...properties } = Object.getOwnPropertyDescriptors(error);
  Object.defineProperties(copy, properties);
  if (error.stack !== undefined) copy.stack = error.stack;
  if (error.response !== undefined) copy.response = copyOfResponse(error.response);
  return (config === undefined ? copy : adoptError(copy, config)) as unknown as E;
}

/** Its own fields and headers: axios' transforms and the callers write to both. */
const copyOfResponse = (response: AxiosResponse): AxiosResponse => ({
  ...response,
  headers: answerHeaders(headerFields(response.headers)),
});

/** What a request rejects with whose `cache` setting is at fault: an AxiosError of the same code, `error` its cause. */
export function optionError(error: CacheError, config: InternalAxiosRequestConfig): AxiosError {
  const wrapped = new AxiosError(error.message, error.code, config);
  // Not enumerable, as the cause of any error.
  Object.defineProperty(wrapped, 'cause', { value: error, writable: true, configurable: true });
  return wrapped;
}
