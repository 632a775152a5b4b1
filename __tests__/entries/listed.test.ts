/** Entries as a listing shows them. */
import { makeEntry } from '../../lib/entries/entry.js';
import { describeListed, isStaleAt } from '../../lib/entries/listed.js';
import type { StoredEntryInfo } from '../../lib/api/storage.js';
import { ADDRESS, HEAD, RECEIVED } from './sample.js';

const info = (given: Partial<StoredEntryInfo> = {}): StoredEntryInfo => ({
  ...makeEntry(HEAD, new Uint8Array(0), ADDRESS).raw,
  bodyBytes: 3,
  ...given,
});

test('what is stored is shown, without the cache’s own tags', () => {
  expect(describeListed(info({ tags: ['tag', '\u0000group x'] }), 'shown key', RECEIVED)).toEqual({
    key: 'shown key',
    url: 'http://api.test/thing',
    method: 'GET',
    status: 200,
    tags: ['tag'],
    createdAt: new Date(RECEIVED),
    expiresAt: new Date(RECEIVED + 60_000),
    stale: false,
    bytes: 3,
  });
});

test('what never expires has no date', () => {
  expect(describeListed(info({ expiresAtMs: Infinity }), 'key', RECEIVED)).toMatchObject({
    expiresAt: null,
    stale: false,
  });
});

test('of a head that cannot be read only the rest is shown', () => {
  expect(describeListed(info({ head: '{}' }), 'key', RECEIVED + 60_000)).toMatchObject({
    url: '',
    method: '',
    status: 0,
    stale: true,
    bytes: 3,
  });
});

test.each([
  ['before its end', 59_999, false],
  ['at its end', 60_000, true],
  ['after its end', 60_001, true],
  ['stored a little in the future, as clocks differ', -1000, false],
  ['stored far in the future, by a clock that was ahead', -86_400_000, true],
])('%s', (_when, passed, expected) => {
  expect(isStaleAt({ createdAtMs: RECEIVED, expiresAtMs: RECEIVED + 60_000 }, RECEIVED + passed)).toBe(expected);
});
