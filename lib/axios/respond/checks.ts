/** This file ends a request by the caller's own `validateStatus` and limits, as axios' adapters do. */
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import axios, { AxiosError } from '../native/library.js';
import type { Dialect } from '../native/dialect.js';
import type { Body } from '../../entries/body.js';
import { once } from '../../support/memo.js';

/** `response`, if the `validateStatus` of `config` accepts it; else throws the AxiosError that axios' adapters give. */
export function checkStatus(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const { status } = response;
  // As in axios, neither a missing function nor a status of 0 (which `file:` URLs have) is an error.
  if (!config.validateStatus || !status || isAccepted(response, config)) return response;
  const code = status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE;
  throw new AxiosError(`Request failed with status code ${status}`, code, config, response.request, response);
}

/**
 * Where `validateStatus` is no function, or throws, this fails as the fetch adapter does. The others answer nobody
 * then: the http adapter ends the process.
 */
function isAccepted({ status, request }: AxiosResponse, config: InternalAxiosRequestConfig): unknown {
  const { validateStatus } = config;
  try {
    return validateStatus?.(status);
  } catch (error) {
    if (error instanceof AxiosError) throw error;
    const thrown = (error ?? {}) as AxiosError;
    throw AxiosError.from(thrown, thrown.code, config, request);
  }
}

/** This is false before axios 1.16, whose fetch adapter ignores `maxContentLength`. */
const fetchIsLimited = once(() => !/^1\.(\d|1[0-5])\./.test(axios.VERSION));

/**
 * Whether the adapter takes the value for a limit: fetch takes numbers alone, and no number at all is none.
 * XMLHttpRequest knows no limit. What another adapter makes of one nobody can know, and what it gave it may give again.
 */
export const isLimit = (maxContentLength: unknown, dialect: Dialect | undefined): boolean =>
  (dialect === 'http' || (dialect === 'fetch' && typeof maxContentLength === 'number')) &&
  maxContentLength !== undefined &&
  Number(maxContentLength) > -1;

/** This is false before axios 1.15.1, whose http adapter ignores `maxContentLength` where the caller takes a stream. */
const streamsAreLimited = once(() => !/^1\.(\d|1[0-4])\.|^1\.15\.0/.test(axios.VERSION));

/** This is the error of a body that is too long. */
export interface Excess {
  readonly error: AxiosError;
  /** A stream fails only as it is read, unless fetch is told its length by the headers. */
  readonly isAtOnce: boolean;
}

/**
 * Makes the adapter's error where a body has more bytes than the `maxContentLength` of `config`. `declared` is the
 * length that the headers tell.
 */
export function checkMaxContentLength(
  body: Body,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
  declared?: number,
): Excess | undefined {
  const { maxContentLength, responseType } = config;
  if (dialect === 'fetch' && !fetchIsLimited()) return undefined;
  // Text and values come from adapters that know no such limit.
  if (body.kind !== 'bytes' || !isLimit(maxContentLength, dialect)) return undefined;
  const limit = Number(maxContentLength);
  const isTold = dialect === 'fetch' && declared !== undefined && declared > limit;
  if (!isTold && !isExceeded(limit, body.bytes)) return undefined;
  const message = `maxContentLength size of ${maxContentLength} exceeded`;
  const error = new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, config);
  if (isTold || responseType !== 'stream') return { error, isAtOnce: true };
  return dialect === 'fetch' || streamsAreLimited() ? { error, isAtOnce: false } : undefined;
}

/** Where no byte comes, none is too many for a limit below zero. */
const isExceeded = (limit: number, { byteLength }: Uint8Array): boolean => byteLength > 0 && byteLength > limit;
