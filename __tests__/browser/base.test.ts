/** Relative URLs are relative to the document's base, which a page may name itself. */
import type { Handler } from '../support/origin.js';
import { describeChromium } from './support/chromium.js';
import { htmlPage } from './support/site.js';

const path: Handler = ({ path: asked }) => ({ body: asked });

const ROUTES = {
  '/app/page': htmlPage({ head: '<base href="/other/">' }),
  '/root/page': htmlPage({ head: '<base href="/">' }),
  '/app/x': path,
  '/other/x': path,
  '/third/x': path,
  '/api/x': path,
};

describeChromium((chromium) => {
  describe.each(['xhr', 'fetch'])('by %s', (adapter) => {
    test('another base than the page’s own address', async () => {
      const { run } = await chromium().open(`${(await chromium().site(ROUTES)).url}/app/page`);
      const seen = await run(async ({ axios, setupCache }, name) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
        const answers: unknown[] = [];
        for (const url of ['x', '/app/x', './x', '../app/x', `${location.origin}/other/x`]) {
          const { data, cached } = await http.get<unknown>(url);
          answers.push([data, cached]);
        }
        const stored = [await http.cache.has('x'), await http.cache.has('/third/x')];
        await http.cache.delete('x');
        answers.push(stored, await http.cache.has('/other/x'), await http.cache.has('/app/x'));
        document.querySelector('base')!.href = '/third/';
        answers.push((await http.get<unknown>('x')).data);
        return answers;
      }, adapter);
      expect(seen).toEqual([
        ['/other/x', false], ['/app/x', false], ['/other/x', true], ['/app/x', true], ['/other/x', true],
        [true, false], false, true,
        '/third/x',
      ]);
    });

    test('routes of an app with a base are no other URLs', async () => {
      const { run } = await chromium().open(`${(await chromium().site(ROUTES)).url}/root/page`);
      const seen = await run(async ({ axios, setupCache }, name) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
        const first = (await http.get('api/x')).cached;
        history.pushState({}, '', '/elsewhere/deep');
        return [first, (await http.get('api/x')).cached];
      }, adapter);
      expect(seen).toEqual([false, true]);
    });

    test('what an unsafe request ends is found by the base too', async () => {
      const { run } = await chromium().open(`${(await chromium().site(ROUTES)).url}/app/page`);
      const seen = await run(async ({ axios, setupCache }, name) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
        for (const url of ['x', '/app/x', '/third/x']) await http.get(url);
        await http.post('x', {});
        await http.post('/api/x', {}, { cache: { invalidates: '../third/x' } });
        return [await http.cache.has('/other/x'), await http.cache.has('/app/x'), await http.cache.has('/third/x')];
      }, adapter);
      expect(seen).toEqual([false, true, false]);
    });
  });

  test('workers have no document: their own address counts', async () => {
    const site = await chromium().site({
      ...ROUTES,
      '/app/worker.js': {
        headers: { 'content-type': 'text/javascript' },
        body: `importScripts('/-/axios.js', '/-/dist/browser/index.min.js');
          const http = axiosClientCache.setupCache(axios.create(), { expireAfter: '1h' });
          onmessage = async () => {
            const answers = [await http.get('x'), await http.get('x')];
            postMessage(answers.map(({ data, cached }) => [data, cached]));
          };`,
      },
    });
    const { run } = await chromium().open(site.page);
    const seen = await run(() => new Promise((resolve) => {
      const worker = new Worker('/app/worker.js');
      worker.onmessage = ({ data }) => resolve(data);
      worker.postMessage('go');
    }));
    expect(seen).toEqual([['/app/x', false], ['/app/x', true]]);
  });
});
