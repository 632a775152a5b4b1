/** What an origin request failed with: each caller that waited for it is given an error and a response of its own. */
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import { adoptError, cloneError, isOfToken, responseIn } from '../native/errors.js';
import { requestOf } from '../respond/http-request.js';
import type { StoredExchange } from '../respond/stored-request.js';
import { copyOfData } from './parse-body.js';

/** An error as the adapter gave it, since the caller whose request failed is given that very object. */
interface Failure<E> {
  readonly pristine: E;
  /** The data of its response: `undefined` where there is none, or none that could be copied. */
  readonly data: unknown;
  /** The caller whose request failed, by its config. */
  readonly owner: InternalAxiosRequestConfig;
  isGiven: boolean;
}

const failures = new WeakMap<object, Failure<unknown>>();

/** Remembers how `error` is now: it is to be called as soon as an adapter rejects. Returns `error`. */
export function noteFailure<E>(error: E, owner: InternalAxiosRequestConfig): E {
  if (typeof error !== 'object' || error === null) return error;
  const data = copyOfData(responseIn(error)?.data);
  // An adapter may reject with the same object again and again.
  const isGiven = failures.get(error)?.isGiven ?? false;
  failures.set(error, { pristine: cloneError(error, undefined), data, owner, isGiven });
  return error;
}

/**
 * Gives what the caller of `config` rejects with. An error is the adapter's own for the caller whose request failed,
 * and a copy for others, from which nothing of that request can be reached: an answer tells a request of theirs, to
 * where `answererOf` finds that the request which was sent has led. All of them have asked the adapter for the same, so
 * that what it gave will do for each.
 */
export function ownFailure(
  error: unknown,
  config: InternalAxiosRequestConfig,
  answererOf: (request: unknown) => Pick<StoredExchange, 'url' | 'redirects'>,
): unknown {
  if (typeof error !== 'object' || error === null) return error;
  const failure = failures.get(error) ?? failures.get(noteFailure(error, config));
  if (failure === undefined) return error;
  if (isOfToken(error, config)) return adoptError(error, config);
  if (failure.owner === config && !failure.isGiven) {
    failure.isGiven = true;
    return adoptError(error, config);
  }
  const own = cloneError(failure.pristine, config);
  const response = responseIn(own);
  if (response === undefined) return own;
  response.data = copyOfData(failure.data);
  const answerer = answererOf(responseIn(error)?.request ?? (error as Partial<AxiosError>).request);
  const request = requestOf({ ...answerer, config, response, text: () => String(response.data ?? '') });
  response.request = request;
  if ((own as AxiosError<unknown>).request !== undefined) Object.assign(own as AxiosError, { request });
  return own;
}
