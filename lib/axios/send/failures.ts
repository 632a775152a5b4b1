/** What an origin request failed with: each caller that waited for it is given an error and a response of its own. */
import type { AxiosError, InternalAxiosRequestConfig } from 'axios';
import axios from '../native/library.js';
import type { Dialect } from '../native/dialect.js';
import { adoptError, cloneError } from '../native/errors.js';
import { fieldsOf } from '../native/headers.js';
import { dataFor } from '../respond/data.js';
import { parseBody } from './parse-body.js';
import type { Body } from '../../entries/body.js';

/** An error as the adapter gave it, since the first caller is given that very object, and may write to it. */
interface Failure {
  readonly pristine: AxiosError;
  /** The body of its response: `undefined` where there is none, or none that could be copied. */
  readonly body: Body | undefined;
  isGiven: boolean;
}

const failures = new WeakMap<object, Failure>();

/** Remembers how `error` is now: it is to be called as soon as an adapter rejects. Returns `error`. */
export function noteFailure<E>(error: E): E {
  if (!axios.isAxiosError(error)) return error;
  const data: unknown = error.response?.data;
  const body = data === undefined ? undefined : parseBody(data);
  // An adapter may reject with the same object again and again.
  const isGiven = failures.get(error)?.isGiven ?? false;
  failures.set(error, { pristine: cloneError(error, error.config), body, isGiven });
  return error;
}

/**
 * Gives what the caller of `config` rejects with: an AxiosError of its own, with the data that its `responseType` asks
 * for, since bytes were asked for; anything else is given as it is. It rejects where the data cannot be made, as the
 * adapter would.
 */
export async function ownFailure(
  error: unknown,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): Promise<unknown> {
  if (!axios.isAxiosError(error)) return error;
  const failure = failures.get(error) ?? failures.get(noteFailure(error));
  const own = failure?.isGiven === true ? cloneError(failure.pristine, config) : adoptError(error, config);
  if (failure === undefined) return own;
  failure.isGiven = true;
  const { response } = own;
  if (response === undefined || failure.body === undefined) return own;
  const { responseType, responseEncoding } = config;
  const contentType = [fieldsOf(response.headers)['content-type']].flat()[0];
  try {
    response.data = await dataFor(failure.body, {
      responseType,
      responseEncoding,
      contentType,
      dialect,
      status: response.status,
    });
  } catch (unreadable) {
    throw adoptError(unreadable, config);
  }
  return own;
}
