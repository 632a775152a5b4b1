/** This file tests entries by those conditions of a filter that need nothing but the entry. */
import type { RenewedEntry } from '../api/storage.js';
import { decodeHead, urlsOfHead } from '../entries/head.js';
import { isStaleAt } from '../entries/listed.js';
import { userTag } from '../entries/tags.js';
import type { ParsedFilter } from '../options/filters.js';
import type { EpochMs } from '../rfc9111/model.js';

type Test = (entry: RenewedEntry) => boolean;

/** Makes a test of each condition. `keyOf` gives a key in the form in which it is shown. */
export function conditionsOf(
  { key, pattern: matches, method, olderThan, stale, tag }: ParsedFilter,
  now: EpochMs,
  keyOf: (key: string) => string,
): Test[] {
  const tests: Test[] = [];
  if (key !== undefined) tests.push((entry) => keyOf(entry.key) === key);
  if (tag !== undefined) {
    const stored = userTag(tag);
    tests.push(({ tags }) => tags.includes(stored));
  }
  if (stale !== undefined) tests.push((entry) => isStaleAt(entry, now) === stale);
  if (olderThan !== undefined) {
    const before = olderThan(now);
    tests.push(({ createdAtMs }) => createdAtMs < before);
  }
  if (method !== undefined) tests.push(({ head }) => decodeHead(head)?.head.method === method);
  if (matches !== undefined) tests.push(({ head }) => urlsOfHead(head).some((each) => matches(each)));
  return tests;
}
