/** A renewal that a preflight refuses is a request without conditions: never worse than no cache. */
import { disconnect, type Handler, type Route } from '../support/origin.js';
import { counting, OPEN, openTo } from './support/answers.js';
import { describeChromium } from './support/chromium.js';
import type { Site } from './support/site.js';

const MODIFIED = 'Tue, 01 Jan 2019 00:00:00 GMT';
/**
 * Pages of other origins see these three without anybody's consent. By `max-age=0` the browser's own cache asks each
 * time; where an answer is to be fresh for a minute, this cache alone is told so (`FRESH`), as it alone has the clock.
 */
const STATIC = { ...OPEN, 'last-modified': MODIFIED, 'cache-control': 'max-age=0' };

const FRESH = { cacheControl: false, expireAfter: 60 };

const REFUSING: readonly (readonly [string, Route])[] = [
  ['404', { status: 404 }],
  ['405', { status: 405 }],
  ['500', { status: 500 }],
  ['204 without a word', { status: 204 }],
  ['204 for the origin alone', { status: 204, headers: OPEN }],
  ['204 for other headers', { status: 204, headers: { ...OPEN, 'access-control-allow-headers': 'X-Other' } }],
  ['a redirect', { status: 302, headers: { ...OPEN, location: '/elsewhere' } }],
  ['a connection that is cut', disconnect],
];

const sent = ({ requests }: Site, method: string): number => requests.filter((each) => each.method === method).length;

describeChromium((chromium) => {
  interface Asking {
    readonly adapter: string;
    readonly url: string;
    readonly options?: object;
    readonly times?: number;
  }

  /** What the nth of these gets brings. */
  async function gets(asking: Asking): Promise<unknown[]> {
    const { run } = await chromium().open((await chromium().site()).page);
    return run(async ({ axios, outcome, setupCache }, { adapter, url, options, times = 3 }) => {
      const http = setupCache(axios.create({ adapter: adapter as 'xhr' }), options);
      const seen: unknown[] = [];
      for (let time = 0; time < times; time += 1) seen.push(await outcome(http.get(url)));
      return seen;
    }, asking);
  }

  describe.each(['xhr', 'fetch'])('by %s', (adapter) => {
    test.each(REFUSING)('a preflight answered by %s: each get has its answer, after one preflight', async (_what, preflight) => {
      const api = await chromium().site(openTo('/a', counting(STATIC), preflight));
      expect(await gets({ adapter, url: `${api.url}/a` })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      expect(sent(api, 'GET')).toBe(3);
      // Chromium itself repeats a preflight whose connection was cut.
      if (preflight !== disconnect) expect(sent(api, 'OPTIONS')).toBe(1);
    });

    test('an ETag that is shown to the page counts as well', async () => {
      const headers = { ...OPEN, etag: '"1"', 'cache-control': 'max-age=0', 'access-control-expose-headers': 'ETag' };
      const api = await chromium().site(openTo('/a', counting(headers), { status: 404 }));
      expect(await gets({ adapter, url: `${api.url}/a` })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });

    test('with staleIfError it is the new answer too', async () => {
      const api = await chromium().site(openTo('/a', counting(STATIC), { status: 404 }));
      const options = { staleIfError: true };
      expect(await gets({ adapter, url: `${api.url}/a`, options })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    });

    test('conditionalRequests: false never asks for permission', async () => {
      const api = await chromium().site(openTo('/a', counting(STATIC), { status: 404 }));
      const options = { conditionalRequests: false };
      expect(await gets({ adapter, url: `${api.url}/a`, options })).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
      expect(sent(api, 'OPTIONS')).toBe(0);
    });

    test('a server that allows conditions is renewed by 304', async () => {
      const conditions: unknown[] = [];
      const renewed: Handler = ({ headers }) => {
        conditions.push(headers['if-modified-since']);
        const isKnown = headers['if-modified-since'] === MODIFIED;
        return isKnown ? { status: 304, headers: STATIC } : { headers: STATIC, body: { n: conditions.length } };
      };
      const allowing = { status: 204, headers: { ...OPEN, 'access-control-allow-headers': 'If-Modified-Since' } };
      const api = await chromium().site(openTo('/a', renewed, allowing));
      expect(await gets({ adapter, url: `${api.url}/a` })).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
      expect(conditions).toEqual([undefined, MODIFIED, MODIFIED]);
    });

    test('misses and hits cause no preflight, and what fails without a cache fails with it', async () => {
      const api = await chromium().site({ ...openTo('/a', counting(OPEN), { status: 404 }), '/closed': { body: {} } });
      const options = { expireAfter: '1h' };
      expect(await gets({ adapter, url: `${api.url}/a`, options })).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
      expect(sent(api, 'OPTIONS')).toBe(0);
      expect(await gets({ adapter, url: `${api.url}/closed`, times: 1 })).toEqual(['ERR_NETWORK']);
    });

    test('one refusal is enough for the origin, and for this one alone; refreshes in the background know it', async () => {
      const routes = (): Record<string, Route> => ({
        ...openTo('/a', counting(STATIC), { status: 404 }),
        ...openTo('/b', counting(STATIC), { status: 404 }),
      });
      const [one, other] = [await chromium().site(routes()), await chromium().site(routes())];
      const { run } = await chromium().open((await chromium().site()).page);
      const seen = await run(async ({ axios, setupCache }, { adapter: name, urls, fresh }) => {
        let skew = 0;
        const urlsExpireAfter = { '**/a': { ...fresh, staleWhileRevalidate: true } };
        const options = { now: () => Date.now() + skew, urlsExpireAfter };
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), options);
        const answers: unknown[] = [];
        for (const url of urls) {
          await http.get(`${url}/a`);
          skew += 61_000;
          // The first one is what is stored, and the second one what the refresh has brought.
          const old = (await http.get<{ n: number }>(`${url}/a`)).data.n;
          await http.cache.idle();
          answers.push([old, (await http.get<{ n: number }>(`${url}/a`)).data.n]);
          for (let time = 0; time < 2; time += 1) answers.push((await http.get<{ n: number }>(`${url}/b`)).data.n);
        }
        return answers;
      }, { adapter, urls: [one.url, other.url], fresh: FRESH });
      expect(seen).toEqual([[1, 2], 1, 2, [1, 2], 1, 2]);
      expect([sent(one, 'OPTIONS'), sent(other, 'OPTIONS')]).toEqual([1, 1]);
    });

    test('many at once: each is answered, by one preflight and one request', async () => {
      const api = await chromium().site(openTo('/a', counting(STATIC), { status: 404 }));
      const { run } = await chromium().open((await chromium().site()).page);
      const seen = await run(async ({ axios, setupCache }, { adapter: name, url, fresh }) => {
        let skew = 0;
        const http = setupCache(axios.create({ adapter: name as 'xhr' }), { now: () => Date.now() + skew, ...fresh });
        await http.get(url);
        skew = 61_000;
        const answers = await Promise.all(Array.from({ length: 5 }, () => http.get<{ n: number }>(url)));
        return answers.map(({ data }) => data.n);
      }, { adapter, url: `${api.url}/a`, fresh: FRESH });
      expect(seen).toEqual([2, 2, 2, 2, 2]);
      expect([sent(api, 'GET'), sent(api, 'OPTIONS')]).toEqual([2, 1]);
    });
  });
});
