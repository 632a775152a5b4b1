/** IndexedDbStorage and the bus between tabs in a browser: reloads, tabs, full disks, databases that do not open. */
import { randomBytes } from 'node:crypto';
import type { BrowserContext } from 'playwright-core';
import type { CachedAxiosInstance } from '../../lib/index.js';
import { counting } from './support/answers.js';
import { describeChromium, type OpenPage } from './support/chromium.js';
import { htmlPage, type Site } from './support/site.js';

const page = htmlPage({ loading: 'module', subpaths: ['indexeddb', 'tiered', 'storage-contract'] });
/** Random, as the browser compresses what it stores: blanks would take no room, and fill no quota. */
const incompressible = (bytes: number): string => randomBytes((bytes * 3) / 4).toString('base64');
const BYTES = 100_000;
const QUOTA_BYTES = 1_000_000;

/** What a page keeps from one call to the next. */
interface Kept {
  readonly http: CachedAxiosInstance;
  readonly faults: readonly string[];
}

describeChromium((chromium) => {
  const site = (): Promise<Site> =>
    chromium().site({
      '/': page,
      '/a': counting(),
      '/items': { body: {} },
      '/large': () => ({ body: incompressible(BYTES) }),
    });

  /** What `times` gets of `/a` bring, and the events of faults. */
  const gets = ({ run }: OpenPage, times = 2): Promise<{ seen: unknown[]; faults: number }> =>
    run(async ({ axios, setupCache, subpaths }, count) => {
      let faults = 0;
      const http = setupCache(axios.create(), {
        storage: new subpaths.indexeddb.IndexedDbStorage('cache'),
        expireAfter: '1h',
        onEvent: ({ type }) => void (faults += type === 'storage-error' ? 1 : 0),
      });
      const seen: unknown[] = [];
      for (let time = 0; time < count; time += 1) {
        const { data, cached } = await http.get<{ n: number }>('/a');
        seen.push([data.n, cached]);
      }
      return { seen, faults };
    }, times);

  test('what was stored is a hit after a reload', async () => {
    const { url } = await site();
    const open = await chromium().open(url);
    expect(await gets(open)).toEqual({ seen: [[1, false], [1, true]], faults: 0 });
    await open.page.reload();
    expect(await gets(open)).toEqual({ seen: [[1, true], [1, true]], faults: 0 });
    expect(open.messages).toEqual([]);
  });

  test('two tabs see one cache, and what one changes the other asks for again', async () => {
    const { url } = await site();
    const [one, other] = [await chromium().open(url), await chromium().open(url)];
    await gets(one, 1);
    expect((await gets(other, 1)).seen).toEqual([[1, true]]);
    await one.run(async ({ axios, setupCache, subpaths }) => {
      const storage = new subpaths.indexeddb.IndexedDbStorage('cache');
      await setupCache(axios.create(), { storage }).post('/items', {}, { cache: { invalidates: '/a' } });
    });
    expect((await gets(other)).seen).toEqual([[2, false], [2, true]]);
    expect((await gets(one, 1)).seen).toEqual([[2, true]]);
    expect([...one.messages, ...other.messages]).toEqual([]);
  });

  test('tiers with a bus: what one tab changes the memory of the other does not serve any more', async () => {
    const { url } = await site();
    const tabs = [await chromium().open(url), await chromium().open(url)];
    for (const { run } of tabs) {
      await run(({ axios, MemoryStorage, setupCache, subpaths }) => {
        const { BroadcastBus, IndexedDbStorage } = subpaths.indexeddb;
        const bus = new BroadcastBus();
        const storage = new subpaths.tiered.TieredStorage(new MemoryStorage(), new IndexedDbStorage('t'), { bus });
        Object.assign(globalThis, { http: setupCache(axios.create(), { storage, expireAfter: '1h' }) });
      });
    }
    const get = ({ run }: OpenPage): Promise<unknown> =>
      run(async () => {
        const { http } = globalThis as unknown as Kept;
        const { data, cached } = await http.get<{ n: number }>('/a');
        return [data.n, cached];
      });
    const [one, other] = tabs as [OpenPage, OpenPage];
    expect([await get(one), await get(other), await get(other)]).toEqual([[1, false], [1, true], [1, true]]);
    await one.run(async () => {
      const { http } = globalThis as unknown as Kept;
      await http.cache.delete('/a');
    });
    // A message needs a moment from tab to tab: until then a copy in memory may answer.
    const deadline = Date.now() + 5000;
    let latest = await get(other);
    while (Date.now() < deadline && JSON.stringify(latest) === '[1,true]') latest = await get(other);
    expect(latest).toEqual([2, false]);
    expect([...one.messages, ...other.messages]).toEqual([]);
  });

  const OUTAGES: readonly (readonly [string, () => void])[] = [
    ['there is none', () => void Object.defineProperty(globalThis, 'indexedDB', { value: undefined })],
    [
      'its getter throws, as in a sandbox',
      () => {
        const get = (): never => { throw new DOMException('', 'SecurityError'); };
        Object.defineProperty(globalThis, 'indexedDB', { get });
      },
    ],
    ['open throws', () => void (IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); })],
    ['it never opens', () => void (IDBFactory.prototype.open = () => ({}) as IDBOpenDBRequest)],
    [
      'each transaction throws',
      () => void (IDBDatabase.prototype.transaction = () => { throw new DOMException('', 'UnknownError'); }),
    ],
  ];

  test.each(OUTAGES)('%s: requests are answered, with at most two events and nothing in the console', async (_what, break_) => {
    const open = await chromium().open((await site()).url);
    await open.page.evaluate(`(${String(break_)})()`);
    const { seen, faults } = await gets(open, 6);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6].map((n) => [n, false]));
    expect(faults).toBeGreaterThanOrEqual(1);
    expect(faults).toBeLessThanOrEqual(2);
    expect(open.messages).toEqual([]);
  });

  test('a database that another tab keeps from opening', async () => {
    const { url } = await site();
    const [holder, open] = [await chromium().open(url), await chromium().open(url)];
    await gets(open, 1);
    await open.page.reload();
    await holder.page.evaluate(() => new Promise<void>((resolve) => {
      const holding = indexedDB.open('cache#1');
      holding.onsuccess = () => {
        // It does not end its connection, so that what is deleted waits, and whoever comes after that.
        Object.assign(globalThis, { held: holding.result });
        indexedDB.deleteDatabase('cache#1').onblocked = () => { resolve(); };
      };
    }));
    const { seen, faults } = await gets(open, 4);
    expect(seen).toEqual([2, 3, 4, 5].map((n) => [n, false]));
    expect(faults).toBeGreaterThanOrEqual(1);
    expect(faults).toBeLessThanOrEqual(2);
    await holder.page.evaluate(() => { (globalThis as unknown as { held: IDBDatabase }).held.close(); });
    expect((await gets(open)).seen).toEqual([[6, false], [6, true]]);
    expect(open.messages).toEqual([]);
  });

  test('somebody deletes the database: its connections give way, and it is made anew', async () => {
    const open = await chromium().open((await site()).url);
    await gets(open);
    await open.page.evaluate(() => new Promise((resolve, reject) => {
      const deleting = indexedDB.deleteDatabase('cache#1');
      deleting.onsuccess = resolve;
      deleting.onblocked = reject;
    }));
    expect(await gets(open)).toEqual({ seen: [[2, false], [2, true]], faults: 0 });
  });

  /** Opens the database of `gets` at a version, as another program or another version of this package does. */
  const upgradeTo = ({ page: tab }: OpenPage, version: number, store: string): Promise<void> =>
    tab.evaluate(([to, name]) => new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open('cache#1', to);
      opening.onupgradeneeded = () => { opening.result.createObjectStore(name); };
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
      opening.onerror = () => { reject(opening.error ?? new Error('no error')); };
    }), [version, store] as const);

  test('a database of another layout: it is made anew, one event tells, and both tabs go on with it', async () => {
    const { url } = await site();
    const [one, other] = [await chromium().open(url), await chromium().open(url)];
    await upgradeTo(one, 3, 'of a former layout');
    expect(await gets(one)).toEqual({ seen: [[1, false], [1, true]], faults: 1 });
    expect(await gets(other)).toEqual({ seen: [[1, true], [1, true]], faults: 0 });
    expect([...one.messages, ...other.messages]).toEqual([]);
  });

  test('another tab upgrades the database under a tab that uses it: both tabs go on, and find what is there', async () => {
    const { url } = await site();
    const [one, other] = [await chromium().open(url), await chromium().open(url)];
    expect(await gets(one)).toEqual({ seen: [[1, false], [1, true]], faults: 0 });
    expect(await gets(other, 1)).toEqual({ seen: [[1, true]], faults: 0 });
    await upgradeTo(other, 9, 'of a later version');
    expect(await gets(one)).toEqual({ seen: [[1, true], [1, true]], faults: 0 });
    expect(await gets(other)).toEqual({ seen: [[1, true], [1, true]], faults: 0 });
    expect([...one.messages, ...other.messages]).toEqual([]);
  });

  async function devtools(context: BrowserContext, { page: target }: OpenPage) {
    return context.newCDPSession(target);
  }

  test('connections that the browser ends are opened again', async () => {
    const context = await chromium().context();
    const { url } = await site();
    const open = await chromium().open(url, { context });
    await open.run(({ axios, setupCache, subpaths }) => {
      const storage = new subpaths.indexeddb.IndexedDbStorage('cache');
      const faults: string[] = [];
      const onEvent = ({ type }: { type: string }): void => void (type === 'storage-error' && faults.push(type));
      Object.assign(globalThis, { http: setupCache(axios.create(), { storage, expireAfter: '1h', onEvent }), faults });
    });
    const get = (): Promise<unknown> =>
      open.run(async () => {
        const { http, faults } = globalThis as unknown as Kept;
        const { data, cached } = await http.get<{ n: number }>('/a');
        return [data.n, cached, faults.length];
      });
    expect([await get(), await get()]).toEqual([[1, false, 0], [1, true, 0]]);
    const client = await devtools(context, open);
    await client.send('Storage.clearDataForOrigin', { origin: url, storageTypes: 'indexeddb' });
    expect([await get(), await get()]).toEqual([[2, false, 0], [2, true, 0]]);
    expect(open.messages).toEqual([]);
  });

  /** A page whose site may store so many bytes, as Chromium counts them after compression. */
  async function openLimited(quotaSize: number): Promise<OpenPage> {
    const context = await chromium().context();
    const { url } = await site();
    const open = await chromium().open(url, { context });
    const client = await devtools(context, open);
    await client.send('Storage.overrideQuotaForOrigin', { origin: url, quotaSize });
    return open;
  }

  /** What many answers bring that are asked for twice each, and what the events say. */
  const fill = ({ run }: OpenPage) => run(async ({ axios, setupCache, subpaths }) => {
    const storage = new subpaths.indexeddb.IndexedDbStorage('cache');
    const types: string[] = [];
    const onEvent = ({ type }: { type: string }): void => void types.push(type);
    const http = setupCache(axios.create(), { storage, expireAfter: '1h', onEvent });
    const count = (wanted: string): number => types.filter((type) => type === wanted).length;
    const statuses = new Set<number>();
    let hits = 0;
    for (let at = 0; at < 40; at += 1) {
      statuses.add((await http.get(`/large?${at}`)).status);
      await http.cache.idle();
      hits += (await http.get(`/large?${at}`)).cached ? 1 : 0;
    }
    let stored = 0;
    for await (const { url } of http.cache.entries()) stored += url === undefined ? 0 : 1;
    return { statuses: [...statuses], hits, stored, evicted: count('evicted'), faults: count('storage-error') };
  });

  test('a full quota: what is oldest goes, what is new is stored and found, and no request fails', async () => {
    const open = await openLimited(QUOTA_BYTES);
    const { statuses, hits, stored, evicted, faults } = await fill(open);
    expect({ statuses, hits, faults }).toEqual({ statuses: [200], hits: 40, faults: 0 });
    // How soon Chromium counts what was removed is its own business.
    expect(stored).toBeGreaterThan(0);
    expect(stored * BYTES).toBeLessThan(QUOTA_BYTES);
    // Each that went was told, and none that stayed.
    expect(evicted).toBe(40 - stored);
    expect(open.messages).toEqual([]);
  });

  test('a quota that has no room for anything: requests are answered, and few events tell', async () => {
    const open = await openLimited(BYTES);
    const { statuses, hits, stored, evicted, faults } = await fill(open);
    expect({ statuses, hits, stored, evicted }).toEqual({ statuses: [200], hits: 0, stored: 0, evicted: 0 });
    expect(faults).toBeGreaterThanOrEqual(1);
    expect(faults).toBeLessThanOrEqual(2);
    expect(open.messages).toEqual([]);
  });

  test('a full quota keeps nothing that is deleted from going', async () => {
    const open = await openLimited(QUOTA_BYTES);
    await fill(open);
    const found = await open.run(async ({ axios, setupCache, subpaths }) => {
      const http = setupCache(axios.create(), { storage: new subpaths.indexeddb.IndexedDbStorage('cache') });
      await http.cache.delete('/large?39');
      return http.cache.has('/large?39');
    });
    expect(found).toBe(false);
  });

  test('the storage contract', async () => {
    const open = await chromium().open((await site()).url);
    const broken = await open.run(async ({ subpaths }) => {
      const { IndexedDbStorage } = subpaths.indexeddb;
      type Storage = InstanceType<typeof IndexedDbStorage>;
      const names = new Map<unknown, string>();
      let count = 0;
      const opened = (name: string, maxBytes = 1_000_000): Storage => {
        const storage = new IndexedDbStorage({ database: name, maxBytes });
        names.set(storage, name);
        return storage;
      };
      const create = (): Storage => opened(`contract ${(count += 1)}`);
      const again = (storage: unknown): Storage => opened(names.get(storage) ?? '');
      const engine = {
        reopen: again,
        reopenFenced: again,
        reopenAtomic: again,
        openOtherNamespace: create,
        reopenLimited: (storage: unknown) => opened(names.get(storage) ?? '', 50_000),
      };
      const failures: string[] = [];
      let checked = 0;
      for (const rule of subpaths['storage-contract'].STORAGE_RULES) {
        const { number, title, needs } = rule;
        if (needs !== undefined && !(needs in engine)) continue;
        checked += 1;
        await rule.check(create, engine).catch((error: unknown) => failures.push(`${number} ${title}: ${String(error)}`));
      }
      return { failures, checked };
    });
    expect(broken.failures).toEqual([]);
    expect(broken.checked).toBeGreaterThan(40);
    expect(open.messages).toEqual([]);
  });
});
