/** Parameters that a paramsSerializer leaves unescaped: another URL for the adapter is another one for the key. */
import type { AxiosRequestConfig } from 'axios';
import { numbered, startCached } from '../../support/cached-instance.js';

const asItIs = { paramsSerializer: { encode: (value: string) => value } };
const FRESH = { headers: { 'Cache-Control': 'max-age=100' } };
const start = () => startCached({ '/lang': numbered(FRESH) }, { defaults: asItIs, redactedParams: ['pin'] });

test.each([
  ['a fragment', 'c', 'c#sharp'],
  ['what follows a fragment', 'c#sharp', 'c#flat'],
  ['a fragment and its escape', 'c#sharp', 'c%23sharp'],
  ['our own notation', '#', '%x0023'],
  ['a percent sign', '%', '%25'],
])('%s: two requests', async (_name, one, other) => {
  const { http } = await start();
  const asked = async (q: string) => http.get<string>('/lang', { params: { q } });
  await asked(one);
  expect((await asked(other)).cached).toBe(false);
  for (const each of [one, other]) expect((await asked(each)).cached).toBe(true);
});

test('what another adapter sends of it is another request, and goes with it', async () => {
  const { http, origin } = await start();
  const q = 'c#sharp';
  const asked = async (adapter: string) => http.get<string>('/lang', { params: { q }, adapter });
  const [byHttp, byFetch] = [await asked('http'), await asked('fetch')];
  expect([byFetch.cached, origin.requests.map(({ url }) => url)]).toEqual([false, ['/lang?q=c#sharp', '/lang?q=c']]);
  expect([(await asked('http')).data, (await asked('fetch')).data]).toEqual([byHttp.data, byFetch.data]);
  expect(origin.count()).toBe(2);
  expect(await http.cache.delete('/lang', { params: { q } })).toBe(2);
});

test('a fragment of the URL itself still does not count', async () => {
  const { http, origin } = await start();
  const same: (readonly [string, AxiosRequestConfig?])[] = [
    ['/lang#top'], ['/lang#end', { params: {} }], ['/lang', { params: { q: undefined } }],
    ['/lang?q=1#top'], ['/lang#end', { params: { q: 1 } }],
  ];
  for (const [url, config] of same) await http.get(url, config);
  expect(origin.count()).toBe(2);
});

test('what the adapter refuses to send is refused, whatever is stored', async () => {
  const { http } = await start();
  await http.get('/lang', { params: { q: 'ab' } });
  await expect(http.get('/lang', { params: { q: 'a\tb' } })).rejects.toThrow(/unescaped/);
});

test('secrets stay secret, and all of them go together', async () => {
  const { http } = await start();
  const params = { q: 'c#sharp', pin: 'SECRET', token: 'SECRET' };
  const { cache } = await http.get('/lang', { params });
  expect(cache.url).toMatch(/\/lang\?pin=\*\*\*&q=c%23sharp&token=\*\*\*$/);
  for await (const { key } of http.cache.storage.entries()) expect(key).not.toContain('SECRET');
  expect(await http.cache.delete('/lang', { params })).toBe(1);
});

test('a URL pattern sees the whole URL', async () => {
  const options = { defaults: asItIs, urlsExpireAfter: [[/c%23sharp$/, false]] as const };
  const { http } = await startCached({ '/lang': numbered() }, options);
  expect((await http.get('/lang', { params: { q: 'c#sharp' } })).cache.reason).toBe('off');
});
