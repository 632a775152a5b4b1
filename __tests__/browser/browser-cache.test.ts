/** Where this cache asks because what it has may not be used, or the app said so, the browser's copy may not answer. */
import { counting, OPEN, openTo } from './support/answers.js';
import { describeChromium, type PageScope } from './support/chromium.js';

/** The browser keeps such an answer for an hour of its own clock. */
const HOUR = { 'cache-control': 'max-age=3600' };

interface Scope extends PageScope {
  readonly http: ReturnType<PageScope['setupCache']>;
  /** What a get brings. */
  readonly n: (config?: object) => Promise<unknown>;
  /** What a get of `/a` or another path brings without this cache, which leaves a copy in the browser's own. */
  readonly alone: (url?: string) => Promise<unknown>;
  /** Makes the clock of this cache go on by so many seconds. */
  readonly later: (seconds: number) => void;
}

describeChromium((chromium) => {
  interface Setting {
    readonly adapter: string;
    readonly options?: object;
    readonly headers?: Record<string, string>;
  }

  /** What the steps bring on a page whose own server has `/a`, which counts, and `/items`. */
  async function seen(setting: Setting, steps: (scope: Scope) => Promise<unknown[]>): Promise<unknown[]> {
    const routes = {
      '/a': counting(setting.headers ?? HOUR),
      '/b': counting(HOUR),
      '/items': { status: 201, headers: { location: '/a' }, body: {} },
      '/groups': { headers: { 'cache-group-invalidation': '"g"' }, body: {} },
    };
    const { run } = await chromium().open((await chromium().site(routes)).page);
    const { adapter, options = {} } = setting;
    return run(async (scope, { code, adapter: name, options: own }) => {
      let skew = 0;
      const instance = scope.axios.create({ adapter: name as 'xhr' });
      const http = scope.setupCache(instance, { now: () => Date.now() + skew, ...own });
      const n = async (config = {}): Promise<unknown> => (await http.get<{ n: number }>('/a', config)).data.n;
      const alone = async (url = '/a'): Promise<unknown> =>
        (await scope.axios.get<{ n: number }>(url, { adapter: name as 'xhr' })).data.n;
      const later = (seconds: number): void => void (skew += seconds * 1000);
      const run = (0, eval)(code) as (given: Scope) => Promise<unknown[]>;
      return run({ ...scope, http, n, alone, later });
    }, { code: `(${String(steps)})`, adapter, options });
  }

  type Case = readonly [what: string, steps: (scope: Scope) => Promise<unknown[]>, options?: object];
  const ASKED: readonly Case[] = [
    ['reload', async ({ n }) => [await n(), await n({ cache: 'reload' }), await n()]],
    ['no-cache', async ({ n }) => [await n(), await n({ cache: 'no-cache' }), await n()]],
    ['no-store', async ({ n }) => [await n(), await n({ cache: 'no-store' }), 2]],
    [
      'what a POST names',
      async ({ n, http }) => {
        const first = await n();
        await http.post('/items', {}, { cache: { invalidates: '/a' } });
        return [first, await n(), await n()];
      },
    ],
    [
      'what a POST names, of which only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.put('/items', {}, { cache: { invalidates: '/a' } });
        return [first, await n(), await n()];
      },
    ],
    [
      'the Location of an answer to POST, of which only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.post('/items', {});
        return [first, await n(), await n()];
      },
    ],
    [
      'delete, where only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.cache.delete('/a');
        return [first, await n(), await n()];
      },
    ],
    [
      'clear, where only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.cache.clear();
        return [first, await n(), await n()];
      },
    ],
    [
      'a group that an answer ends, of which only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.post('/groups', {});
        return [first, await n(), await n()];
      },
    ],
    [
      'deleteMatching',
      async ({ n, http }) => {
        const first = await n();
        await http.cache.deleteMatching({ pattern: '**/a' });
        return [first, await n(), await n()];
      },
    ],
    [
      'invalidateTags',
      async ({ n, http }) => {
        const first = await n({ cache: { tags: ['people'] } });
        await http.cache.invalidateTags('people');
        return [first, await n(), await n()];
      },
    ],
    [
      'invalidateTags, where only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.cache.invalidateTags('people');
        return [first, await n({ cache: { tags: ['people'] } }), await n()];
      },
    ],
    [
      'expire',
      async ({ n, http }) => {
        const first = await n();
        await http.cache.expire({ url: '/a' });
        return [first, await n(), await n()];
      },
    ],
    [
      'refresh',
      async ({ n, http }) => {
        const first = await n();
        await http.cache.refresh('/a');
        return [first, await n(), await n()];
      },
    ],
    [
      'refresh, where only the browser has a copy',
      async ({ alone, n, http }) => {
        const first = await alone();
        await http.cache.refresh('/a');
        return [first, await n(), await n()];
      },
    ],
    [
      'what has expired and was deleted for that',
      async ({ n, later, http }) => {
        const first = await n();
        later(61);
        await http.cache.deleteExpired();
        return [first, await n(), await n()];
      },
      { cacheControl: false, expireAfter: 60, keepStale: 0 },
    ],
    [
      'delete',
      async ({ n, http }) => {
        const first = await n();
        await http.cache.delete('/a');
        return [first, await n(), await n()];
      },
    ],
    [
      'clear',
      async ({ n, http }) => {
        const first = await n();
        await http.cache.clear();
        return [first, await n(), await n()];
      },
    ],
    [
      'a local lifetime that is over',
      async ({ n, later }) => {
        const first = await n();
        later(61);
        return [first, await n(), await n()];
      },
      { cacheControl: false, expireAfter: 60 },
    ],
    [
      'the server’s lifetime, by the clock of this cache',
      async ({ n, later }) => {
        const first = await n();
        later(3601);
        return [first, await n(), await n()];
      },
    ],
    [
      'maxLifetime',
      async ({ n, later }) => {
        const first = await n();
        later(61);
        return [first, await n(), await n()];
      },
      { maxLifetime: 60 },
    ],
    [
      'a caller who takes nothing so old',
      async ({ n, later }) => {
        const first = await n();
        later(61);
        return [first, await n({ cache: 30 }), await n()];
      },
      { cacheControl: false, expireAfter: '1h' },
    ],
    [
      'a refresh in the background',
      async ({ n, later, http }) => {
        const first = await n();
        later(61);
        await n();
        await http.cache.idle();
        return [first, await n(), await n()];
      },
      { cacheControl: false, expireAfter: 60, staleWhileRevalidate: true },
    ],
    [
      'a filter that refuses what is stored',
      async ({ n }) => [await n(), await n({ headers: { 'Cache-Control': 'max-age=0' } }), await n()],
    ],
  ];

  /** What a get of `/b` brings of which the browser has a copy, when something else was said of `/a`. */
  const OTHERS: readonly Case[] = [
    [
      'delete',
      async ({ alone, http }) => {
        const first = await alone('/b');
        await http.cache.delete('/a');
        return [first, (await http.get<{ n: number }>('/b')).data.n];
      },
    ],
    [
      'what a POST names',
      async ({ alone, http }) => {
        const first = await alone('/b');
        for (let time = 0; time < 200; time += 1) await http.put('/items', {}, { cache: { invalidates: '/a' } });
        return [first, (await http.get<{ n: number }>('/b')).data.n];
      },
    ],
  ];

  describe.each(['xhr', 'fetch'])('by %s, on the page’s own origin', (adapter) => {
    test.each(ASKED.map(([what, steps, options = {}]) => ({ what, steps, options })))('$what', async (each) => {
      expect(await seen({ adapter, options: each.options }, each.steps)).toEqual([1, 2, 2]);
    });

    test('without conditions of ours, where there is a validator', async () => {
      const headers = { ...HOUR, etag: '"1"' };
      const options = { cacheControl: false, expireAfter: 60, conditionalRequests: false };
      expect(
        await seen({ adapter, headers, options }, async ({ n, later }) => {
          const first = await n();
          later(61);
          return [first, await n(), await n()];
        }),
      ).toEqual([1, 2, 2]);
    });

    test.each(OTHERS.map(([what, steps]) => ({ what, steps })))('$what: no other URL is meant', async ({ steps }) => {
      expect(await seen({ adapter }, steps)).toEqual([1, 1]);
    });

    test('what this cache never had, and nothing was said of, may be the browser’s', async () => {
      const site = await chromium().site({ '/a': counting(HOUR) });
      const { run, page } = await chromium().open(site.page);
      const get = (): Promise<unknown> =>
        run(async ({ axios, setupCache }, name) => {
          const http = setupCache(axios.create({ adapter: name as 'xhr' }));
          return (await http.get<{ n: number }>('/a')).data.n;
        }, adapter);
      expect(await get()).toBe(1);
      await page.reload();
      expect(await get()).toBe(1);
      expect(site.count('/a')).toBe(1);
    });
  });

  test.each(['xhr', 'fetch'])('by %s: an answer of the browser’s cache is as old as its Date says', async (adapter) => {
    const date = new Date(Date.now() - 1800_000).toUTCString();
    const steps = async ({ alone, http, later, n }: Scope): Promise<unknown[]> => {
      const first = await alone();
      const { data, cache } = await http.get<{ n: number }>('/a');
      const left = ((cache.expiresAt as Date).getTime() - Date.now()) / 1000;
      const { age = NaN } = (await http.get('/a')).cache;
      later(1750);
      const still = await n();
      later(100);
      return [first, data.n, still, await n(), left > 1700 && left <= 1800, age >= 1800 && age < 1900];
    };
    const headers = { ...HOUR, date };
    expect(await seen({ adapter, headers }, steps)).toEqual([1, 1, 1, 2, true, true]);
  });

  test('fetchOptions.cache: no-store stores nothing in either cache', async () => {
    const steps = async ({ n }: Scope): Promise<unknown[]> => {
      const fetchOptions = { cache: 'no-store' };
      return [await n({ fetchOptions }), await n({ fetchOptions }), await n(), await n()];
    };
    expect(await seen({ adapter: 'fetch' }, steps)).toEqual([1, 2, 3, 3]);
  });

  test('across origins fetch needs no preflight for it, and XMLHttpRequest is left alone', async () => {
    const api = await chromium().site(openTo('/a', counting({ ...OPEN, ...HOUR }), { status: 404 }));
    const { run } = await chromium().open((await chromium().site()).page);
    const ask = (adapter: string): Promise<unknown> =>
      run(async ({ axios, setupCache }, { name, url }) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }));
        const n = async (config = {}): Promise<unknown> => (await http.get<{ n: number }>(url, config)).data.n;
        const answers = [await n(), await n({ cache: 'reload' })];
        await http.cache.delete(url);
        return [...answers, await n()];
      }, { name: adapter, url: `${api.url}/a` });
    expect(await ask('fetch')).toEqual([1, 2, 3]);
    // The browser's cache has the third one.
    expect(await ask('xhr')).toEqual([3, 3, 3]);
    expect(api.requests.filter(({ method }) => method === 'OPTIONS')).toEqual([]);
  });
});
