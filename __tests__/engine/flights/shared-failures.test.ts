/** A failure is its own caller's: those who waited ask once more, together; and nobody is given what judges another. */
import type { AxiosAdapter, AxiosError, AxiosResponse } from 'axios';
import axios from 'axios';
import type { CachedAxiosResponse } from '../../../lib/api/response.js';
import { MemoryStorage } from '../../../lib/index.js';
import { startCached } from '../../support/cached-instance.js';
import { faultyStorage } from '../../support/faulty-storage.js';
import { disconnect, type Handler, inTurn, type Reply, withEtag } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const GOOD: Reply = { headers: { 'cache-control': 'max-age=60' }, body: { text: 'good' } };
const judging: AxiosAdapter = (config) =>
  axios.getAdapter('http')({ ...config, validateStatus: (code) => code < 400 });
const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

type Settled = PromiseSettledResult<CachedAxiosResponse<unknown>>;
/** `200 collapsed`, or the error's code. */
function shown(result: Settled): string {
  if (result.status === 'rejected') return String((result.reason as AxiosError).code);
  const { status, cache, cached } = result.value;
  return `${status}${cache.collapsed ? ' collapsed' : ''}${cached ? ' cached' : ''}`;
}
function countOf(results: readonly Settled[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[shown(result)] = (counts[shown(result)] ?? 0) + 1;
  return counts;
}
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

// A storage outside memory takes its time: the origin may have failed before the last of the callers has looked there.
describe.each([
  ['memory', () => ({})],
  ['SQLite', () => ({ storage: openStorage(newPath()) })],
])('100 at once, with %s', (_storage, options) => {
  test('the first connection is cut: 99 answers by a second request', async () => {
    const { http, origin } = await startCached({ '/': inTurn(disconnect, GOOD) }, options());
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/')));
    expect(countOf(results)).toEqual({ ECONNRESET: 1, '200': 1, '200 collapsed cached': 98 });
    expect(origin.count()).toBe(2);
  });

  test.each([500, 501, 503, 508, 408, 425, 429])('the first answer is a %i: 99 get the next one', async (status) => {
    const { http, origin } = await startCached({ '/': inTurn({ status, body: 'no' }, GOOD) }, options());
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/', { validateStatus: null })));
    expect(countOf(results)).toEqual({ [status]: 1, '200': 1, '200 collapsed cached': 98 });
    expect(origin.count()).toBe(2);
  });

  test('each of whom may be refused: one request', async () => {
    const { http, origin } = await startCached({ '/': { status: 404 } }, options());
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/')));
    expect(countOf(results)).toEqual({ ERR_BAD_REQUEST: 100 });
    expect(origin.count()).toBe(1);
  });

  test.each<[string, Reply['headers']]>([
    ['', {}],
    [' that says no-store', { 'cache-control': 'no-store' }],
    [' for one user', { 'cache-control': 'private', 'set-cookie': 'sid=1' }],
  ])('the origin stays at 503%s: it is asked twice, and nothing counts as cached', async (_name, headers) => {
    const { http, origin } = await startCached({ '/': { status: 503, headers: headers ?? {}, body: 'no' } }, options());
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/', { validateStatus: null })));
    expect(countOf(results)).toEqual({ '503': 2, '503 collapsed': 98 });
    expect(origin.count()).toBe(2);
    const cookies = results.filter((each) => each.status === 'fulfilled' && each.value.headers['set-cookie']);
    expect(cookies.length).toBe(headers?.['set-cookie'] === undefined ? 0 : 2);
  });

  test('the origin is down: two requests, 100 errors', async () => {
    const { http, origin } = await startCached({ '/': disconnect }, options());
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/')));
    expect(countOf(results)).toEqual({ ECONNRESET: 100 });
    expect(new Set(results.map((each) => (each.status === 'rejected' ? each.reason : undefined))).size).toBe(100);
    expect(origin.count()).toBe(2);
  });

  test('an adapter that fails at once, with an error of its own kind, is asked twice', async () => {
    let count = 0;
    const adapter: AxiosAdapter = () => {
      count += 1;
      return Promise.reject(Object.assign(new TypeError('fetch failed'), { count }));
    };
    const { http } = await startCached({}, { ...options(), defaults: { adapter } });
    const results = await Promise.allSettled(times(100, () => http.get<unknown>('/')));
    expect(count).toBe(2);
    const reasons = results.map((each) => (each.status === 'rejected' ? (each.reason as TypeError) : undefined));
    expect(reasons.every((reason) => reason instanceof TypeError)).toBe(true);
    expect(new Set(reasons).size).toBe(100);
  });
});

describe('those who waited', () => {
  test('for a renewal ask once more, with the conditions', async () => {
    const etag: Reply['headers'] = { 'cache-control': 'max-age=60', etag: '"1"' };
    const answer: Handler = ({ headers }) =>
      headers['if-none-match'] === undefined ? { headers: etag, body: 'one' } : { status: 304, headers: etag };
    const busy = { status: 503, headers: { 'retry-after': '1' } };
    const { http, origin, clock } = await startCached({ '/': inTurn(answer, busy, answer) });
    await http.get('/');
    clock.advance(100);
    const results = await Promise.allSettled(times(10, () => http.get<unknown>('/', { validateStatus: null })));
    expect(countOf(results)).toEqual({ '503': 1, '200 cached': 1, '200 collapsed cached': 8 });
    expect(origin.count()).toBe(3);
    expect(origin.requests[2]?.headers['if-none-match']).toBe('"1"');
  });

  test('for a POST that is cached ask once more', async () => {
    const { http, origin } = await startCached({ '/': inTurn(disconnect, GOOD) });
    const ask = () => http.post<unknown>('/', { q: 1 }, { cache: { allowedMethods: ['POST'], expireAfter: '1h' } });
    expect(countOf(await Promise.allSettled(times(10, ask)))).toEqual({
      ECONNRESET: 1,
      '200': 1,
      '200 collapsed cached': 8,
    });
    expect(origin.count()).toBe(2);
  });

  test('are given something stale at once where they take that', async () => {
    const { http, origin, clock } = await startCached({ '/': inTurn(GOOD, disconnect) }, { staleIfError: true });
    await http.get('/');
    clock.advance(100);
    const results = await Promise.all(times(10, () => http.get<unknown>('/')));
    expect(results.map(({ cache }) => cache.reason)).toEqual(times(10, () => 'stale-if-error'));
    expect(origin.count()).toBe(2);
  });

  test('are given what another request has stored meanwhile', async () => {
    const { http, origin } = await startCached({ '/': inTurn(GOOD, disconnect) });
    const first = origin.hold('/');
    const leading = http.get<unknown>('/');
    await first.arrived();
    const waiting = times(3, () => http.get<unknown>('/'));
    const second = origin.hold('/');
    const newer = http.get<unknown>('/', { cache: 'reload' });
    await second.arrived();
    second.release();
    await newer;
    first.release();
    await expect(leading).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(countOf(await Promise.allSettled(waiting))).toEqual({ '200 cached': 3 });
    expect(origin.count()).toBe(2);
  });

  test('ask without conditions where what is stored was deleted meanwhile', async () => {
    const busy = { status: 503, headers: { 'retry-after': '1' } };
    const { http, origin, clock } = await startCached({ '/': inTurn(withEtag('"1"', GOOD), busy, GOOD) });
    await http.get('/');
    clock.advance(100);
    const first = origin.hold('/');
    const leading = http.get<unknown>('/', { validateStatus: null });
    await first.arrived();
    const waiting = http.get('/');
    await http.cache.delete('/');
    first.release();
    await leading;
    expect((await waiting).data).toEqual({ text: 'good' });
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', undefined]);
  });

  test('are given a 504 where something stored must not be used without the origin', async () => {
    const strict = { ...GOOD, headers: { 'cache-control': 'max-age=60, must-revalidate' } };
    const { http, clock } = await startCached({ '/': inTurn(strict, disconnect) }, { staleIfError: true });
    await http.get('/');
    clock.advance(100);
    const results = await Promise.allSettled(times(4, () => http.get<unknown>('/', { validateStatus: null })));
    expect(countOf(results)).toEqual({ '504': 4 });
  });

  test('in vain for as long as they have time leave no others to wait with them', async () => {
    const { http, origin } = await startCached({ '/': GOOD });
    const first = origin.hold('/');
    const leading = Promise.allSettled([http.get('/')]);
    await first.arrived();
    await expect(http.get('/', { timeout: 50 })).rejects.toMatchObject({ code: 'ECONNABORTED' });
    origin.hold('/').release();
    expect((await http.get('/')).data).toEqual({ text: 'good' });
    first.release();
    await leading;
    expect(origin.count()).toBe(2);
  });

  test.each([
    ['the connection is cut', disconnect],
    ['the answer is 503', { status: 503 }],
  ])('are not given the failure of another earlier request: %s', async (_name, failure) => {
    const { http, origin } = await startCached({ '/': inTurn(failure, failure, GOOD) });
    const held = [origin.hold('/')];
    const earlier = [http.get<unknown>('/')];
    await held[0]?.arrived();
    held.push(origin.hold('/'));
    earlier.push(http.get<unknown>('/', { cache: { mode: 'reload' } }));
    await held[1]?.arrived();
    const later = Promise.allSettled(times(3, () => http.get<unknown>('/')));
    // The one that was sent last is the one that they wait for.
    held[1]?.release();
    await earlier[1]?.catch(() => undefined);
    held[0]?.release();
    await Promise.allSettled(earlier);
    expect(countOf(await later)).toEqual({ '200': 1, '200 collapsed cached': 2 });
    expect(origin.count()).toBe(3);
  });

  test.each(['is full', 'is refused'] as const)('ask once more after a 503, though the storage %s', async (fault) => {
    const faulty = faultyStorage(new MemoryStorage());
    const busy = inTurn({ status: 503, body: 'no' }, GOOD);
    const { http, origin } = await startCached({ '/': busy, '/other': GOOD }, { storage: faulty.storage });
    await http.get('/other');
    faulty.become(fault);
    const results = await Promise.allSettled(times(10, () => http.get<unknown>('/', { validateStatus: null })));
    expect(countOf(results)).toEqual({ '503': 1, '200': 1, '200 collapsed cached': 8 });
    expect(origin.count('/')).toBe(2);
    faulty.become(undefined);
  });

  test('may abort while they wait for the second request, whoever leads it', async () => {
    const { http, origin } = await startCached({ '/': inTurn(disconnect, GOOD, GOOD) });
    const aborts = times(5, () => new AbortController());
    const first = origin.hold('/');
    const requests = aborts.map(({ signal }) => http.get<unknown>('/', { signal }));
    await first.arrived();
    const second = origin.hold('/');
    first.release();
    await second.arrived();
    aborts[1]?.abort();
    aborts[3]?.abort();
    await expect(requests[1]).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    second.release();
    const results = await Promise.allSettled(requests);
    expect(results.map((each) => (each.status === 'fulfilled' ? each.value.status : 0))).toEqual([0, 0, 200, 0, 200]);
    expect(origin.count()).toBe(2);
  });

  test('do not wait longer than their own timeout, though they lead the second request', async () => {
    const { http, origin } = await startCached({ '/': inTurn(disconnect, GOOD) });
    const first = origin.hold('/');
    const since = performance.now();
    const requests = [http.get('/').catch(() => undefined), http.get('/', { timeout: 300 })];
    await first.arrived();
    const second = origin.hold('/');
    await new Promise((resolve) => void setTimeout(resolve, 200));
    first.release();
    await expect(requests[1]).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect(performance.now() - since).toBeLessThan(450);
    second.release();
    await Promise.allSettled(requests);
  });
});

describe('callers with other credentials under one name', () => {
  const judge: Handler = ({ headers: { authorization } }) =>
    authorization === 'Bearer new' ? GOOD : { status: 401, body: 'who?' };

  test.each([401, 403, 407, 404, 418])('who has a valid token is not given the %i of who has none', async (status) => {
    const { http, origin } = await startCached({
      '/me': (request, response) => {
        const reply = judge(request, response) as Reply;
        return reply.status === 401 ? { ...reply, status } : reply;
      },
    });
    const ask = (token: string) =>
      http.get<unknown>('/me', {
        ...bearer(token),
        validateStatus: null,
        cache: { partition: 'user 7', allowedCodes: [200] },
      });
    const held = origin.hold('/me');
    const wave = [ask('old'), ask('new'), ask('old'), ask('new'), ask('new')];
    await held.arrived();
    held.release();
    expect((await Promise.all(wave)).map((each) => each.status)).toEqual([status, 200, status, 200, 200]);
    // The same credentials share.
    expect(origin.count('/me')).toBeLessThanOrEqual(3);
  });

  test('by any way in which credentials travel', async () => {
    const auth = { username: 'a', password: 'b' };
    const ways = [bearer('old'), bearer('new'), { auth }, { headers: { Cookie: 'a=1' } }];
    for (const partition of [false, 'one'] as const) {
      const { http, origin } = await startCached({ '/me': { status: 401, body: 'who?' } });
      const held = origin.hold('/me');
      const wave = ways.map((way) => http.get('/me', { ...way, validateStatus: null, cache: { partition } }));
      await held.arrived();
      held.release();
      expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual([false, false, false, false]);
      expect(origin.count()).toBe(4);
    }
  });

  test('what is stored they share', async () => {
    const { http, origin } = await startCached({ '/': GOOD });
    const wave = ['one', 'two'].map((token) => http.get('/', { ...bearer(token), cache: { partition: 'user 7' } }));
    expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual([false, true]);
    expect(origin.count()).toBe(1);
  });

  test('what a storage that fails would have stored they share', async () => {
    const faulty = faultyStorage(new MemoryStorage());
    const { http, origin } = await startCached({ '/': GOOD }, { storage: faulty.storage });
    faulty.become('is full');
    const wave = ['one', 'two'].map((token) => http.get('/', { ...bearer(token), cache: { partition: 'user 7' } }));
    expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual([false, true]);
    expect(origin.count()).toBe(1);
  });

  /** Whatever can be reached from `value`, listed or not. */
  function reaches(value: unknown, text: string, seen = new Set<unknown>()): boolean {
    if (typeof value === 'string') return value.includes(text);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return false;
    seen.add(value);
    return [...Reflect.ownKeys(value)].some((key) => {
      const member = Reflect.getOwnPropertyDescriptor(value, key);
      return reaches(key.toString(), text, seen) || reaches(member?.value, text, seen);
    });
  }

  test.each<[string, AxiosAdapter | undefined]>([
    ['http', undefined],
    ['fetch', axios.getAdapter('fetch')],
    ['one that judges the status', judging],
    [
      'one that puts all it knows on its error',
      (config) =>
        Promise.reject(Object.assign(new Error('no', { cause: { config } }), { config, details: { config } })),
    ],
  ])('the error of one shows nothing of the other’s request: %s', async (_name, adapter) => {
    for (const route of [disconnect, { status: 418, body: { no: 1 } }]) {
      const { http } = await startCached({ '/': route });
      const own = adapter === undefined ? {} : { adapter };
      const ask = (token: string) => http.get('/', { ...own, ...bearer(token), cache: { partition: false } });
      const tokens = ['token-one', 'token-two', 'token-two', 'token-two'];
      const results = await Promise.allSettled(tokens.map(ask));
      results.forEach((result, index) => {
        const error: unknown = result.status === 'rejected' ? result.reason : undefined;
        expect(error).toBeInstanceOf(Error);
        // Those who have sent a request are given it, and it leads to the agent that others use as well.
        if (index >= 2) expect(reaches(error, 'token-one')).toBe(false);
      });
    }
  });

  test('of the same credentials nothing of the request is shared either', async () => {
    const { http } = await startCached({ '/': disconnect });
    const ask = (index: number) => http.get('/', { headers: { 'X-Caller': `caller-${index}` } });
    const results = await Promise.allSettled(times(4, ask));
    results.forEach((result, index) => {
      const error = result.status === 'rejected' ? (result.reason as AxiosError) : undefined;
      expect(error?.request).toBeDefined();
      // Those who have sent a request are given it, and it leads to the agent that others use as well.
      if (index < 2) return;
      for (const other of [0, 1, 2, 3].filter((each) => each !== index)) {
        expect(reaches(error, `caller-${other}`)).toBe(false);
      }
    });
  });

  test('a response that a failure has keeps its data for each', async () => {
    const route = { status: 503, body: { list: [1] } };
    const { http } = await startCached({ '/': route }, { defaults: { adapter: judging } });
    const results = await Promise.allSettled(times(4, () => http.get('/')));
    for (const result of results) {
      const response = (result as PromiseRejectedResult).reason as { response: AxiosResponse };
      expect([response.response.status, response.response.data]).toEqual([503, { list: [1] }]);
      response.response.data = 'spoilt';
    }
  });
});
