/** The cache in workers of each kind, and in a page that a service worker stands below. */
import { counting } from './support/answers.js';
import { bundled } from './support/bundled.js';
import { type Chromium, describeChromium, type OpenPage } from './support/chromium.js';

const SETUP = `
  import axios from 'axios';
  import { setupCache } from 'axios-client-cache';
  const http = setupCache(axios.create(), { expireAfter: '1h' });
  const gets = async () => {
    const seen = [];
    for (let time = 0; time < 2; time += 1) {
      const { data, cached } = await http.get('/a');
      seen.push([data.n, cached]);
    }
    return seen;
  };`;

describeChromium((chromium) => {
  test('a module worker', async () => {
    const worker = bundled(`${SETUP} onmessage = async () => postMessage(await gets());`);
    const site = await chromium().site({ '/worker.js': worker, '/a': counting() });
    const { run, messages } = await chromium().open(site.page);
    const seen = await run(() => new Promise((resolve, reject) => {
      const started = new Worker('/worker.js', { type: 'module' });
      started.onmessage = ({ data }) => resolve(data);
      started.onerror = ({ message }) => reject(new Error(message));
      started.postMessage('go');
    }));
    expect(seen).toEqual([[1, false], [1, true]]);
    expect(messages).toEqual([]);
  });

  test('a shared worker: its tabs have one cache', async () => {
    const worker = bundled(`${SETUP}
      onconnect = ({ ports: [port] }) => {
        port.onmessage = async () => port.postMessage(await gets());
      };`);
    const site = await chromium().site({ '/worker.js': worker, '/a': counting() });
    const tabs = [await chromium().open(site.page), await chromium().open(site.page)];
    const seen: unknown[] = [];
    for (const { run } of tabs) {
      seen.push(await run(() => new Promise((resolve, reject) => {
        const started = new SharedWorker('/worker.js', { type: 'module' });
        started.onerror = () => reject(new Error('the worker does not start'));
        started.port.onmessage = ({ data }) => resolve(data);
        started.port.postMessage('go');
      })));
    }
    expect(seen).toEqual([[[1, false], [1, true]], [[1, true], [1, true]]]);
    expect(tabs.flatMap(({ messages }) => messages)).toEqual([]);
  });

  /** Registers `/worker.js` and waits until it stands below the page. */
  const register = ({ page }: OpenPage): Promise<void> =>
    page.evaluate(async () => {
      const controlled = new Promise((resolve) => {
        navigator.serviceWorker.oncontrollerchange = resolve;
      });
      await navigator.serviceWorker.register('/worker.js', { type: 'module' });
      if (navigator.serviceWorker.controller === null) await controlled;
    });
  const AT_ONCE = `
    oninstall = () => skipWaiting();
    onactivate = (event) => event.waitUntil(clients.claim());`;

  const askWorker = ({ page }: OpenPage): Promise<unknown> =>
    page.evaluate(() => new Promise((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => { resolve(data); };
      navigator.serviceWorker.controller?.postMessage('go');
    }));

  async function stopWorkers(open: OpenPage): Promise<void> {
    const client = await open.page.context().newCDPSession(open.page);
    await client.send('ServiceWorker.enable');
    await client.send('ServiceWorker.stopAllWorkers');
    await client.detach();
  }

  test('a service worker: what it has in IndexedDB is there again after it was stopped', async () => {
    const worker = bundled(`
      import axios from 'axios';
      import { setupCache } from 'axios-client-cache';
      import { IndexedDbStorage } from 'axios-client-cache/indexeddb';
      ${AT_ONCE}
      const started = Math.random();
      const http = setupCache(axios.create(), { storage: new IndexedDbStorage('worker'), expireAfter: '1h' });
      onmessage = ({ source }) => http.get('/a').then(({ data, cached }) => {
        source.postMessage({ started, seen: [data.n, cached] });
      });`);
    const context = await chromium().context();
    const open = await chromium().open(
      (await chromium().site({ '/worker.js': worker, '/a': counting() })).page,
      { context },
    );
    await register(open);
    const answers = [await askWorker(open), await askWorker(open)];
    await stopWorkers(open);
    answers.push(await askWorker(open));
    const [first, , last] = answers as { readonly started: number; readonly seen: unknown }[];
    expect((answers as typeof answers & { seen: unknown }[]).map(({ seen }) => seen)).toEqual([
      [1, false], [1, true], [1, true],
    ]);
    expect(last?.started).not.toBe(first?.started);
    expect(open.messages).toEqual([]);
  });

  /** A page above a service worker that treats what the page asks for so. */
  async function above(below: Chromium, onfetch: string): Promise<{ open: OpenPage; count: () => number }> {
    const worker = bundled(`${AT_ONCE} ${onfetch}`);
    const context = await below.context();
    const site = await below.site({ '/worker.js': worker, '/a': counting({ 'cache-control': 'max-age=3600' }) });
    const open = await below.open(site.page, { context });
    await register(open);
    return { open, count: () => site.count('/a') };
  }

  /** What gets bring above the worker: two, one with `cache: 'reload'`, and one after it. */
  const gets = ({ run }: OpenPage, adapter: string): Promise<unknown> =>
    run(async ({ axios, setupCache }, name) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }));
      const seen: unknown[] = [];
      for (const cache of [undefined, undefined, 'reload', undefined] as const) {
        const { data, cached, request } = await http.get<{ n: number }>('/a', cache === undefined ? {} : { cache });
        const { responseURL, url } = request as { readonly responseURL?: string; readonly url?: string };
        seen.push([data.n, cached, new URL(responseURL ?? url ?? '').pathname]);
      }
      return seen;
    }, adapter);

  test.each(['xhr', 'fetch'])('by %s, above a service worker that passes requests on', async (adapter) => {
    const { open, count } = await above(chromium(), 'onfetch = (event) => event.respondWith(fetch(event.request));');
    expect(await gets(open, adapter)).toEqual([[1, false, '/a'], [1, true, '/a'], [2, false, '/a'], [2, true, '/a']]);
    expect(count()).toBe(2);
    expect(open.messages).toEqual([]);
  });

  test.each(['xhr', 'fetch'])('by %s, above a service worker that answers by itself', async (adapter) => {
    const { open, count } = await above(chromium(), `
      let n = 0;
      onfetch = (event) => {
        if (!event.request.url.endsWith('/a')) return;
        n += 1;
        const headers = { 'content-type': 'application/json', 'cache-control': 'max-age=3600' };
        event.respondWith(new Response(JSON.stringify({ n }), { headers }));
      };`);
    expect(await gets(open, adapter)).toEqual([[1, false, '/a'], [1, true, '/a'], [2, false, '/a'], [2, true, '/a']]);
    expect(count()).toBe(0);
    expect(open.messages).toEqual([]);
  });

  test.each(['xhr', 'fetch'])('by %s, above a service worker that fails: as without a cache', async (adapter) => {
    const { open } = await above(chromium(), `
      onfetch = (event) => event.request.url.endsWith('/a') && event.respondWith(Response.error());`);
    const seen = await open.run(async ({ axios, outcome, setupCache }, name) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      return [await outcome(http.get('/a')), await outcome(axios.get('/a', { adapter: name as 'xhr' }))];
    }, adapter);
    expect(seen).toEqual(['ERR_NETWORK', 'ERR_NETWORK']);
  });
});
