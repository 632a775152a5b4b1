/** What `expire` gives stored answers, what `set` says of a storage that fails, what `explain` says of odd requests. */
import axios from 'axios';
import { CacheError, MemoryStorage, setupCache } from '../../lib/index.js';
import { numbered, startCached, told } from '../support/cached-instance.js';
import { faultyStorage } from '../support/faulty-storage.js';
import { all } from '../support/listing.js';

const HOUR = 3600;

describe('expire', () => {
  test('until a Date, and for as long as a number says', async () => {
    const { http, clock } = await startCached(numbered(), { expireAfter: 60 });
    await http.get('/date');
    await http.get('/number');
    expect(await http.cache.expire({ url: '/date' }, new Date(clock.now() + 2 * HOUR * 1000))).toBe(1);
    expect(await http.cache.expire({ url: '/number' }, HOUR)).toBe(1);
    clock.advance(HOUR - 1);
    expect([told(await http.get('/date')), told(await http.get('/number'))]).toEqual(['hit fresh', 'hit fresh']);
    clock.advance(2);
    expect((await http.get('/number')).cached).toBe(false);
    clock.advance(HOUR);
    expect((await http.get('/date')).cached).toBe(false);
  });

  test('heuristic guesses by Last-Modified, and ends what has none', async () => {
    const sentAt = Date.UTC(2030, 0, 1);
    const dated = {
      Date: new Date(sentAt).toUTCString(),
      'Last-Modified': new Date(sentAt - 100 * HOUR * 1000).toUTCString(),
    };
    const { http, clock } = await startCached(({ path }) => ({ headers: path === '/dated' ? dated : {}, body: 'x' }), {
      expireAfter: '1 week',
    });
    for (const path of ['/dated', '/undated']) await http.get(path);
    expect(await http.cache.expire({ method: 'get' }, 'heuristic')).toBe(2);
    clock.advance(9 * HOUR);
    expect(told(await http.get('/dated'))).toBe('hit fresh');
    expect((await http.get('/undated')).cached).toBe(false);
  });

  test('0 ends it now, as nothing does, and what is stale already is left as it is', async () => {
    const { http, clock } = await startCached(numbered(), { expireAfter: 60 });
    await http.get('/x');
    clock.advance(5);
    expect([await http.cache.expire({ url: '/x' }, 0), await http.cache.expire({ url: '/x' })]).toEqual([1, 0]);
    const [ended] = await all(http.cache.entries());
    expect(ended?.expiresAt).toEqual(new Date(clock.now()));
    clock.advance(1);
    expect((await http.get('/x')).cached).toBe(false);
  });

  test('what another instance has under way is not stored with the lifetime that it had', async () => {
    const storage = new MemoryStorage();
    const { http, origin, clock } = await startCached(numbered(), { storage, expireAfter: 60 });
    const other = setupCache(axios.create({ baseURL: origin.url }), { storage, now: clock.now, expireAfter: 60 });
    const held = origin.hold('/x');
    const asked = other.get('/x');
    await held.arrived();
    expect(await http.cache.expire({ url: '/x' })).toBe(0);
    held.release();
    expect((await asked).cache.notStored).toBe('invalidated');
    await other.cache.close();
  });

  test('leaves alone what cannot be read', async () => {
    const storage = new MemoryStorage();
    const { http } = await startCached(numbered(), { storage, tags: ['a'] });
    await http.get('/x');
    const [info] = await all(storage.entries());
    await storage.set({ ...info!, head: '{', body: new Uint8Array() });
    expect(await http.cache.expire({ tag: 'a' })).toBe(0);
  });

  test('rejects where the storage does not take it, and can be called again', async () => {
    const faulty = faultyStorage(new MemoryStorage());
    const { http } = await startCached(numbered(), { storage: faulty.storage });
    await http.get('/x');
    faulty.become('is full');
    await expect(http.cache.expire({ url: '/x' })).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
    faulty.become(undefined);
    expect(await http.cache.expire({ url: '/x' })).toBe(1);
  });
});

test('set rejects where the storage is full', async () => {
  const faulty = faultyStorage(new MemoryStorage());
  const { http } = await startCached(numbered(), { storage: faulty.storage });
  await http.get('/y');
  faulty.become('is full');
  const setting = http.cache.set('/x', { data: 'x' });
  await expect(setting).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  await expect(setting).rejects.toThrow('did not take the answer');
  faulty.become(undefined);
});

test('and where it cannot be read, so that it is not known what was deleted: then nothing is stored', async () => {
  const storage = new MemoryStorage();
  const { http } = await startCached(numbered(), { storage });
  await http.get('/y');
  Object.assign(storage, { get: () => Promise.reject(new Error('no connection')) });
  await expect(http.cache.set('/x', { data: 'x' })).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  expect(await all(storage.entries())).toHaveLength(1);
});

describe('explain', () => {
  test('of what is served stale and renewed behind it', async () => {
    const { http, clock } = await startCached(numbered(), { expireAfter: 60, staleWhileRevalidate: true });
    await http.get('/x');
    clock.advance(61);
    expect(await http.cache.explain('/x')).toMatchObject({ would: 'stale', reason: 'stale-while-revalidate' });
  });

  test('of what may not be asked for', async () => {
    const { http } = await startCached(numbered());
    const { would, reason } = await http.cache.explain('/x', { cache: 'only-if-cached' });
    expect([would, reason]).toEqual(['miss', 'only-if-cached']);
  });

  test('of a server that takes no conditions: all of it would be asked for', async () => {
    const { http, clock } = await startCached(({ headers }) =>
      headers['if-none-match'] === undefined
        ? { headers: { ETag: '"1"', 'Cache-Control': 'max-age=60' }, body: 'x' }
        : { status: 403, body: 'no conditions here' });
    await http.get('/x');
    clock.advance(61);
    expect((await http.cache.explain('/x')).would).toBe('revalidated');
    await http.get('/x');
    clock.advance(61);
    expect((await http.cache.explain('/x')).would).toBe('miss');
  });

  test('of what is stored in part', async () => {
    const headers = { ETag: '"1"', 'Content-Range': 'bytes 0-3/10', 'Cache-Control': 'max-age=60' };
    const { http } = await startCached(() => ({ status: 206, headers, body: 'abcd' }), { allowedCodes: [200, 206] });
    await http.get('/x', { headers: { Range: 'bytes=0-3' } });
    expect(await http.cache.explain('/x')).toMatchObject({ would: 'miss', reason: 'partial' });
  });

  test('of a storage that fails', async () => {
    const faulty = faultyStorage(new MemoryStorage());
    const { http } = await startCached(numbered(), { storage: faulty.storage });
    await http.get('/y');
    for (const fault of ['is refused', 'hangs on reads only'] as const) {
      faulty.become(fault);
      await expect(http.cache.explain('/x')).rejects.toBeInstanceOf(CacheError);
    }
    faulty.become(undefined);
  });
});
