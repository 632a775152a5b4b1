/** Across origins a page is not shown Vary: then each header that the caller set selects, as if Vary named them all. */
import type { Handler, Reply } from '../support/origin.js';
import { OPEN, openTo } from './support/answers.js';
import { describeChromium } from './support/chromium.js';

/** Answers with the region that was asked for. */
const regions = (headers: Reply['headers'] = {}): Handler => ({ headers: asked }) => ({
  headers: { ...OPEN, vary: 'X-Region', 'cache-control': 'max-age=60', ...headers },
  body: asked['x-region'] ?? 'none',
});

describeChromium((chromium) => {
  interface Asking {
    readonly adapter: string;
    readonly url: string;
    readonly headers: readonly Record<string, string>[];
    readonly options?: object;
  }

  async function gets(asking: Asking): Promise<unknown[]> {
    const { run } = await chromium().open((await chromium().site()).page);
    return run(async ({ axios, setupCache }, { adapter, url, headers, options }) => {
      const http = setupCache(axios.create({ adapter: adapter as 'xhr' }), options);
      const seen: unknown[] = [];
      for (const each of headers) seen.push((await http.get<unknown>(url, { headers: each })).data);
      return seen;
    }, asking);
  }

  describe.each(['xhr', 'fetch'])('by %s', (adapter) => {
    test('each value has its own answer, and each is kept', async () => {
      const api = await chromium().site(openTo('/a', regions()));
      const headers = ['de', 'fr', 'de'].map((region) => ({ 'X-Region': region }));
      expect(await gets({ adapter, url: `${api.url}/a`, headers })).toEqual(['de', 'fr', 'de']);
      expect(api.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
    });

    test('a header that is not there differs from each that is', async () => {
      const api = await chromium().site(openTo('/a', regions()));
      const headers = [{}, { 'X-Region': 'fr' }, {}, { 'X-Region': 'fr', 'X-Other': '1' }];
      expect(await gets({ adapter, url: `${api.url}/a`, headers })).toEqual(['none', 'fr', 'none', 'fr']);
    });

    test('a Vary that is shown decides', async () => {
      const shown = { vary: 'X-Region', 'access-control-expose-headers': 'Vary' };
      const api = await chromium().site(openTo('/a', regions(shown)));
      const headers = [{ 'X-Region': 'de', 'X-Id': '1' }, { 'X-Region': 'de', 'X-Id': '2' }, { 'X-Region': 'fr' }];
      expect(await gets({ adapter, url: `${api.url}/a`, headers })).toEqual(['de', 'de', 'fr']);
      expect(api.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
    });

    test('on the page’s own origin a Vary that is not there is none', async () => {
      const own = await chromium().site({ '/a': regions({ vary: [] }) });
      const { run } = await chromium().open(own.page);
      const seen = await run(async ({ axios, setupCache }, name) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }));
        const answers: unknown[] = [];
        for (const id of ['1', '2']) answers.push((await http.get('/a', { headers: { 'X-Id': id } })).cached);
        return answers;
      }, adapter);
      expect(seen).toEqual([false, true]);
    });

    test('ignoreVary still says which headers mean nothing', async () => {
      const api = await chromium().site(openTo('/a', regions()));
      const headers = [{ 'X-Region': 'de', 'X-Id': '1' }, { 'X-Region': 'de', 'X-Id': '2' }, { 'X-Region': 'fr' }];
      const options = { ignoreVary: ['X-Id'] };
      expect(await gets({ adapter, url: `${api.url}/a`, headers, options })).toEqual(['de', 'de', 'fr']);
      expect(api.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
    });

    test('headers of the instance and of interceptors select too, also once the answer was renewed', async () => {
      const api = await chromium().site(openTo('/a', ({ headers: asked }) => {
        const headers = {
          ...OPEN,
          vary: 'X-Region',
          'last-modified': 'Tue, 01 Jan 2019 00:00:00 GMT',
          'cache-control': 'max-age=60',
        };
        return asked['if-modified-since'] === undefined
          ? { headers, body: asked['x-region'] ?? 'none' }
          : { status: 304, headers };
      }));
      const { run } = await chromium().open((await chromium().site()).page);
      const seen = await run(async ({ axios, setupCache }, { adapter: name, url }) => {
        let skew = 0;
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { now: () => Date.now() + skew });
        let region = 'de';
        http.interceptors.request.use((config) => {
          config.headers.set('X-Region', region);
          return config;
        });
        const answers: unknown[] = [];
        const get = async (): Promise<void> => {
          const { data, cache } = await http.get<unknown>(url);
          answers.push([data, cache.status]);
        };
        await get();
        skew = 61_000;
        await get();
        region = 'fr';
        await get();
        http.interceptors.request.clear();
        http.defaults.headers.common['X-Region'] = 'it';
        await get();
        http.defaults.headers.common['X-Region'] = 'de';
        await get();
        return answers;
      }, { adapter, url: `${api.url}/a` });
      expect(seen).toEqual([['de', 'miss'], ['de', 'revalidated'], ['fr', 'miss'], ['it', 'miss'], ['de', 'hit']]);
    });

    test('where a redirect of the own origin leads to another one', async () => {
      const api = await chromium().site(openTo('/a', regions()));
      const own = await chromium().site({ '/go': { status: 302, headers: { location: `${api.url}/a` } } });
      const { run } = await chromium().open(own.page);
      const seen = await run(async ({ axios, setupCache }, name) => {
        const http = setupCache(axios.create({ adapter: name as 'xhr' }));
        const answers: unknown[] = [];
        for (const region of ['de', 'fr', 'de']) {
          answers.push((await http.get<unknown>('/go', { headers: { 'X-Region': region } })).data);
        }
        return answers;
      }, adapter);
      expect(seen).toEqual(['de', 'fr', 'de']);
    });
  });
});
