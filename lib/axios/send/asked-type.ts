/**
 * This file decides which `responseType` an adapter is asked for. axios' own adapters are asked for bytes, so that one
 * entry serves all callers. What another adapter makes of a type nobody can know, so that it is asked as the caller
 * asks.
 */
import type { AxiosAdapter, InternalAxiosRequestConfig, ResponseType } from 'axios';
import axios from '../native/library.js';
import { builtInAdapter } from '../native/built-in.js';
import type { Dialect } from '../native/dialect.js';
import { isDouble } from '../native/instances.js';
import { once } from '../../support/memo.js';
import { noteType } from './page.js';
import { encoder } from '../../support/utf8.js';

export const askedType = (
  { responseType }: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): ResponseType | undefined =>
  dialect === undefined || (dialect === 'fetch' && callsDouble()) ? responseType : 'arraybuffer';

/**
 * Tells whether a test has put a double in the place of the platform's `fetch`, of which an axios before 1.12 cannot be
 * made to get bytes: it may know JSON and text only, and may answer one call only.
 */
const callsDouble = (): boolean => isDouble(globalThis.fetch) && !takesFetch();

/** Tells whether axios calls the `fetch` that the `env` of a request brings. */
const takesFetch = once(() => adapterWith(fetchBytes) !== builtInAdapter('fetch'));

const adapterWith = (fetch: Fetch): AxiosAdapter | undefined =>
  builtInAdapter('fetch', { env: { fetch } } as unknown as InternalAxiosRequestConfig);

/**
 * Tells the error of the fetch adapter over a `fetch` whose responses have no bytes to give. Older copies of axios give
 * it no code of its own.
 */
export const isTypeUnknown = (error: unknown): boolean =>
  axios.isAxiosError(error) && (error.code === 'ERR_NOT_SUPPORT' || error.message.endsWith('is not a function'));

type Fetch = typeof fetch;

/**
 * Returns the adapter that gives bytes. Where a test has put a stub in the place of `fetch`, be it the platform's or
 * that of the request's `env`, its responses may know JSON and text only, and each may be there for one call only.
 */
export function bytesAdapter(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): AxiosAdapter {
  if (dialect !== 'fetch') return inner;
  const { env } = config;
  const fetch = env?.fetch ? bytesOf(env.fetch) : fetchBytes;
  return builtInAdapter('fetch', { ...config, env: { ...env, fetch } }) ?? inner;
}

/** There is one for each `fetch` of an `env`, as axios keeps an adapter for each of them. */
const known = new WeakMap<Fetch, Fetch>();

function bytesOf(own: Fetch): Fetch {
  const found = known.get(own);
  if (found !== undefined) return found;
  const made = givingBytes(own);
  known.set(own, made);
  return made;
}

const givingBytes = (own: Fetch): Fetch => async (...given) => {
  const response = await own(...given);
  noteType(given[0], response);
  return withBytes(response);
};

const fetchBytes = givingBytes((...given) => globalThis.fetch(...given));

function withBytes(response: Partial<Response> | undefined): Response {
  if (response?.arrayBuffer !== undefined || response?.text === undefined) return response as Response;
  const arrayBuffer = async (): Promise<unknown> => encoder.encode(await (response as Response).text()).buffer;
  return Object.create(response, { arrayBuffer: { value: arrayBuffer } }) as Response;
}
