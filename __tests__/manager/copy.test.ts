/** `http.cache.copyTo`: what is copied and what is not, and how it ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import {
  type CachedAxiosInstance,
  type CacheOptions,
  type CacheStorage,
  type CopyProgress,
  MemoryStorage,
  setupCache,
} from '../../lib/index.js';
import { HarStorage, recordReplay } from '../../lib/testing.js';
import { sample } from '../../lib/storage/contract/rule.js';
import { type CachedOrigin, having, numbered, startCached, told } from '../support/cached-instance.js';
import { all } from '../support/listing.js';
import { newPath, openStorage as openSqlite } from '../support/sqlite.js';

const ADA = having({ Authorization: 'Bearer ada' });

/** Another instance for the same origin, on the same clock. */
const onto = (
  { origin, clock }: CachedOrigin,
  storage: CacheStorage,
  options: CacheOptions = {},
): CachedAxiosInstance =>
  setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
    storage, now: clock.now, expireAfter: '1h', ...options,
  });

const start = (options: CacheOptions = {}): Promise<CachedOrigin> =>
  startCached(numbered(), { expireAfter: '1h', ...options });

const NONE = { 'not-findable': 0, expired: 0, gone: 0, newer: 0, 'too-large': 0 };

describe('where the other storage has a secret of its own', () => {
  test.each<[string, () => CacheStorage, () => CacheStorage]>([
    ['SQLite to SQLite', () => openSqlite(newPath()), () => openSqlite(newPath())],
    ['SQLite to memory', () => openSqlite(newPath()), () => new MemoryStorage()],
    ['memory to SQLite', () => new MemoryStorage(), () => openSqlite(newPath())],
    ['memory to memory', () => new MemoryStorage(), () => new MemoryStorage()],
  ])('%s: what is for anybody is found there, and nothing else is copied', async (_name, from, to) => {
    const made = await startCached(({ url }) => ({ headers: url === '/langs' ? { Vary: 'Accept-Language' } : {} }), {
      storage: from(), expireAfter: '1h',
    });
    const { http, origin } = made;
    const other = onto(made, to());
    await other.get('/theirs');
    await http.get('/users?b=2&a=1', { cache: { tags: ['people'] } });
    await http.get('/users', ADA);
    await http.get('/users', { cache: { partition: 'grace' } });
    await http.get('/search?api_key=secret');
    await http.get('/langs', having({ 'Accept-Language': 'de' }));
    const asked = origin.count();
    expect(await http.cache.copyTo(other.cache.storage)).toEqual({
      copied: 1, skipped: { ...NONE, 'not-findable': 4 }, failed: 0, bytes: 0,
    });
    expect(told(await other.get('/users?a=1&b=2'))).toBe('hit fresh');
    for (const config of [ADA, { cache: { partition: 'eve' } }]) {
      expect(await other.cache.has('/users?a=1&b=2', config)).toBe(false);
    }
    expect(told(await other.get('/theirs'))).toBe('hit fresh');
    expect(origin.count()).toBe(asked);
    expect(await other.cache.count()).toBe(2);
    expect(await other.cache.deleteMatching({ tag: 'people' })).toBe(1);
    await other.cache.close();
  });

  test('an answer of a group stays out of a memory in use, where its group could not be named', async () => {
    const made = await startCached(() => ({ headers: { 'Cache-Groups': '"people"' } }), {
      storage: openSqlite(newPath()), expireAfter: '1h',
    });
    const other = onto(made, new MemoryStorage());
    await other.get('/theirs');
    await made.http.get('/users');
    expect(await made.http.cache.copyTo(other.cache.storage)).toMatchObject({ copied: 0 });
    await other.cache.close();
  });
});

describe('never the data of another user', () => {
  test('what belongs to a cookie jar stays in this process', async () => {
    const made = await start();
    class Jar {}
    const jar = new Jar();
    await made.http.get('/mine', { jar } as object);
    const other = onto(made, new MemoryStorage());
    expect(await made.http.cache.copyTo(other.cache.storage)).toMatchObject({ copied: 1 });
    expect(told(await other.get('/mine', { jar } as object))).toBe('hit fresh');
    expect((await other.get('/mine', { jar: new Jar() } as object)).cached).toBe(false);
    const file = openSqlite(newPath());
    expect(await made.http.cache.copyTo(file)).toMatchObject({ copied: 0, skipped: { 'not-findable': 1 } });
    await file.close();
    await other.cache.close();
  });

  test('a file of requests is given what is for anybody, as it has no users', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'copy-'));
    const file = join(folder, 'cache.har');
    const made = await start({ allowedMethods: ['GET', 'POST'] });
    await made.http.get('/users');
    await made.http.get('/private', ADA);
    await made.http.get('/named', { cache: { partition: 'ada' } });
    await made.http.post('/search', { q: 'x' });
    const har = new HarStorage(file);
    expect(await made.http.cache.copyTo(har)).toMatchObject({ copied: 1, skipped: { 'not-findable': 3 } });
    await har.finish();
    await har.close();
    const read = onto(made, new HarStorage(file), { allowedMethods: ['GET', 'POST'], includeHeaders: [] });
    expect((await read.get('/users')).cached).toBe(true);
    expect((await read.get('/private')).cached).toBe(false);
    expect((await read.post('/search', {})).cached).toBe(false);
    await read.cache.close();
    rmSync(folder, { recursive: true });
  });
});

test('what was recorded goes along to a file of requests, whatever it was asked for by', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'copy-'));
  const recording = recordReplay(new MemoryStorage(), 'record');
  const { http } = await start(recording);
  await http.get('/users');
  await http.get('/search?api_key=secret');
  const har = new HarStorage(join(folder, 'cache.har'));
  expect(await http.cache.copyTo(har)).toMatchObject({ copied: 2, skipped: NONE });
  await http.cache.storage.set(sample({ key: 'of another version', head: '["?"]' }));
  const unreadable = await http.cache.copyTo(har, { filter: { unreadable: true } });
  expect(unreadable).toMatchObject({ copied: 0, skipped: { ...NONE, 'not-findable': 1 } });
  await har.close();
  rmSync(folder, { recursive: true });
});

test('each storage is asked for an entry by what may invalidate it', async () => {
  const { http } = await start();
  await http.get('/users', { cache: { tags: ['people'] } });
  const to = new MemoryStorage();
  const asked: unknown[] = [];
  for (const storage of [http.cache.storage, to]) {
    const get = storage.get.bind(storage);
    storage.get = (key, scope) => {
      asked.push(scope);
      return get(key, scope);
    };
  }
  await http.cache.copyTo(to);
  const [stored] = await all(to.entries());
  const scope = { resource: stored?.resource, tags: stored?.tags };
  expect(scope.tags).not.toEqual([]);
  expect(asked).toEqual([scope, scope]);
});

test('only what the filter means', async () => {
  const { http } = await start();
  await http.get('/users', { cache: { tags: ['people'] } });
  await http.get('/teams');
  const to = new MemoryStorage();
  expect(await http.cache.copyTo(to, { filter: { tag: 'people' } })).toMatchObject({ copied: 1, skipped: NONE });
  expect(await all(to.entries())).toHaveLength(1);
});

describe('what the other storage has', () => {
  test('stays where it is as new, so that a second copy changes nothing', async () => {
    const made = await start();
    const { http, clock } = made;
    await http.get('/a');
    await http.get('/b');
    const to = new MemoryStorage();
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 2 });
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 0, skipped: { ...NONE, newer: 2 } });
    const other = onto(made, to);
    clock.advance(60);
    const { data } = await other.cache.refresh<string>('/a');
    await http.cache.refresh('/b');
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 1, skipped: { ...NONE, newer: 1 } });
    expect((await other.get<string>('/a')).data).toBe(data);
    expect((await other.get<string>('/b')).data).toBe((await http.get<string>('/b')).data);
    await other.cache.close();
  });

  test('of another variant is no reason to leave one out, and each is copied as it is', async () => {
    const made = await startCached(({ headers: { 'x-lang': language } }) => ({
      headers: { Vary: 'X-Lang' }, body: `in ${String(language)}`,
    }), { expireAfter: '1h' });
    const { http, clock } = made;
    const in_ = (language: string) => having({ 'X-Lang': language });
    const to = new MemoryStorage();
    await http.get('/langs', in_('de'));
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 1 });
    await http.get('/langs', in_('fr'));
    clock.advance(60);
    const other = onto(made, to);
    await other.get('/langs', in_('en'));
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 1, skipped: { ...NONE, newer: 1 } });
    for (const language of ['de', 'fr', 'en']) {
      expect(await other.get('/langs', in_(language))).toMatchObject({ cached: true, data: `in ${language}` });
    }
    await other.cache.close();
  });

  test('is not stored where it is invalidated there while it is read here', async () => {
    const made = await start({ storage: openSqlite(newPath()) });
    const to = new MemoryStorage();
    const other = onto(made, to);
    await made.http.get('/users');
    const { storage } = made.http.cache;
    const get = storage.get.bind(storage);
    storage.get = async (...given) => {
      await other.cache.invalidateTags('unknown');
      await other.delete('/users');
      return get(...given);
    };
    expect(await made.http.cache.copyTo(to)).toMatchObject({ copied: 0, skipped: { ...NONE, newer: 1 } });
    expect(await other.cache.count()).toBe(0);
    await other.cache.close();
  });
});

test('what is expired, too large, or goes or changes meanwhile is counted', async () => {
  const { http, clock } = await startCached(({ url }) => ({ body: url.repeat(1000) }), { keepStale: '1s' });
  const { storage } = http.cache;
  await http.get('/short', { cache: 10 });
  await http.get(`/${'long'.repeat(100)}`, { cache: '1h' });
  await http.get('/gone', { cache: '1h' });
  await http.get('/new', { cache: '1h' });
  // Until the first is good for nothing any more, and no longer.
  clock.advance(10);
  const get = storage.get.bind(storage);
  storage.get = async (key, scope) => {
    const read = await get(key, scope);
    if (key.includes('/new')) return { ...read, entries: read.entries.map((each) => ({ ...each, revision: 'new' })) };
    return key.includes('/gone') ? { ...read, entries: [] } : read;
  };
  const seen: CopyProgress[] = [];
  const onProgress = (progress: CopyProgress): void => {
    seen.push(progress);
    throw new Error('nobody hears of it');
  };
  const told = await http.cache.copyTo(new MemoryStorage({ maxBytes: 50_000 }), { onProgress });
  expect(told).toEqual({ copied: 0, skipped: { ...NONE, expired: 1, gone: 2, 'too-large': 1 }, failed: 0, bytes: 0 });
  expect([seen.length, seen.at(-1)]).toEqual([4, told]);
});

describe('failures', () => {
  test('of single entries are counted and told, and the others are copied', async () => {
    const { http, events } = await start({ storage: openSqlite(newPath()) });
    for (const path of ['/a', '/b', '/c']) await http.get(path);
    const to = new MemoryStorage();
    const set = to.set.bind(to);
    let count = 0;
    to.set = (entry, fence) => {
      if ((count += 1) === 2) throw new Error('no');
      return set(entry, fence);
    };
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 2, failed: 1, skipped: NONE });
    expect(events.filter(({ type }) => type === 'storage-error')).toHaveLength(1);
    expect(told(await http.get('/a'))).toBe('hit fresh');
  });

  test('of readings, here and there, are counted too, and nothing is made of them', async () => {
    const { http } = await start({ storage: openSqlite(newPath()) });
    for (const path of ['/a', '/b']) await http.get(path);
    const fails = (): never => { throw new Error('no'); };
    const blind = Object.assign(new MemoryStorage(), { get: fails });
    expect(await http.cache.copyTo(blind)).toMatchObject({ copied: 0, failed: 2, skipped: NONE });
    const to = new MemoryStorage();
    Object.assign(http.cache.storage, { get: fails });
    expect(await http.cache.copyTo(to)).toMatchObject({ copied: 0, failed: 2, skipped: NONE });
    expect(await all(to.entries())).toEqual([]);
  });

  test('that come as the other storage is closed meanwhile end it', async () => {
    const { http } = await start({ storage: openSqlite(newPath()) });
    for (const path of ['/a', '/b']) await http.get(path);
    const to = new MemoryStorage();
    const set = to.set.bind(to);
    to.set = (...given) => {
      const stored = set(...given);
      void to.close();
      return stored;
    };
    await expect(http.cache.copyTo(to)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('a storage that is closed, or cannot say its secret, ends it', async () => {
    const { http } = await start();
    await http.get('/a');
    const closed = new MemoryStorage();
    await closed.close();
    await expect(http.cache.copyTo(closed)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    const mute = new MemoryStorage();
    mute.meta = () => { throw new Error('no'); };
    await expect(http.cache.copyTo(mute)).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
    expect(told(await http.get('/a'))).toBe('hit fresh');
  });

  test('a listing that fails ends it', async () => {
    const { http } = await start();
    const next = (): Promise<never> => Promise.reject(new Error('no'));
    http.cache.storage.entries = () => ({ [Symbol.asyncIterator]: () => ({ next }) });
    await expect(http.cache.copyTo(new MemoryStorage())).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  });
});

describe('its end', () => {
  test('an abort ends it after the entry that is under way, which is whole', async () => {
    const { http } = await start();
    for (const path of ['/a', '/b', '/c']) await http.get(path);
    const to = new MemoryStorage();
    const controller = new AbortController();
    const { signal } = controller;
    const copying = http.cache.copyTo(to, { signal, onProgress: () => { controller.abort(); } });
    await expect(copying).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    const [info, ...others] = await all(to.entries());
    expect([others, info?.bodyBytes]).toEqual([[], (await http.get<string>('/a')).data.length]);
    await expect(http.cache.copyTo(to, { signal })).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  });

  test('so does close', async () => {
    const { http } = await start();
    for (const path of ['/a', '/b']) await http.get(path);
    const copying = http.cache.copyTo(new MemoryStorage(), { onProgress: () => { void http.cache.close(); } });
    await expect(copying).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    await expect(http.cache.copyTo(new MemoryStorage())).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });
});

test('one body is held at a time', async () => {
  const { http } = await start({ storage: openSqlite(newPath()) });
  for (let page = 0; page < 20; page += 1) await http.get(`/${page}`);
  const { storage } = http.cache;
  const get = storage.get.bind(storage);
  let held = 0;
  let most = 0;
  storage.get = async (...given) => {
    most = Math.max(most, (held += 1));
    return get(...given);
  };
  const to = new MemoryStorage();
  const set = to.set.bind(to);
  to.set = (...given) => {
    held -= 1;
    return set(...given);
  };
  const bytes = 9 * 'answer 1'.length + 11 * 'answer 10'.length;
  expect(await http.cache.copyTo(to)).toMatchObject({ copied: 20, bytes });
  expect(most).toBe(1);
});

test('what this version cannot read goes along where the filter asks for it', async () => {
  const { http } = await start();
  await http.cache.storage.set(sample({ key: 'of another version', head: '["?"]' }));
  expect(await http.cache.copyTo(new MemoryStorage())).toMatchObject({ copied: 0, skipped: NONE });
  const filter = { unreadable: true };
  expect(await http.cache.copyTo(new MemoryStorage(), { filter })).toMatchObject({ copied: 1 });
});

test.each<[string, unknown, unknown]>([
  ['no storage', {}, {}],
  ['a class', MemoryStorage, {}],
  ['an unknown option', new MemoryStorage(), { tag: 'people' }],
  ['a filter in the place of options', new MemoryStorage(), 'people'],
  ['a condition that is none', new MemoryStorage(), { filter: { host: 'a.test' } }],
])('%s is refused', async (_name, storage, options) => {
  const { http } = await start();
  const copying = http.cache.copyTo(storage as CacheStorage, options as object);
  await expect(copying).rejects.toMatchObject({ name: 'CacheError', code: 'ERR_CACHE_OPTION' });
  await expect(http.cache.copyTo(http.cache.storage)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION' });
});
