/** A caller's timeout and signal hold until its answer is handed out, whatever the cache still has to do. */
import { text } from 'node:stream/consumers';
import type { CacheStorage, MaybePromise, StoredEntry } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { startCached, told } from '../../support/cached-instance.js';
import { gate } from '../../support/exchange.js';
import { inTurn, type Reply, withEtag } from '../../support/origin.js';

const FRESH = { 'cache-control': 'max-age=60' };
const ONE = { '/': { headers: FRESH, body: 'one' } };
const never = (): Promise<never> => new Promise(() => undefined);

const hangingList = () => ({ [Symbol.asyncIterator]: () => ({ next: never }) });

/** A storage in memory, some of whose methods wait until `open`. */
function slowStorage(...names: Extract<keyof MemoryStorage, string>[]) {
  const own = new MemoryStorage();
  const held = gate();
  const open = (): void => { held.open(); };
  const methods = Object.fromEntries(names.map((name) => [
    name,
    async (...given: unknown[]) => {
      await held.passed;
      return (Object.getPrototypeOf(own) as Record<string, (...all: unknown[]) => unknown>)[name]?.apply(own, given);
    },
  ]));
  return { storage: Object.assign(own, { inProcess: false }, methods) as unknown as CacheStorage, open };
}

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const since = performance.now();
  const value = await work;
  return [value, performance.now() - since];
}

describe('the storage hangs, and without the cache there would be an answer', () => {
  test.each<[string, Extract<keyof MemoryStorage, string>, string]>([
    ['a look-up', 'get', 'miss storage-error'],
    ['the secret of the keys', 'meta', 'miss storage-error'],
  ])('%s gives way while there is time for the server', async (_what, method, outcome) => {
    const { storage, open } = slowStorage(method);
    const { http, origin } = await startCached(ONE, { storage, storageTimeout: '1h' });
    const ask = (config: object) => http.get<string>('/', { timeout: 600, ...config });
    for (const config of [{}, { responseType: 'text' }, { adapter: 'fetch' }]) {
      const [response, ms] = await timed(ask(config));
      expect([response.data, told(response), response.cache.stored]).toEqual(['one', outcome, false]);
      expect(ms).toBeLessThan(600);
    }
    expect(origin.count()).toBe(3);
    const streamed = await http.get<NodeJS.ReadableStream>('/', { timeout: 600, responseType: 'stream' });
    expect(await text(streamed.data)).toBe('one');
    open();
    await http.cache.idle();
    expect((await http.get('/', { timeout: 600 })).status).toBe(200);
  });

  /** A server that needs some of a caller's time. */
  const slowly = async (): Promise<Reply> => {
    await new Promise((resolve) => { setTimeout(resolve, 400); });
    return { body: 'one' };
  };

  test('where all of the storage hangs, the caller’s time is no longer than it says', async () => {
    const { storage, open } = slowStorage('get', 'set');
    const { http } = await startCached(ONE, { storage, storageTimeout: '1h' });
    const [response, ms] = await timed(http.get('/', { timeout: 600 }));
    expect(response.data).toBe('one');
    expect(ms).toBeLessThan(750);
    open();
  });

  test.each([-3_600_000, 3_600_000])('the clock of the machine may be set by %s ms meanwhile', async (ms) => {
    const { storage: slow, open } = slowStorage('set');
    // A caller waits for what is stored in its own process.
    const storage = Object.assign(slow, { inProcess: true });
    const { http, origin } = await startCached(slowly, { storage, storageTimeout: '1h' });
    const pending = timed(http.get('/', { timeout: 800 }));
    const { now } = Date;
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
    try {
      const [response, tookMs] = await pending;
      expect([response.data, origin.count()]).toEqual(['one', 1]);
      expect(tookMs).toBeLessThan(1_600);
    } finally {
      clock.mockRestore();
      open();
    }
  });

  test('those who wait together are answered by one request', async () => {
    const { storage, open } = slowStorage('get');
    const { http, origin } = await startCached(slowly, { storage, storageTimeout: '1h' });
    const responses = await Promise.all([1, 2, 3].map(() => http.get<string>('/', { timeout: 600 })));
    open();
    expect([responses.map(({ data }) => data), origin.count()]).toEqual([['one', 'one', 'one'], 1]);
  });

  test('a server that takes nearly all of the time that it has is still waited for', async () => {
    const { storage, open } = slowStorage('get');
    const { http } = await startCached(slowly, { storage, storageTimeout: '1h' });
    expect((await http.get('/', { timeout: 600 })).data).toBe('one');
    open();
  });

  test('without a timeout of the caller the look-up has the time that the storage has', async () => {
    const { storage, open } = slowStorage('get');
    const { http } = await startCached(ONE, { storage, storageTimeout: '300ms' });
    const [response, ms] = await timed(http.get('/'));
    open();
    expect(told(response)).toBe('miss storage-error');
    expect(ms).toBeGreaterThan(290);
  });
});

describe('the answer is there, and the storage is slow', () => {
  test('the leader and the followers are given it when their time is over, and it is stored later', async () => {
    const { storage, open } = slowStorage('set');
    const { http, origin } = await startCached(ONE, { storage, storageTimeout: '1h' });
    const ask = () => http.get<string>('/', { timeout: 200 });
    const [responses, ms] = await timed(Promise.all([ask(), ask(), ask()]));
    expect(responses.map(({ data, cache }) => `${data} ${cache.stored}`)).toEqual(Array(3).fill('one false'));
    expect(ms).toBeLessThan(1000);
    expect(origin.count()).toBe(1);
    open();
    await http.cache.idle();
    expect((await http.get('/')).cached).toBe(true);
  });

  test('a renewal is given with its new head, and not what might stand in for a failure', async () => {
    const { storage, open } = slowStorage('touch');
    const { http, clock } = await startCached({ '/': withEtag('"1"', { headers: FRESH, body: 'one' }) }, {
      storage,
      storageTimeout: '1h',
      staleIfError: true,
    });
    await http.get('/');
    clock.advance(100);
    const [{ data, cache }, ms] = await timed(http.get('/', { timeout: 200 }));
    expect([data, cache.status, cache.stored]).toEqual(['one', 'revalidated', false]);
    expect(ms).toBeLessThan(1000);
    open();
    await http.cache.idle();
    expect((await http.get('/')).cache.reason).toBe('fresh');
  });

  test.each<[string, Reply[]]>([
    ['a new answer', []],
    ['what is asked for without conditions after a 304 of another version', [{ status: 304, headers: { etag: '"2"' } }]],
  ])('%s is given in place of a renewal', async (_what, before) => {
    const second = { headers: { ...FRESH, etag: '"2"' }, body: 'two' };
    const { http, clock } = await startCached(
      { '/': inTurn({ headers: { ...FRESH, etag: '"1"' }, body: 'one' }, ...before, second) },
      { filter: (answer) => (answer.text() === 'one' ? true : never()) },
    );
    await http.get('/');
    clock.advance(100);
    const [{ data, cache }, ms] = await timed(http.get('/', { timeout: 200 }));
    expect([data, cache.stored, ms < 1000]).toEqual(['two', false, true]);
  });

  test('what an answer says of others is done without its caller', async () => {
    const { storage, open } = slowStorage('delete');
    const { http } = await startCached(
      { '/': { headers: { ...FRESH, 'cache-group-invalidation': '"a"' }, body: 'one' } },
      { storage, storageTimeout: '1h' },
    );
    for (const method of ['GET', 'POST'] as const) {
      const [{ data }, ms] = await timed(http.request<string>({ url: '/', method, timeout: 200 }));
      expect([data, ms < 1000]).toEqual(['one', true]);
    }
    open();
    await http.cache.idle();
  });

  test('so it is without the reader of a stream', async () => {
    const { storage, open } = slowStorage('delete');
    const { http } = await startCached(
      { ...ONE, '/logout': { headers: { 'clear-site-data': '"cache"' }, body: 'done' } },
      { storage, storageTimeout: '1h', clearSiteData: true },
    );
    await http.get('/');
    const { data } = await http.get<NodeJS.ReadableStream>('/logout', { responseType: 'stream' });
    expect(await text(data)).toBe('done');
    open();
    await http.cache.idle();
    expect((await http.get('/')).cached).toBe(false);
  });

  test('so is what `invalidates` names', async () => {
    const { http } = await startCached(
      ONE,
      { storage: Object.assign(new MemoryStorage(), { entries: hangingList }) },
    );
    const cache = { invalidates: { pattern: '**' } };
    for (const method of ['GET', 'POST'] as const) {
      const [{ data }, ms] = await timed(http.request<string>({ url: '/', method, timeout: 200, cache }));
      expect([data, ms < 1000]).toEqual(['one', true]);
    }
  });

  test('a filter that hangs', async () => {
    const { http } = await startCached({ '/': { headers: FRESH, body: 'one' } }, { filter: never });
    const [{ data }, ms] = await timed(http.get('/', { timeout: 200 }));
    expect([data, ms < 1000]).toEqual(['one', true]);
  });

  test('what is deleted while it goes on without its caller is not stored', async () => {
    class Unfenced extends MemoryStorage {
      override set(entry: StoredEntry): MaybePromise<boolean | 'too-large'> {
        return super.set(entry);
      }
    }
    const held = gate();
    const filter = () => held.passed.then(() => true);
    const { http } = await startCached(ONE, { storage: new Unfenced(), storageTimeout: '10ms', filter });
    expect((await http.get('/')).data).toBe('one');
    await http.cache.delete('/');
    held.open();
    await http.cache.idle();
    expect(await http.cache.count()).toBe(0);
  });

  test('an abort ends the waiting as it would without a cache', async () => {
    const { storage, open } = slowStorage('set');
    const { http, origin } = await startCached(ONE, { storage, storageTimeout: '1h' });
    const controller = new AbortController();
    const request = http.get('/', { signal: controller.signal });
    while (origin.count() === 0) await new Promise((resolve) => void setImmediate(resolve));
    controller.abort();
    await expect(request).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    open();
  });

  test('without a timeout: twice storageTimeout at most, whatever is slow', async () => {
    const { http } = await startCached(
      { '/': { headers: { ...FRESH, 'clear-site-data': '"cache"' }, body: 'one' } },
      {
        clearSiteData: true,
        storageTimeout: '200ms',
        storage: Object.assign(new MemoryStorage(), {
          entries: () => ({
            [Symbol.asyncIterator]: () => ({
              next: () => new Promise((resolve) => void setTimeout(resolve, 150, { done: false, value: {} })),
              return: () => Promise.resolve({ done: true }),
            }),
          }),
        }),
      },
    );
    for (const method of ['GET', 'POST'] as const) {
      const [{ data }, ms] = await timed(http.request<string>({ url: '/', method }));
      expect([data, ms < 1500]).toEqual(['one', true]);
    }
    http.cache.uninstall();
  }, 10_000);
});

test.each(['json', 'stream'] as const)('what is stale stands in for a server that hangs: %s', async (responseType) => {
  const { http, origin, clock } = await startCached(ONE, { staleIfError: true });
  await http.get('/');
  clock.advance(100);
  const held = origin.hold('/');
  expect(told(await http.get('/', { timeout: 100, responseType }))).toBe('stale stale-if-error');
  held.release();
});

test('and for a request of another caller', async () => {
  const { http, origin, clock } = await startCached(ONE, { staleIfError: true });
  await http.get('/');
  clock.advance(100);
  const held = origin.hold('/');
  const first = http.get('/');
  await held.arrived();
  expect(told(await http.get('/', { timeout: 100 }))).toBe('stale stale-if-error');
  held.release();
  await first;
  expect(origin.count()).toBe(2);
});

test('the waits before a request have one clock, and half of its time together', async () => {
  const own = new MemoryStorage();
  const slow = <T>(work: () => T) => async (): Promise<T> => {
    await new Promise((resolve) => void setTimeout(resolve, 150));
    return work();
  };
  const storage = Object.assign(own, {
    inProcess: false,
    meta: slow(() => 'secret of sixteen and more characters'),
    get: slow(() => []),
  });
  const { http } = await startCached({ '/': { headers: FRESH, body: 'one' } }, { storage });
  const [response, ms] = await timed(http.get('/', { timeout: 400 }));
  expect(told(response)).toBe('miss storage-error');
  // The secret takes 150 ms of the 200, so that the look-up has 50.
  expect(ms).toBeLessThan(295);
});
