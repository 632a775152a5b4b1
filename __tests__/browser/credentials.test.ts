/** Cookies that an adapter leaves out, and what else in `fetchOptions` makes fetch refuse or send less. */
import { counting, OPEN, openTo } from './support/answers.js';
import { describeChromium } from './support/chromium.js';
import type { Routes } from '../support/origin.js';

const whoseOf = (cookies = ''): string => /who=(\w+)/.exec(cookies)?.[1] ?? 'nobody';

describeChromium((chromium) => {
  /** What each of these gets brings with the cache, and on axios alone. */
  async function both(routes: Routes, gets: readonly (readonly [string, object])[]) {
    const site = await chromium().site(routes);
    const context = await chromium().context();
    await context.addCookies([{ name: 'who', value: 'ada', url: site.url }]);
    const { run } = await chromium().open(site.page, { context });
    return run(async ({ axios, outcome, setupCache }, asked) => {
      const cached = setupCache(axios.create(), { expireAfter: '1h' });
      const seen = { cached: [] as unknown[], alone: [] as unknown[] };
      for (const [url, config] of asked) {
        seen.cached.push(await outcome(cached.get(url, config)));
        seen.alone.push(await outcome(axios.get(url, config)));
      }
      return seen;
    }, gets);
  }

  test('each adapter’s own idea of withCredentials on the page’s own origin', async () => {
    const [xhr, fetch, omitting] = [
      { adapter: 'xhr' }, { adapter: 'fetch' }, { adapter: 'fetch', withCredentials: false },
    ];
    const gets = [xhr, omitting, fetch, omitting, { adapter: 'xhr', withCredentials: false }, xhr].map(
      (config) => ['/me', config] as const,
    );
    const { cached, alone } = await both({ '/me': ({ headers }) => ({ body: whoseOf(headers.cookie) }) }, gets);
    expect(cached).toEqual(['ada', 'nobody', 'ada', 'nobody', 'ada', 'ada']);
    expect(cached).toEqual(alone);
  });

  test.each(['xhr', 'fetch'])('across origins, by %s: with and without are two entries', async (adapter) => {
    const site = await chromium().site();
    const headers = { 'access-control-allow-origin': site.url, 'access-control-allow-credentials': 'true' };
    const api = await chromium().site(
      openTo('/me', ({ headers: asked }) => ({ headers, body: whoseOf(asked.cookie) })),
    );
    const context = await chromium().context();
    await context.addCookies([{ name: 'who', value: 'ada', url: api.url }]);
    const { run } = await chromium().open(site.page, { context });
    const seen = await run(async ({ axios, setupCache }, { name, url }) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const answers: unknown[] = [];
      for (const withCredentials of [true, false, true, undefined]) {
        const { data, cached } = await http.get<unknown>(url, withCredentials === undefined ? {} : { withCredentials });
        answers.push([data, cached]);
      }
      return answers;
    }, { name: adapter, url: `${api.url}/me` });
    const last = ['nobody', adapter === 'xhr'];
    expect(seen).toEqual([['ada', false], ['nobody', false], ['ada', true], last]);
  });

  test.each(['xhr', 'fetch'])('by %s: credentials against * fail as without a cache, and harm nobody else', async (adapter) => {
    const api = await chromium().site(openTo('/a', counting(OPEN)));
    const { run } = await chromium().open((await chromium().site()).page);
    const seen = await run(async ({ axios, outcome, setupCache }, { name, url }) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const get = (withCredentials: boolean): Promise<unknown> => outcome(http.get(url, { withCredentials }));
      return [await Promise.all([get(true), get(false)]), await get(true), await get(false)];
    }, { name: adapter, url: `${api.url}/a` });
    expect(seen).toEqual([['ERR_NETWORK', { n: expect.any(Number) }], 'ERR_NETWORK', { n: expect.any(Number) }]);
  });

  const MATCHING = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  test('integrity, modes and redirects of fetch refuse what they refuse without a cache', async () => {
    const other = await chromium().site(openTo('/a', { headers: OPEN, body: 'other' }));
    const options = [
      {},
      { integrity: MATCHING },
      { integrity: 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      { mode: 'same-origin' },
      { mode: 'no-cors' },
      { redirect: 'error' },
      { redirect: 'manual' },
      { credentials: 'omit' },
      { referrerPolicy: 'no-referrer' },
      {},
    ];
    const urls = ['/empty', '/moved', '/referrer', `${other.url}/a`];
    const gets = urls.flatMap((url) =>
      options.map((fetchOptions) => [url, { adapter: 'fetch', fetchOptions, responseType: 'text' }] as const),
    );
    const { cached, alone } = await both({
      '/empty': { body: '' },
      '/moved': { status: 302, headers: { location: '/empty' } },
      '/referrer': ({ headers }) => ({ body: headers.referer ?? 'none' }),
    }, gets);
    const told = (outcomes: unknown[]): unknown[] =>
      gets.map(([url, config], at) => [url, config.fetchOptions, outcomes[at]]);
    expect(told(cached)).toEqual(told(alone));
  });
});
