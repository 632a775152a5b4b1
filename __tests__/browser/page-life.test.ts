/** What a page goes through: it is left and come back to, is offline, ends what it began, asks by other means. */
import type { CachedAxiosInstance } from '../../lib/index.js';
import { counting } from './support/answers.js';
import { describeChromium, type OpenPage } from './support/chromium.js';
import { htmlPage } from './support/site.js';

/** What a page keeps from one call to the next. */
interface Kept {
  readonly http: CachedAxiosInstance;
  readonly shown: readonly string[];
}

describeChromium((chromium) => {
  const get = ({ run }: OpenPage, config: object = {}): Promise<unknown> =>
    run(async ({ outcome }, given) => {
      const { http } = globalThis as unknown as Kept;
      const got = http.get<{ n: number }>('/a', given).then(({ data, cache }) => ({ data: [data.n, cache.status] }));
      return outcome(got);
    }, config);

  /** Comes back to the page that was left, and tells whether the browser had kept it as it was. */
  async function back({ page }: OpenPage, url: string): Promise<boolean> {
    // `page.goBack` waits for a load, which a page that was kept has not.
    await page.evaluate(() => void setTimeout(() => { history.back(); }));
    await page.waitForURL(url, { waitUntil: 'commit' });
    await page.waitForFunction('globalThis.persisted !== undefined');
    return page.evaluate(() => (globalThis as unknown as { persisted: boolean }).persisted);
  }

  const WATCHING = `<script>addEventListener('pageshow', (event) => { globalThis.persisted = event.persisted; });</script>`;

  test.each(['xhr', 'fetch'])('by %s, back from the back/forward cache: what is in memory is there', async (adapter) => {
    const site = await chromium().site({ '/page': htmlPage({ head: WATCHING }), '/a': counting() });
    const url = `${site.url}/page`;
    const open = await chromium().open(url);
    await open.run(({ axios, setupCache }, name) => {
      Object.assign(globalThis, { http: setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' }) });
    }, adapter);
    expect(await get(open)).toEqual([1, 'miss']);
    await open.page.goto(site.page);
    expect(await back(open, url)).toBe(true);
    expect(await get(open)).toEqual([1, 'hit']);
    expect(await get(open, { cache: 'reload' })).toEqual([2, 'miss']);
    expect(open.messages).toEqual([]);
  });

  test('back from there with a database and a bus between tabs', async () => {
    const page = htmlPage({ loading: 'module', subpaths: ['indexeddb', 'tiered'], head: WATCHING });
    const site = await chromium().site({ '/page': page, '/a': counting() });
    const url = `${site.url}/page`;
    const [open, other] = [await chromium().open(url), await chromium().open(url)];
    const setUp = ({ run }: OpenPage): Promise<void> =>
      run(({ axios, MemoryStorage, setupCache, subpaths }) => {
        const { BroadcastBus, IndexedDbStorage } = subpaths.indexeddb;
        const bus = new BroadcastBus();
        const storage = new subpaths.tiered.TieredStorage(new MemoryStorage(), new IndexedDbStorage('t'), { bus });
        Object.assign(globalThis, { http: setupCache(axios.create(), { storage, expireAfter: '1h' }) });
      });
    await setUp(open);
    await setUp(other);
    expect(await get(open)).toEqual([1, 'miss']);
    await open.page.goto(site.page);
    // A page that hears messages while it lies there is dropped by the browser, and begins anew.
    await other.run(() => (globalThis as unknown as Kept).http.cache.delete('/a'));
    if (!(await back(open, url))) await setUp(open);
    const deadline = Date.now() + 5000;
    let latest = await get(open);
    while (Date.now() < deadline && JSON.stringify(latest) === '[1,"hit"]') latest = await get(open);
    expect(latest).toEqual([2, 'miss']);
    expect([...open.messages, ...other.messages]).toEqual([]);
  });

  test.each(['xhr', 'fetch'])('by %s, offline: what is fresh, what stands in, and the error of axios', async (adapter) => {
    const context = await chromium().context();
    const site = await chromium().site({ '/a': counting() });
    const open = await chromium().open(site.page, { context });
    await open.run(({ axios, setupCache }, name) => {
      const now = (): number => Date.now() + Number((globalThis as unknown as { skew?: number }).skew ?? 0);
      Object.assign(globalThis, {
        http: setupCache(axios.create({ adapter: name as 'xhr' }), { now, expireAfter: 60 }),
      });
    }, adapter);
    const seen = [await get(open)];
    await context.setOffline(true);
    seen.push(await get(open));
    await open.page.evaluate(() => void Object.assign(globalThis, { skew: 61_000 }));
    seen.push(await get(open), await get(open, { cache: { staleIfError: true } }));
    await context.setOffline(false);
    seen.push(await get(open), await get(open));
    expect(seen).toEqual([[1, 'miss'], [1, 'hit'], 'ERR_NETWORK', [1, 'stale'], [2, 'miss'], [2, 'hit']]);
  });

  test.each(['xhr', 'fetch'])('by %s, effects that run, end and run again, as in StrictMode of React', async (adapter) => {
    const site = await chromium().site({ '/a': counting() });
    const { run, messages } = await chromium().open(site.page);
    const seen = await run(async ({ axios, setupCache }, name) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const shown: unknown[] = [];
      const errors: unknown[] = [];
      const ends: Promise<void>[] = [];
      const effect = (): (() => void) => {
        const controller = new AbortController();
        const got = http.get<{ n: number }>('/a', { signal: controller.signal }).then(
          ({ data }) => void shown.push(data.n),
          (error: unknown) => void (axios.isCancel(error) || errors.push(error)),
        );
        ends.push(got);
        return () => { controller.abort(); };
      };
      // Two components want the same, and each of their effects is run, ended and run again.
      for (let component = 0; component < 2; component += 1) {
        effect()();
        effect();
      }
      await Promise.all(ends);
      // They are shown again, and this time the first request is under way when it is ended.
      await http.cache.clear();
      const end = effect();
      await new Promise((resolve) => { setTimeout(resolve); });
      end();
      effect();
      await Promise.all(ends);
      return { count: shown.length, isOne: new Set(shown.slice(0, 2)).size, errors };
    }, adapter);
    expect(seen).toEqual({ count: 3, isOne: 1, errors: [] });
    // Plain axios would ask four times for the components alone, of which two are aborted before they are sent.
    expect(site.count('/a')).toBeLessThanOrEqual(4);
    expect(messages).toEqual([]);
  });

  test('fragments are no part of a URL, for requests and for what manages the cache', async () => {
    const site = await chromium().site({ '/a': counting() });
    const { run } = await chromium().open(site.page);
    const seen = await run(async ({ axios, setupCache }) => {
      const answers: unknown[] = [];
      for (const adapter of ['xhr', 'fetch'] as const) {
        const http = setupCache(axios.create({ adapter }), { expireAfter: '1h' });
        for (const url of ['/a#one', '/a#two', '/a', `${location.origin}/a#`, '/a#?x=1']) {
          answers.push((await http.get<{ n: number }>(url)).data.n);
        }
        answers.push((await http.get<{ n: number }>('/a?x=1#three')).data.n);
        answers.push(await http.cache.has('/a#four'));
        await http.cache.delete('/a#five');
        answers.push(await http.cache.has('/a'));
      }
      return answers;
    });
    expect(seen).toEqual([1, 1, 1, 1, 1, 2, true, false, 3, 3, 3, 3, 3, 4, true, false]);
    expect(site.requests.filter(({ url }) => url.includes('#'))).toEqual([]);
  });

  test('EventSource, sendBeacon, fetch and XMLHttpRequest beside it are the browser’s own', async () => {
    const site = await chromium().site({
      '/a': counting(),
      '/events': (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'max-age=3600' });
        response.write('data: one\n\n');
        response.write('data: two\n\n');
        return undefined;
      },
      '/beacon': { status: 204 },
    });
    const { page, run, messages } = await chromium().open(site.page);
    const seen = await run(async ({ axios, setupCache }) => {
      const natives = (): unknown[] => [
        ...['fetch', 'XMLHttpRequest', 'EventSource'].map((name) => (globalThis as Record<string, unknown>)[name]),
        ...['open', 'send'].map((name) => Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, name)?.value),
        Object.getOwnPropertyDescriptor(Navigator.prototype, 'sendBeacon')?.value,
      ];
      const before = natives();
      const http = setupCache(axios.create(), { expireAfter: '1h' });
      await http.get('/a');
      const isUntouched = natives().every((each, at) => each === before[at]);
      const events: unknown[] = [];
      const source = new EventSource('/events');
      await new Promise<void>((resolve) => {
        source.onmessage = ({ data }) => {
          if (events.push(data) === 2) resolve();
        };
      });
      source.close();
      const isTaken = navigator.sendBeacon('/beacon', new URLSearchParams({ left: 'yes' }));
      const direct = await fetch('/a').then((response) => response.json() as Promise<{ n: number }>);
      return { isUntouched, events, isTaken, direct: direct.n, cached: (await http.get('/a')).cached };
    });
    expect(seen).toEqual({ isUntouched: true, events: ['one', 'two'], isTaken: true, direct: 2, cached: true });
    await page.goto('about:blank');
    expect(site.requests.find(({ path }) => path === '/beacon')?.body.toString()).toBe('left=yes');
    expect(messages).toEqual([]);
  });
});
