/** `stats` counts what the cache has done; `response.cache.upstream` tells what other caches did before it. */
import { type CacheEvent, MemoryStorage } from '../../lib/index.js';
import { startCached } from '../support/cached-instance.js';

const BODY = 'ten bytes!';
const FRESH = { 'Cache-Control': 'max-age=60', ETag: '"1"' };

test('each request counts once, by what became of it', async () => {
  const { http, origin, clock } = await startCached(({ headers, url }) => {
    // The server takes a quarter of a second.
    clock.advance(0.25);
    if (url === '/broken') return { status: 500 };
    return headers['if-none-match'] === undefined ? { headers: FRESH, body: BODY } : { status: 304, headers: FRESH };
  });
  expect(http.cache.stats()).toEqual({
    requests: { hit: 0, stale: 0, revalidated: 0, miss: 0, bypass: 0 },
    hitRate: 0, bytesSaved: 0, secondsSaved: 0, storageErrors: 0, hosts: {},
  });
  await http.get('/a');
  await http.get('/a');
  await http.get('/a', { headers: { Range: 'bytes=0-3' } });
  await http.head('/a');
  clock.advance(61);
  await http.get('/a', { cache: 'force-cache' });
  await http.get('/a');
  await http.get('/broken').catch(() => undefined);
  await http.get('/a', { cache: false });
  const { host } = new URL(origin.url);
  expect(http.cache.stats()).toEqual({
    requests: { hit: 3, stale: 1, revalidated: 1, miss: 2, bypass: 1 },
    hitRate: 5 / 7,
    bytesSaved: 10 + 4 + 0 + 10 + 10,
    secondsSaved: 4 * 0.25,
    storageErrors: 0,
    hosts: { [host]: { requests: 8, hits: 5, bytesSaved: 34 } },
  });
});

test('who shares the request of another counts as one who got it from the cache', async () => {
  const { http, origin } = await startCached(() => ({ headers: FRESH, body: BODY }));
  const gate = origin.hold('/a');
  const both = [http.get('/a'), http.get('/a')];
  await gate.arrived();
  gate.release();
  await Promise.all(both);
  expect(http.cache.stats()).toMatchObject({ requests: { miss: 2 }, hitRate: 0.5, bytesSaved: 10, secondsSaved: 0 });
});

test('a rejected answer from the cache counts, and so do children and failures of the storage', async () => {
  const storage = new MemoryStorage();
  const { http, origin } = await startCached(() => ({ status: 404, headers: FRESH, body: BODY }), {
    storage, allowedCodes: [200, 404],
  });
  const child = http.create({ baseURL: origin.url });
  for (const each of [http, child]) await each.get('/a').catch(() => undefined);
  expect(child.cache.stats()).toMatchObject({ requests: { miss: 1, hit: 1 }, hitRate: 0.5, bytesSaved: 10 });
  storage.get = () => { throw new Error('the disk is gone'); };
  await http.get('/b').catch(() => undefined);
  expect(http.cache.stats().storageErrors).toBe(1);
});

test('what the caches on the way did is told on the answer and on its later uses', async () => {
  const headers = { ...FRESH, 'Cache-Status': 'Edge; hit; ttl=9', Age: '4' };
  const events: CacheEvent[] = [];
  const { http } = await startCached(() => ({ headers, body: BODY }), { onEvent: (event) => { events.push(event); } });
  const upstream = { status: 'hit', hit: true, by: 'Edge', age: 4 };
  expect((await http.get('/a')).cache.upstream).toEqual(upstream);
  expect((await http.get('/a')).cache).toMatchObject({ status: 'hit', upstream });
  expect(events.flatMap((event) => ('info' in event ? [event.info.upstream] : []))).toEqual([upstream, upstream]);
  expect((await http.get('/a', { cache: false })).cache.upstream).toBeUndefined();
});
