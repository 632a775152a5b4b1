/** What an app sees of a class of a subpath that is for Node, where it was built for browsers. */
import { isCacheError } from 'axios-client-cache';
import { notForBrowsers } from '../../lib/api/not-for-browsers.js';

const SqliteStorage = notForBrowsers('SqliteStorage', 'axios-client-cache/sqlite');

test.each([
  ['constructed', () => new SqliteStorage('./cache.sqlite')],
  ['called, as functions of such a subpath are', () => (SqliteStorage as unknown as () => void)()],
  ['extended and constructed', () => new (class extends SqliteStorage {})()],
])('where it is %s it says that it is not for browsers, and what is', (_case, use) => {
  const error = thrownBy(use);
  expect(isCacheError(error) && error.code).toBe('ERR_CACHE_DRIVER');
  expect(String(error)).toContain('SqliteStorage of axios-client-cache/sqlite is for Node and not for browsers');
  expect(String(error)).toContain('IndexedDbStorage');
});

test('it can be compared with, and has its name', () => {
  expect({} instanceof SqliteStorage).toBe(false);
  expect(SqliteStorage.name).toBe('SqliteStorage');
});

function thrownBy(use: () => unknown): unknown {
  try {
    return use();
  } catch (error) {
    return error;
  }
}
