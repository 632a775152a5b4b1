/**
 * Where there is no node:crypto, digests are made in JavaScript: how many a session with everything in memory makes.
 */
import axios, { type AxiosInstance } from 'axios';
import { setupCache } from '../../lib/index.js';
import type * as Platform from '../../lib/support/platform.js';
import * as hashes from '../../lib/support/sha256.js';

jest.mock<typeof Platform>('../../lib/support/platform.js', () => ({
  ...jest.requireActual<typeof Platform>('../../lib/support/platform.js'),
  nodeCrypto: () => undefined,
}));
jest.mock<typeof hashes>('../../lib/support/sha256.js', () => {
  const actual = jest.requireActual<typeof hashes>('../../lib/support/sha256.js');
  return { sha256: jest.fn(actual.sha256), hmacSha256: jest.fn(actual.hmacSha256) };
});
const sha256 = jest.mocked(hashes.sha256);
const hmacSha256 = jest.mocked(hashes.hmacSha256);

const cachedInstance = (): AxiosInstance => {
  const instance = axios.create({
    baseURL: 'https://api.example.com',
    adapter: (config) => Promise.resolve({ data: '{}', status: 200, statusText: 'OK', headers: {}, config }),
  });
  return setupCache(instance, { expireAfter: '1h' });
};

beforeEach(() => {
  sha256.mockClear();
  hmacSha256.mockClear();
});

test('none before the first request', () => {
  cachedInstance();
  expect(sha256).not.toHaveBeenCalled();
  expect(hmacSha256).not.toHaveBeenCalled();
});

test('one for each key that response.cache shows, however often it is asked for', async () => {
  const http = cachedInstance();
  for (const url of ['/one', '/two', '/one', '/two', '/one']) await http.get(url);
  expect(sha256).toHaveBeenCalledTimes(2);
  expect((await http.get('/one')).cached).toBe(true);
  expect(sha256).toHaveBeenCalledTimes(2);
});

test('none under the secret where no request has credentials, and no secret for each that has', async () => {
  const http = cachedInstance();
  await http.get('/without');
  expect(hmacSha256).not.toHaveBeenCalled();
  for (const name of ['ada', 'ada', 'grace']) await http.get('/with', { headers: { Authorization: name } });
  expect(hmacSha256).toHaveBeenCalledTimes(1);
});
