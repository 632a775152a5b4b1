/** What builds with shortened names have in common with the source: what is stored, and what stands on an instance. */
import type { AxiosAdapter } from 'axios';
import { install, managerOf } from '../../lib/axios/install.js';
import { decodeHead, type EntryHead } from '../../lib/entries/head.js';
import { MemoryStorage } from '../../lib/index.js';
import { givenOptions } from '../../lib/options/given.js';
import { startCached } from '../support/cached-instance.js';

test('the head of an answer, as fetch gives one, is stored under the names by which every build reads it', async () => {
  const storage = new MemoryStorage();
  const finalUrl = 'https://api.test/other';
  const adapter: AxiosAdapter = (config) =>
    Promise.resolve({
      data: 'gone', status: 404, statusText: 'Not Found', headers: {}, config, request: { responseURL: finalUrl },
    });
  const { http } = await startCached({}, { storage, allowedCodes: [404], defaults: { adapter } });
  await http.get('/');
  const heads: (EntryHead | undefined)[] = [];
  for await (const { head } of storage.entries()) heads.push(decodeHead(head)?.head);
  expect(heads).toEqual([expect.objectContaining({ finalUrl, heedsValidateStatus: false })]);
});

test('the request of an answer from the cache has the names by which its URL is read, as with fetch and http', async () => {
  const adapter: AxiosAdapter = (config) =>
    Promise.resolve({ data: 'text', status: 200, statusText: 'OK', headers: {}, config });
  const { http, origin } = await startCached({}, { defaults: { adapter } });
  await http.get('/');
  const { request, cached } = await http.get('/');
  const url = `${origin.url}/`;
  expect(cached).toBe(true);
  expect(request).toMatchObject({ fromCache: true, responseURL: url, res: { responseUrl: url } });
});

test('a cache over fetch that one copy has put on an instance is found by another', async () => {
  const { http } = await startCached({ '/': {} }, { defaults: { adapter: 'fetch' } });
  const { adapter } = http.defaults;
  expect(managerOf(http)).toBe(http.cache);
  install(http, givenOptions({}));
  expect(http.defaults.adapter).toBe(adapter);
  expect(() => { install(http, givenOptions({ debug: true })); }).toThrow('with other options');
});
