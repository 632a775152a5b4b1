/**
 * This file decides which `responseType` an adapter is asked for. axios' own adapters are asked for bytes, so that one
 * entry serves all callers. What another adapter makes of a type nobody can know, so that it is asked as the caller
 * asks.
 */
import type { AxiosAdapter, InternalAxiosRequestConfig, ResponseType } from 'axios';
import axios from '../native/library.js';
import { builtInAdapter } from '../native/built-in.js';
import type { Dialect } from '../native/dialect.js';
import { encoder } from '../../support/utf8.js';

export const askedType = (
  { responseType }: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): ResponseType | undefined => (dialect === undefined ? responseType : 'arraybuffer');

/**
 * Tells the error of the fetch adapter over a `fetch` whose responses have no bytes to give. Older copies of axios give
 * it no code of its own.
 */
export const isTypeUnknown = (error: unknown): boolean =>
  axios.isAxiosError(error) && (error.code === 'ERR_NOT_SUPPORT' || error.message.endsWith('is not a function'));

/**
 * Returns the adapter that gives bytes. Where a test has put a stub in the place of the platform's `fetch`, perhaps
 * before this module was loaded, its responses may know JSON and text only, and each may be there for one call only.
 */
export function bytesAdapter(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  dialect: Dialect | undefined,
): AxiosAdapter {
  const env = config.env as { readonly fetch?: unknown } | undefined;
  if (dialect !== 'fetch' || env?.fetch) return inner;
  return builtInAdapter('fetch', { ...config, env: { ...config.env, fetch: fetchBytes } }) ?? inner;
}

async function fetchBytes(...given: Parameters<typeof fetch>): Promise<Response> {
  const response = (await globalThis.fetch(...given)) as Partial<Response>;
  if (response.arrayBuffer !== undefined || response.text === undefined) return response as Response;
  const arrayBuffer = async (): Promise<unknown> => encoder.encode(await (response as Response).text()).buffer;
  return Object.create(response, { arrayBuffer: { value: arrayBuffer } }) as Response;
}
