/** Options that say the same are made complete once. */
import { givenOptions, SAYS_NOTHING } from '../../lib/options/given.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';

const said = (options: unknown): string => givenOptions(options).said;
const isSame = (one: unknown, other: unknown): boolean => {
  const [first, second] = [givenOptions(one), givenOptions(other)];
  expect(first.said === second.said).toBe(first.options === second.options);
  return first.said === second.said;
};
const nested = (value: unknown, depth: number): unknown => (depth === 0 ? value : [nested(value, depth - 1)]);

test('no options say nothing', () => {
  for (const options of [undefined, null, {}, { mode: undefined }]) expect(said(options)).toBe(SAYS_NOTHING);
});

test.each<[string, unknown, unknown]>([
  ['values', { expireAfter: '5m', mode: 'no-cache' }, { expireAfter: '5m', mode: 'no-cache' }],
  ['members in another order', { expireAfter: '5m', mode: 'no-cache' }, { mode: 'no-cache', expireAfter: '5m' }],
  ['a member that is undefined', { expireAfter: '5m', mode: undefined }, { expireAfter: '5m' }],
  ['lists', { ignoredParams: ['a', 'b'] }, { ignoredParams: ['a', 'b'] }],
  ['dates', { expireAfter: new Date(9e12) }, { expireAfter: new Date(9e12) }],
  ['patterns', { urlsExpireAfter: [[/a/i, '1m']] }, { urlsExpireAfter: [[/a/i, '1m']] }],
  ['objects without prototype', { urlsExpireAfter: { '/a': '1m' } }, {
    urlsExpireAfter: Object.assign(Object.create(null) as object, { '/a': '1m' }),
  }],
])('equal options are the same: %s', (_name, one, other) => {
  expect(isSame(one, other)).toBe(true);
});

test.each<[string, unknown, unknown]>([
  ['values', { expireAfter: '5m' }, { expireAfter: '6m' }],
  ['a number and a text', { expireAfter: 5 }, { expireAfter: '5s' }],
  ['the text of a number', { expireAfter: 60 }, { expireAfter: 60.5 }],
  ['a boolean', { cacheControl: true }, { cacheControl: false }],
  ['a member more', { expireAfter: '5m' }, { expireAfter: '5m', mode: 'no-cache' }],
  ['names', { staleIfError: 5 }, { staleWhileRevalidate: 5 }],
  ['the order of a list', { ignoredParams: ['a', 'b'] }, { ignoredParams: ['b', 'a'] }],
  ['one text for two', { ignoredParams: ['a', 'b'] }, { ignoredParams: ['a,b'] }],
  ['dates', { expireAfter: new Date(9e12) }, { expireAfter: new Date(9e12 + 1) }],
  ['the flags of a pattern', { urlsExpireAfter: [[/a/i, '1m']] }, { urlsExpireAfter: [[/a/, '1m']] }],
  ['a pattern and its text', { urlsExpireAfter: [[/a/, '1m']] }, { urlsExpireAfter: [['/a/', '1m']] }],
  ['the order of URL patterns, of which the first one counts', {
    urlsExpireAfter: { 'a.test/*': '1m', '/users': '2m' },
  }, { urlsExpireAfter: { '/users': '2m', 'a.test/*': '1m' } }],
  ['functions', { key: () => 'a' }, { key: () => 'a' }],
  ['storages', { storage: new MemoryStorage() }, { storage: new MemoryStorage() }],
])('other options are not: %s', (_name, one, other) => {
  expect(isSame(one, other)).toBe(false);
});

test('the same functions and storages are', () => {
  const key = (): string => 'a';
  const storage = new MemoryStorage();
  expect(isSame({ key, storage }, { key, storage })).toBe(true);
});

test('what is wrong is refused each time, and what cannot be read says the same as nothing else', () => {
  for (let time = 0; time < 2; time += 1) {
    expect(() => givenOptions({ ttl: 1 })).toThrow(expect.objectContaining({ option: 'ttl' }));
  }
  const circle: unknown[] = [];
  circle.push(circle);
  expect(() => givenOptions({ tags: circle })).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION' }));
  expect(() => givenOptions({ tags: nested('a', 20) })).toThrow(expect.objectContaining({ option: 'tags[0]' }));
});
