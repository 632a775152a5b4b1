/** Two instances on one storage, as two processes have it: what one of them ends, the other does not bring back. */
import axios from 'axios';
import { type CachedAxiosInstance, type CacheStorage, MemoryStorage, setupCache } from '../../lib/index.js';
import { numbered, startCached } from '../support/cached-instance.js';
import { gate } from '../support/exchange.js';
import type { Handler } from '../support/origin.js';
import { newDirectory, openStorage as openFolder } from '../support/filesystem.js';
import { newPath, openStorage } from '../support/sqlite.js';

const FRESH = { 'Cache-Control': 'max-age=60' };
const STALE = { 'Cache-Control': 'max-age=0', ETag: '"1"' };

/** It opens as many instances of one engine as it is asked for. */
type Open = () => CacheStorage;

const STORAGES: readonly (readonly [string, () => Open])[] = [
  ['memory', () => { const storage = new MemoryStorage(); return () => storage; }],
  ['SQLite', () => { const path = newPath(); return () => openStorage(path); }],
  ['filesystem', () => { const directory = newDirectory(); return () => openFolder(directory); }],
];

describe.each(STORAGES)('two instances on one storage, %s', (_name, start) => {
  /** `slow` is held back at the origin, where `held` says so, and `other` is another instance on the same engine. */
  async function startTwo(handler: Handler, open = start(), storage = open()) {
    const made = await startCached(handler, { storage, tags: ['all'] });
    const other = setupCache(axios.create({ baseURL: made.origin.url, proxy: false }), {
      storage: open(),
      now: made.clock.now,
      tags: ['all'],
    });
    closing.push(() => other.cache.close());
    return { ...made, other };
  }

  let closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(closing.map((close) => close()));
    closing = [];
  });

  const INVALIDATIONS: readonly (readonly [string, (http: CachedAxiosInstance) => Promise<unknown>])[] = [
    ['delete(url)', (http) => http.cache.delete('/thing')],
    ['a tag', (http) => http.post('/other', {}, { cache: { invalidates: [{ tag: 'all' }] } })],
    ['a pattern', (http) => http.post('/other', {}, { cache: { invalidates: [{ pattern: /thing/ }] } })],
    ['clear()', (http) => http.cache.clear()],
    ['a PUT', (http) => http.put('/thing', { text: 'new' })],
  ];

  test.each(INVALIDATIONS)('an answer under way is not stored after %s by the other one', async (_by, invalidate) => {
    const [held, arrived] = [gate(), gate()];
    let text = 'old';
    const { http, other } = await startTwo(async ({ method }) => {
      const body = { text };
      if (method === 'GET' && text === 'old') {
        arrived.open();
        await held.passed;
      }
      return { headers: FRESH, body };
    });
    const slow = http.get('/thing');
    await arrived.passed;
    text = 'new';
    await invalidate(other);
    held.open();
    expect((await slow).data).toEqual({ text: 'old' });
    const [after, ofOther] = [await http.get('/thing'), await other.get('/thing')];
    expect([after.data, ofOther.data]).toEqual([{ text: 'new' }, { text: 'new' }]);
  });

  test.each(INVALIDATIONS)('a renewal under way revives nothing after %s by the other one', async (_by, invalidate) => {
    const [held, arrived] = [gate(), gate()];
    let renewals = 0;
    const { http, other } = await startTwo(async ({ method, headers }) => {
      if (method !== 'GET') return { headers: FRESH };
      if (headers['if-none-match'] === undefined) return { headers: STALE, body: { text: `answer ${renewals}` } };
      renewals += 1;
      arrived.open();
      await held.passed;
      return { status: 304, headers: { ...FRESH, ETag: '"1"' } };
    });
    await http.get('/thing');
    const slow = http.get('/thing');
    await arrived.passed;
    await invalidate(other);
    held.open();
    expect((await slow).data).toEqual({ text: 'answer 0' });
    expect((await other.get('/thing')).data).toEqual({ text: 'answer 1' });
  });

  test('who joins a request after the other one has deleted its URL is not given the answer from before', async () => {
    const held = gate();
    let asked = 0;
    const { http, other } = await startTwo(async () => {
      asked += 1;
      if (asked > 1) return { headers: FRESH, body: { text: 'after' } };
      await held.passed;
      return { headers: FRESH, body: { text: 'before' } };
    });
    const early = http.get<{ text: string }>('/thing');
    while (asked === 0) await new Promise((resolve) => { setImmediate(resolve); });
    await other.cache.delete('/thing');
    const late = [1, 2, 3].map(() => http.get<{ text: string }>('/thing'));
    setTimeout(() => { held.open(); }, 50);
    expect((await early).data.text).toBe('before');
    expect((await Promise.all(late)).map(({ data }) => data.text)).toEqual(['after', 'after', 'after']);
    expect(asked).toBe(2);
  });

  const ENDINGS = [['is not stored', 200], ['fails', 503]] as const;
  test.each(ENDINGS)('nor that of an earlier request, where the one that was joined first %s', async (_how, status) => {
    const held = [gate(), gate()] as const;
    let asked = 0;
    const { http, other } = await startTwo(async () => {
      asked += 1;
      const nth = asked;
      if (nth > 2) return { headers: FRESH, body: { text: 'after' } };
      await held[nth === 1 ? 0 : 1].passed;
      return { status: nth === 1 ? 200 : status, headers: FRESH, body: { text: 'before' } };
    });
    const untilAsked = async (times: number): Promise<void> => {
      while (asked < times) await new Promise((resolve) => { setImmediate(resolve); });
    };
    const early = [http.get<unknown>('/thing')];
    await untilAsked(1);
    early.push(http.get('/thing', { cache: { mode: 'reload' }, validateStatus: null }));
    await untilAsked(2);
    await other.cache.delete('/thing');
    const late = [1, 2, 3].map(() => http.get<{ text: string }>('/thing'));
    setTimeout(() => { held[1].open(); }, 50);
    await early[1];
    setTimeout(() => { held[0].open(); }, 50);
    await early[0];
    expect((await Promise.all(late)).map(({ data }) => data.text)).toEqual(['after', 'after', 'after']);
    expect(asked).toBe(3);
  });

  test('of two answers that were asked for at once the older is not laid over the newer', async () => {
    const [held, arrived] = [gate(), gate()];
    let count = 0;
    const { http, other } = await startTwo(async () => {
      count += 1;
      if (count > 1) return { headers: FRESH, body: { text: 'newer' } };
      arrived.open();
      await held.passed;
      return { headers: FRESH, body: { text: 'older' } };
    });
    const slow = http.get('/thing');
    await arrived.passed;
    // The clocks of some engines count whole milliseconds.
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    expect((await other.get('/thing')).data).toEqual({ text: 'newer' });
    held.open();
    expect((await slow).data).toEqual({ text: 'older' });
    expect([(await http.get('/thing')).data, (await other.get('/thing')).data]).toEqual([
      { text: 'newer' },
      { text: 'newer' },
    ]);
  });

  test('an answer to HEAD renews no answer to GET that the other one has ended meanwhile', async () => {
    const [held, arrived] = [gate(), gate()];
    let text = 'old';
    const { http, other } = await startTwo(async ({ method }) => {
      if (method === 'HEAD') {
        arrived.open();
        await held.passed;
      }
      return { headers: { ...STALE, ...(method === 'HEAD' && FRESH) }, body: { text } };
    });
    await http.get('/thing');
    const slow = http.head('/thing');
    await arrived.passed;
    text = 'new';
    await other.cache.delete('/thing');
    held.open();
    await slow;
    expect((await other.get('/thing')).data).toEqual({ text: 'new' });
  });

  test('where a redirect leads is not stored if the other one has ended it while it was under way', async () => {
      const [held, arrived] = [gate(), gate()];
      let text = 'old';
      const { http, other } = await startTwo(async ({ path }) => {
        if (path === '/from') return { status: 301, headers: { ...FRESH, Location: '/thing' } };
        const body = { text };
        if (text === 'old') {
          arrived.open();
          await held.passed;
        }
        return { headers: FRESH, body };
      });
      const slow = http.get('/from');
      await arrived.passed;
      text = 'new';
      await other.cache.delete('/thing');
      held.open();
      expect((await slow).data).toEqual({ text: 'old' });
      expect((await http.get('/from')).data).toEqual({ text: 'new' });
      expect((await other.get('/thing')).data).toEqual({ text: 'new' });
  });

  /** GET is answered with an entity tag at first; what renews it is held back at the origin. */
  async function startRenewing(renewal: Readonly<Record<string, string>> = {}) {
    const [held, arrived] = [gate(), gate()];
    let isGone = false;
    const made = await startTwo(async ({ method, headers }) => {
      if (method === 'POST') return { headers: { 'Cache-Group-Invalidation': '"one"' } };
      const isRenewal = method === 'HEAD' || headers['if-none-match'] !== undefined;
      if (isRenewal && !isGone) {
        arrived.open();
        await held.passed;
        return { status: method === 'HEAD' ? 200 : 304, headers: { ...FRESH, ETag: '"1"', ...renewal } };
      }
      if (isGone) return { status: 404 };
      return { headers: { ...STALE, 'Cache-Groups': '"one"' }, body: { text: 'old' } };
    });
    await made.http.get('/thing');
    return { ...made, arrived, held, end: () => { isGone = true; } };
  }

  test.each(['get', 'head'] as const)('a renewal by %s brings nothing back that a newer answer has ended', async (method) => {
    const { http, other, arrived, held, end } = await startRenewing();
    const slow = http[method]('/thing');
    await arrived.passed;
    end();
    await other.get('/thing', { cache: 'reload', validateStatus: null });
    held.open();
    await slow;
    const next = await http.get('/thing', { validateStatus: null });
    expect([next.status, next.cached]).toEqual([404, false]);
  });

  test('a renewal that leaves a cache group brings nothing back that was invalidated by that group', async () => {
    const { http, other, arrived, held, end } = await startRenewing({ 'Cache-Groups': '"two"' });
    const slow = http.get('/thing');
    await arrived.passed;
    await other.post('/anything', {});
    end();
    held.open();
    await slow;
    const next = await http.get('/thing', { validateStatus: null });
    expect([next.status, next.cached]).toEqual([404, false]);
  });

  test('update() writes nothing over what the other one has invalidated meanwhile', async () => {
    let text = 'old';
    const open = start();
    const storage = open();
    const { http, other } = await startTwo(() => ({ headers: FRESH, body: { text } }), open, storage);
    await http.get('/thing');
    text = 'new';
    const set = storage.set.bind(storage);
    let isHeld = true;
    storage.set = async (...given) => {
      // As the other process is faster.
      if (isHeld) await other.cache.delete('/thing');
      isHeld = false;
      return set(...given);
    };
    expect(await http.cache.update('/thing', () => ({ text: 'changed' }))).toBe(0);
    expect((await other.get('/thing')).data).toEqual({ text: 'new' });
  });

  test('delete() of one variant stops an answer that the other one has under way', async () => {
    const [held, arrived] = [gate(), gate()];
    let text = 'old';
    const { http, other } = await startTwo(async () => {
      const body = { text };
      if (text === 'old') {
        arrived.open();
        await held.passed;
      }
      return { headers: { ...FRESH, Vary: 'Accept-Language' }, body };
    });
    const german = { headers: { 'Accept-Language': 'de' } };
    const slow = http.get('/thing', german);
    await arrived.passed;
    text = 'new';
    await other.cache.delete('/thing', german);
    held.open();
    expect((await slow).data).toEqual({ text: 'old' });
    expect((await other.get('/thing', german)).data).toEqual({ text: 'new' });
  });
});

test('where each answer is outdated before it is stored, those who wait ask once more and no further', async () => {
  class Outrun extends MemoryStorage {
    override set(): false {
      return false;
    }
  }
  const { http, origin } = await startCached(numbered({ headers: FRESH }), { storage: new Outrun() });
  const answers = await Promise.all([1, 2, 3, 4].map(() => http.get<unknown>('/')));
  expect(answers.map(({ data }) => data)).toEqual(['answer 1', 'answer 2', 'answer 2', 'answer 2']);
  expect(origin.count()).toBe(2);
});

/** A storage that gives promises, as those outside of the process do, and cannot delete for a while. */
class Undeletable extends MemoryStorage {
  fails = false;

  override async delete(...given: Parameters<MemoryStorage['delete']>): Promise<number> {
    if (this.fails) throw new Error('the disk is full');
    return super.delete(...given);
  }

  override async clear(): Promise<void> {
    if (this.fails) throw new Error('the disk is full');
    await super.clear();
  }
}

test.each<[string, (http: CachedAxiosInstance) => Promise<unknown>]>([
  ['delete(url)', (http) => http.cache.delete('/thing')],
  ['clear()', (http) => http.cache.clear()],
  ['a tag', (http) => http.cache.invalidateTags('all')],
  ['a PUT', (http) => http.put('/thing', {})],
])('what one instance could not delete, none on the same storage uses any more: %s', async (_by, invalidate) => {
  const storage = new Undeletable();
  let text = 'old';
  const options = { storage, tags: ['all'] };
  const { http, origin, clock } = await startCached(() => ({ headers: FRESH, body: { text } }), options);
  const other = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage, now: clock.now });
  const read = async (): Promise<string> => (await other.get<{ text: string }>('/thing')).data.text;
  await http.get('/thing');
  expect(await read()).toBe('old');
  text = 'new';
  storage.fails = true;
  await invalidate(http).catch(() => undefined);
  expect(await read()).toBe('new');
  // What was stored since is newer than what is still to be deleted.
  expect((await http.get('/thing')).cached).toBe(true);
  storage.fails = false;
  expect(await read()).toBe('new');
  await other.cache.close();
});
