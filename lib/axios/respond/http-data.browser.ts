/**
 * This file stands in for http-data.ts in browsers, which have no http adapter: an adapter that is not axios' own is
 * taken to give what fetch gives.
 */
import type { Reader } from './reader.js';
import type { Dialect } from '../native/dialect.js';

export const noteLikeness = (): void => undefined;

export const likenessOf = (): Dialect => 'fetch';

export const HTTP_READERS: ReadonlyMap<string, Reader> = new Map();

export const failingStream = (): undefined => undefined;

export const httpText = (): string => '';
