/** What an origin request failed with: each caller that waited for it is given an error and a response of its own. */
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dialect } from '../native/dialect.js';
import { adoptError, cloneError, responseIn } from '../native/errors.js';
import { fieldsOf } from '../native/headers.js';
import { dataFor } from '../respond/data.js';
import { parseBody } from './parse-body.js';
import type { Body } from '../../entries/body.js';

/** An error as the adapter gave it, since the caller whose request failed is given that very object. */
interface Failure<E> {
  readonly pristine: E;
  /** The body of its response: `undefined` where there is none, or none that could be copied. */
  readonly body: Body | undefined;
  /** The caller whose request failed, by its config. */
  readonly owner: InternalAxiosRequestConfig;
  isGiven: boolean;
}

const failures = new WeakMap<object, Failure<unknown>>();

/** Remembers how `error` is now: it is to be called as soon as an adapter rejects. Returns `error`. */
export function noteFailure<E>(error: E, owner: InternalAxiosRequestConfig): E {
  if (typeof error !== 'object' || error === null) return error;
  const data: unknown = responseIn(error)?.data;
  const body = data === undefined ? undefined : parseBody(data);
  // An adapter may reject with the same object again and again.
  const isGiven = failures.get(error)?.isGiven ?? false;
  failures.set(error, { pristine: cloneError(error, undefined), body, owner, isGiven });
  return error;
}

/**
 * Gives what the caller of `config` rejects with. An error is the adapter's own for the caller whose request failed,
 * and a copy for others, from which nothing of that request can be reached. An AxiosError has the data that the
 * caller's `responseType` asks for, since bytes were asked for; it rejects where the data cannot be made, as an adapter
 * would.
 */
export async function ownFailure(
  error: unknown,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): Promise<unknown> {
  if (typeof error !== 'object' || error === null) return error;
  const failure = failures.get(error) ?? failures.get(noteFailure(error, config));
  if (failure === undefined) return error;
  const isTheirs = failure.owner === config && !failure.isGiven;
  const own = isTheirs ? adoptError(error, config) : cloneError(failure.pristine, config);
  if (isTheirs) failure.isGiven = true;
  const response = responseIn(own);
  if (response === undefined || failure.body === undefined) return own;
  const contentType = [fieldsOf(response.headers)['content-type']].flat()[0];
  response.data = await dataFor(failure.body, config, dialect, contentType, response.status);
  return own;
}
