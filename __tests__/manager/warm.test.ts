/** `warm` fills a cache with many answers; `softTimeout` answers with what is stored while the server is slow. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { WarmProgress } from '../../lib/index.js';
import { numbered, startCached, told } from '../support/cached-instance.js';

describe('warm', () => {
  test('asks for each URL, tells how far it has come, and sums up', async () => {
    const { http, origin } = await startCached(({ url }) => (url === '/3' ? { status: 404 } : { body: 'four' }));
    await http.get('/1');
    const seen: WarmProgress[] = [];
    const urls = ['/1', '/2', '/3'];
    const onProgress = (progress: WarmProgress): void => {
      seen.push(progress);
      throw new Error('nobody hears of it');
    };
    const summary = await http.cache.warm(urls, { onProgress, concurrency: 1 });
    expect(summary).toEqual({ done: 3, total: 3, cached: 2, failed: 1, bytes: 8 });
    expect(seen).toEqual([
      { done: 1, total: 3, cached: 1, failed: 0, bytes: 4 },
      { done: 2, total: 3, cached: 2, failed: 0, bytes: 8 },
      { done: 3, total: 3, cached: 2, failed: 1, bytes: 8 },
    ]);
    expect([told(await http.get('/2')), origin.count()]).toEqual(['hit fresh', 3]);
  });

  test('has so many requests under way at once, and takes URLs as they come', async () => {
    const { http, origin } = await startCached(numbered());
    let taken = 0;
    async function* urls() {
      for (; taken < 5; taken += 1) yield `/${taken}`;
    }
    const gate = origin.hold('/0');
    const warming = http.cache.warm(urls(), { concurrency: 1, config: { headers: { 'X-Own': 'a' } } });
    await gate.arrived();
    expect(taken).toBe(0);
    gate.release();
    expect(await warming).toEqual({ done: 5, total: 5, cached: 5, failed: 0, bytes: 40 });
    expect(origin.requests.map(({ headers }) => headers['x-own'])).toEqual(['a', 'a', 'a', 'a', 'a']);
  });

  test('tries again where the server fails for the moment, and not where it answers', async () => {
    const answers = new Map([['/busy', [503, 200]], ['/gone', [410, 200]]]);
    const { http } = await startCached(({ url = '' }) => ({ status: answers.get(url)?.shift() ?? 200 }));
    expect(await http.cache.warm(new Set(['/busy', '/gone']), { retries: 1 })).toMatchObject({ cached: 1, failed: 1 });
  });

  test('ends as a request does where it is aborted, whatever hangs', async () => {
    const { http, origin } = await startCached(numbered());
    const controller = new AbortController();
    const gate = origin.hold('/1');
    const warming = http.cache.warm(['/1', '/2'], { concurrency: 1, signal: controller.signal });
    await gate.arrived();
    controller.abort();
    await expect(warming).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    gate.release();
    async function* endless() {
      yield '/1';
      await new Promise(() => undefined);
    }
    const hanging = new AbortController();
    const waiting = http.cache.warm(endless(), { signal: hanging.signal, onProgress: () => { hanging.abort(); } });
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await expect(http.cache.warm(['/1'], { signal: hanging.signal })).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  });

  test('keeps none of the URLs that it is done with', async () => {
    const { http } = await startCached(numbered());
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const taken: WeakRef<object>[] = [];
    let isFirstHeld = true;
    const next = (): IteratorResult<string> => {
      if (taken.length > 50) collectGarbage();
      isFirstHeld = taken[0]?.deref() !== undefined;
      const step: IteratorResult<string> = { done: taken.length === 60, value: `/${taken.length}` };
      taken.push(new WeakRef(step));
      return step;
    };
    const { done } = await http.cache.warm({ [Symbol.iterator]: () => ({ next }) });
    expect([done, isFirstHeld]).toEqual([60, false]);
  });

  test('a list that fails ends it with its own error', async () => {
    const { http } = await startCached(numbered());
    function* failing() {
      yield '/1';
      throw new Error('no more');
    }
    await expect(http.cache.warm(failing())).rejects.toThrow('no more');
  });

  test.each<[unknown, unknown]>([
    ['/users', {}], [undefined, {}], [['/a'], { concurrency: 0 }], [['/a'], { retries: -1 }], [['/a'], { parallel: 2 }],
  ])('%j with %j is refused', async (urls, options) => {
    const { http, origin } = await startCached(numbered());
    const warming = http.cache.warm(urls as string[], options as object);
    await expect(warming).rejects.toMatchObject({ name: 'CacheError', code: 'ERR_CACHE_OPTION' });
    expect(origin.count()).toBe(0);
  });
});

describe('softTimeout', () => {
  const SOFT = { softTimeout: '1ms' } as const;

  test('what is stored answers, stale or fresh, and the new answer is stored all the same', async () => {
    const { http, origin, clock } = await startCached(numbered(), { expireAfter: 60 });
    await http.get('/a');
    const cases = [[61, 'default', 'stale soft-timeout'], [1, 'no-cache', 'hit soft-timeout']] as const;
    for (const [wait, mode, expected] of cases) {
      clock.advance(wait);
      const gate = origin.hold('/a');
      const before = (await http.cache.get('/a'))?.text();
      const response = await http.get('/a', { cache: { ...SOFT, mode }, timeout: 60_000 });
      expect([told(response), response.data, response.cached]).toEqual([expected, before, true]);
      gate.release();
      await http.cache.idle();
      expect((await http.cache.get('/a'))?.text()).not.toBe(before);
    }
  });

  test('callers who share one request each go by their own', async () => {
    const { http, origin, clock } = await startCached(numbered(), { expireAfter: 60 });
    await http.get('/a');
    clock.advance(61);
    const gate = origin.hold('/a');
    const patient = http.get('/a');
    await gate.arrived();
    expect(told(await http.get('/a', { cache: SOFT }))).toBe('stale soft-timeout');
    gate.release();
    expect((await patient).data).toBe('answer 2');
    expect(origin.count()).toBe(2);
  });

  test.each<[string, Record<string, string>, object]>([
    ['nothing is stored', {}, { url: '/other' }],
    ['the mode reload', {}, { cache: { ...SOFT, mode: 'reload' } }],
    ['must-revalidate', { 'Cache-Control': 'max-age=60, must-revalidate' }, {}],
    ['no-cache of the answer', { 'Cache-Control': 'no-cache', ETag: '"1"' }, {}],
    ['no-cache of the request', {}, { headers: { 'Cache-Control': 'no-cache' } }],
    ['a condition of its own', {}, { headers: { 'If-None-Match': '"7"' } }],
  ])('the server is waited for: %s', async (_name, headers, config) => {
    let count = 0;
    const { http, origin, clock } = await startCached(() => ({ headers, body: `answer ${(count += 1)}` }), {
      expireAfter: 60,
    });
    await http.get('/a');
    clock.advance(61);
    const { url = '/a' } = config as { url?: string };
    const gate = origin.hold(url);
    const waiting = http.request({ url: '/a', cache: SOFT, ...config });
    let isOver = false;
    void waiting.then(() => { isOver = true; });
    await gate.arrived();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(isOver).toBe(false);
    gate.release();
    expect((await waiting).data).toBe('answer 2');
  });

  test('a failure in time is a failure', async () => {
    const { http, clock } = await startCached(({ url }) => ({ status: url === '/b' ? 500 : 200, body: 'x' }), {
      expireAfter: 60, softTimeout: '1m',
    });
    await http.cache.set('/b', { data: 'x' });
    clock.advance(61);
    await expect(http.get('/b')).rejects.toMatchObject({ response: { status: 500 } });
  });
});
