/**
 * This file shows a stored answer in the form in which the user's `filter` and `tags` functions, and
 * `instance.cache.get`, see it.
 */
import type { StoredEntry } from '../api/storage.js';
import type { StoredResponse } from '../api/stored-response.js';
import { copyOfJson } from './body.js';
import { noFields } from '../rfc9111/fields.js';
import type { StoredHead } from '../rfc9111/model.js';
import { decoder } from '../support/utf8.js';

/** It is what a StoredResponse is made of. */
export type StoredParts = Pick<StoredHead, 'url' | 'method' | 'status' | 'statusText' | 'headers'> &
  Pick<StoredEntry, 'body' | 'tags' | 'createdAtMs' | 'expiresAtMs'>;

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
    headers: Object.assign(noFields(), copyOfJson(headers)),
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
