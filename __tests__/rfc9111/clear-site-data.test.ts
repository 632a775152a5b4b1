/** These tests say which Clear-Site-Data fields mean the cache, and from where they count. */
import { isOfOrigin, originToClear } from '../../lib/rfc9111/decide-invalidation.js';
import { answerOf } from './heads.js';

const cleared = (field: string | string[], url = 'https://a.test/x') =>
  originToClear(answerOf({ 'clear-site-data': field }), url);

test.each<[string | string[], boolean]>([
  ['"cache"', true],
  ['"*"', true],
  ['"cookies", "cache"', true],
  [['"cookies"', '"cache"'], true],
  ['"unknown","cache"', true],
  ['cache', false],
  ['*', false],
  ['"Cache"', false],
  ['"cookies", "storage"', false],
  ['"cookies, "cache"', false],
  ['', false],
])('%j: %s', (field, clears) => {
  expect(cleared(field)).toBe(clears ? 'https://a.test' : undefined);
});

test('without the field nothing is cleared', () => {
  expect(originToClear(answerOf({}), 'https://a.test/')).toBeUndefined();
});

test.each([
  ['https://a.test:8443/x?y', 'https://a.test:8443'],
  ['http://localhost:3000/', 'http://localhost:3000'],
  ['http://app.localhost/', 'http://app.localhost'],
  ['http://127.0.0.1:80/', 'http://127.0.0.1'],
  ['http://127.9.8.7/', 'http://127.9.8.7'],
  ['http://127.10.0.12/', 'http://127.10.0.12'],
  ['ftp://localhost/', undefined],
  ['http://[::1]:3000/', 'http://[::1]:3000'],
  ['http://a.test/', undefined],
  ['http://localhost.a.test/', undefined],
  ['http://notlocalhost/', undefined],
  ['http://127.0.0.1.a.test/', undefined],
  ['/relative', undefined],
])('from %s: %s', (url, origin) => {
  expect(cleared('"cache"', url)).toBe(origin);
});

test.each([
  ['https://a.test/x', true],
  ['https://a.test:443/x', true],
  ['https://a.test:444/x', false],
  ['http://a.test/x', false],
  ['https://b.a.test/x', false],
  ['/x', false],
])('%s is of https://a.test: %s', (url, is) => {
  expect(isOfOrigin(url, 'https://a.test')).toBe(is);
});
