/**
 * This file shows a stored answer in the form in which the user's `filter` and `tags` functions, and
 * `instance.cache.get`, see it.
 */
import type { StoredResponse } from '../api/stored-response.js';
import type { EpochMs, HeaderFields } from '../rfc9111/model.js';
import { decoder } from '../support/utf8.js';

/** It is what a StoredResponse is made of. */
export interface StoredParts {
  readonly url: string;
  readonly method: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: HeaderFields;
  readonly body: Uint8Array;
  readonly tags: readonly string[];
  readonly createdAtMs: EpochMs;
  /** It is `Infinity` where the response never stops being fresh. */
  readonly expiresAtMs: EpochMs;
}

const copyOfFields = (fields: HeaderFields): HeaderFields => {
  const copies = Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]);
  return Object.assign(Object.create(null), Object.fromEntries(copies)) as HeaderFields;
};

/**
 * It makes copies for the user, so that nobody can change what is stored. The body is neither copied nor decoded before
 * it is asked for.
 */
export function toStoredResponse(parts: StoredParts): StoredResponse {
  const { url, method, status, statusText, headers, body, tags, createdAtMs, expiresAtMs } = parts;
  let bytes: Uint8Array | undefined;
  const text = (): string => decoder.decode(body);
  return {
    url,
    method,
    status,
    statusText,
    headers: copyOfFields(headers),
    get bytes() {
      bytes ??= Uint8Array.from(body);
      return bytes;
    },
    tags: [...tags],
    createdAt: new Date(createdAtMs),
    expiresAt: expiresAtMs === Infinity ? null : new Date(expiresAtMs),
    text,
    json: <T>() => JSON.parse(text()) as T,
  };
}
