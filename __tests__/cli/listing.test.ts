/** The conditions of the command line: what a pattern of URLs and an age mean, and that no pattern takes long. */
import { UsageError } from '../../lib/cli/faults.js';
import { type Conditions, testOf } from '../../lib/cli/listing.js';

const NOW = Date.UTC(2030, 0, 1);

const matches = (url: string, conditions: Conditions, ageMs = 0): boolean => {
  const info = {
    key: 'k', resource: 'r', variant: '', revision: '1', tags: [], createdAtMs: NOW - ageMs, expiresAtMs: 0,
    purgeAtMs: 0, head: '', bodyBytes: 0,
  };
  return testOf(conditions, NOW)({ info, head: { url, method: 'GET' } as never });
};

test.each([
  ['https://a.test/users/7', 'a.test/users/*', true],
  ['https://a.test/users', 'a.test/users/*', true],
  ['https://a.test/users/7?x=1', 'a.test/users/7', true],
  ['https://a.test/users/7?x=1', 'a.test/users/7?x=*', true],
  ['https://a.test/users/7?y=1', 'a.test/users/7?x=*', false],
  ['https://a.test/a.b', 'a.test/a.b*', true],
  ['https://a.test/aXb', 'a.test/a.b*', false],
  ['https://a.test/abab', '*ab*ab*ab', false],
  ['https://a.test/ababab', '*ab*ab*ab', true],
  ['https://a.test/ab', '*/ab*b', false],
  ['http://a.test/x', 'https://*', false],
])('%s, --url %s: %s', (url, pattern, isLike) => {
  expect(matches(url, { url: pattern })).toBe(isLike);
});

// Tried one way after the other, this does not end.
test('a pattern with many wildcards says no to a long URL', () => {
  expect(matches(`https://${'a'.repeat(5000)}`, { url: `${'*a'.repeat(200)}b` })).toBe(false);
});

test.each<[unknown, number]>([
  ['500ms', 500], ['90s', 90_000], [90, 90_000], ['5m', 300_000], ['2h', 7_200_000], ['3d', 259_200_000],
  ['1 week', 604_800_000],
])('--older-than %p', (olderThan, ms) => {
  expect(matches('https://a.test/', { olderThan: olderThan as string }, ms + 1)).toBe(true);
  expect(matches('https://a.test/', { olderThan: olderThan as string }, ms)).toBe(false);
});

const NO_AGES = ['soon', '5 months', '2 decades', '', '-5m', 'm'];

test.each(NO_AGES)('--older-than %p is refused, not guessed at', (olderThan) => {
  expect(() => testOf({ olderThan }, NOW)).toThrow(UsageError);
});
