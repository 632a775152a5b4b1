/** How a request ends: the caller's own `validateStatus` and limits, and errors that are each caller's own. */
import axios, { AxiosError, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { Body } from '../body.js';
import type { CacheError } from '../errors.js';
import type { Dialect } from './body.js';
import { plainHeaders } from './headers.js';

/** `response`, if the `validateStatus` of `config` accepts it; else throws the AxiosError that axios' adapters give. */
export function settle(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { status } = response;
  const { validateStatus } = config;
  // As axios has it: neither a missing function nor a status of 0 (file:) is an error.
  if (!validateStatus || !status || validateStatus(status)) return response;
  const code = status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE;
  throw new AxiosError(`Request failed with status code ${status}`, code, config, response.request, response);
}

/** Before axios 1.16 the fetch adapter ignores `maxContentLength`. */
const FETCH_IS_LIMITED = !/^1\.(\d|1[0-5])\./.test(axios.VERSION);

/** Throws what the adapter throws where a body has more bytes than the `maxContentLength` of `config`. */
export function checkMaxContentLength(
  body: Body,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): void {
  const { maxContentLength } = config;
  if (dialect === 'fetch' && !FETCH_IS_LIMITED) return;
  // Text and values come from adapters that know no such limit.
  if (body.kind !== 'bytes' || maxContentLength === undefined || maxContentLength < 0) return;
  if (body.bytes.byteLength <= maxContentLength) return;
  const message = `maxContentLength size of ${maxContentLength} exceeded`;
  throw new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, config);
}

/** Gives an AxiosError to the caller whose `config` it is: the error and its response name it. Returns `error`. */
export function adoptError<E>(error: E, config: InternalAxiosRequestConfig): E {
  if (!axios.isAxiosError(error)) return error;
  error.config = config;
  if (error.response !== undefined) error.response.config = config;
  return error;
}

/** For one more caller of a request that failed: its own copy of an AxiosError, anything else as it is. */
export function cloneError(error: unknown, config: InternalAxiosRequestConfig): unknown {
  if (!(error instanceof Error && axios.isAxiosError(error))) return error;
  const copy = new AxiosError(error.message);
  // CanceledError and other descendants stay what they are, with all that was put on them.
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const { stack: _engineOwn, ...properties } = Object.getOwnPropertyDescriptors(error);
  Object.defineProperties(copy, properties);
  if (error.stack !== undefined) copy.stack = error.stack;
  if (error.response !== undefined) copy.response = copyOfResponse(error.response);
  return adoptError(copy, config);
}

/** Its own fields and headers: axios' transforms and the callers write to both. */
const copyOfResponse = (response: AxiosResponse): AxiosResponse => ({
  ...response,
  headers: plainHeaders(response.headers),
});

/** What a request rejects with whose `cache` setting is at fault: an AxiosError of the same code, `error` its cause. */
export function optionError(error: CacheError, config: InternalAxiosRequestConfig): AxiosError {
  const wrapped = new AxiosError(error.message, error.code, config);
  // Not enumerable, as the cause of any error.
  Object.defineProperty(wrapped, 'cause', { value: error, writable: true, configurable: true });
  return wrapped;
}
