/** Steering a cache that is in use: other options, requests past it, events, answers that were never fetched. */
import axios, { type AxiosHeaders } from 'axios';
import { CacheError, type CacheEvent, type CacheOptions, setupCache } from '../../lib/index.js';
import { numbered, startCached, told } from '../support/cached-instance.js';
import { all } from '../support/listing.js';

const start = (options?: CacheOptions) => startCached(numbered(), options);

describe('configure', () => {
  test('gives other options from the next request on, and leaves the rest', async () => {
    const { http, clock } = await start({ expireAfter: 60, tags: ['a'], urlsExpireAfter: { '/never': false } });
    await http.get('/x');
    http.cache.configure({ expireAfter: '1h' });
    await http.get('/y');
    clock.advance(61);
    expect([told(await http.get('/x')), told(await http.get('/y'))]).toEqual(['miss expired', 'hit fresh']);
    expect(told(await http.get('/never'))).toBe('bypass off');
    expect(await http.cache.count({ tag: 'a' })).toBe(2);
    http.cache.configure({ urlsExpireAfter: { '/x': false } });
    expect([told(await http.get('/x')), told(await http.get('/never'))]).toEqual(['bypass off', 'miss uri-miss']);
  });

  test('reaches children, keys, bounds and listeners', async () => {
    const heard: string[] = [];
    const { http, origin } = await start({ maxVariants: 20, onEvent: () => undefined });
    const child = http.create({ baseURL: origin.url });
    const onEvent = ({ type }: CacheEvent): void => { heard.push(type); };
    http.cache.configure({ ignoredParams: ['t'], onEvent, cacheStatusHeader: true });
    await child.get('/x?t=1');
    const hit = await http.get('/x?t=2');
    expect([told(hit), hit.headers['cache-status']]).toEqual(['hit fresh', 'axios-client-cache; hit']);
    expect(heard).toEqual(['stored', 'miss', 'hit']);
  });

  test.each<[object, string]>([
    [{ expireAfter: '5 parsecs' }, 'expireAfter'],
    [{ expireafter: 5 }, 'expireafter'],
    [{ shared: true }, 'shared'],
    [{ storage: {} }, 'storage'],
    [{ partition: false }, 'partition'],
  ])('%j changes nothing', async (options, option) => {
    const { http, clock } = await start({ expireAfter: 60 });
    await http.get('/x');
    const configuring = (): void => { http.cache.configure(options); };
    expect(configuring).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION', option }));
    clock.advance(59);
    expect(told(await http.get('/x'))).toBe('hit fresh');
  });

  test('a timer that deletes what has expired is replaced', async () => {
    const { http } = await start({ deleteExpiredEvery: '1h' });
    http.cache.configure({ deleteExpiredEvery: '2h' });
    http.cache.configure({ deleteExpiredEvery: false });
    await http.cache.close();
    const configuring = (): void => { http.cache.configure({ expireAfter: 5 }); };
    expect(configuring).toThrow(expect.objectContaining({ code: 'ERR_CACHE_CLOSED' }));
  });
});

describe('withoutCache', () => {
  test('is about what its function asks for, and nothing beside it', async () => {
    const { http, origin } = await start();
    await http.get('/x');
    const gate = origin.hold('/x');
    const inside = http.cache.withoutCache(() => http.get('/x'));
    await gate.arrived();
    expect(told(await http.get('/x'))).toBe('hit fresh');
    gate.release();
    const response = await inside;
    expect([response.data, told(response), response.cache.stored]).toEqual(['answer 2', 'bypass disabled', false]);
    expect((await http.get('/x')).data).toBe('answer 1');
  });

  test('ends with its function, also where that throws, and may stand in another one', async () => {
    const { http } = await start();
    await http.get('/x');
    const failing = http.cache.withoutCache(() => {
      throw new Error('mine');
    });
    await expect(failing).rejects.toThrow('mine');
    expect(told(await http.get('/x'))).toBe('hit fresh');
    await http.cache.withoutCache(async () => {
      await http.cache.withoutCache(() => http.get('/y'));
      expect(told(await http.get('/x'))).toBe('bypass disabled');
    });
  });

  test('a change still deletes what it makes stale', async () => {
    const { http } = await start();
    await http.get('/x');
    await http.cache.withoutCache(() => http.put('/x', {}));
    expect(await http.cache.has('/x')).toBe(false);
  });

  test('what is no function is refused', async () => {
    const { http } = await start();
    await expect(http.cache.withoutCache(7 as never)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION' });
  });
});

describe('events', () => {
  test("'*' hears all, once hears one", async () => {
    const { http } = await start();
    const [every, first]: [CacheEvent[], string[]] = [[], []];
    const off = http.cache.on('*', (event) => { every.push(event); });
    http.cache.once('hit', ({ url }) => { first.push(new URL(url).pathname); });
    const never = http.cache.once('*', () => { throw new Error('it was taken off'); });
    never();
    await http.get('/x');
    await http.get('/x');
    await http.get('/x');
    off();
    await http.get('/x');
    expect(every.map(({ type }) => type)).toEqual(['stored', 'miss', 'hit', 'hit']);
    expect(first).toEqual(['/x']);
  });
});

describe('refresh', () => {
  test('asks the origin, with interceptors, and stores what it says', async () => {
    const { http, origin } = await start();
    await http.get('/x');
    http.interceptors.request.use((config) => {
      config.headers.set('X-Own', 'mine');
      return config;
    });
    const answer = await http.cache.refresh('/x', { params: {} });
    expect([answer.data, told(answer), answer.cache.stored]).toEqual(['answer 2', 'miss reload', true]);
    expect(origin.requests.at(-1)?.headers['x-own']).toBe('mine');
    expect((await http.get('/x')).data).toBe('answer 2');
  });

  test('keeps what the config says of the cache', async () => {
    const { http, clock } = await start({ expireAfter: false });
    await http.cache.refresh('/x', { cache: { expireAfter: 60, tags: ['a'] } });
    await http.cache.refresh('/y', { cache: '1m' });
    expect(await http.cache.count({ tag: 'a' })).toBe(1);
    clock.advance(59);
    expect(told(await http.get('/y', { cache: '1m' }))).toBe('hit fresh');
    expect(told(await http.cache.refresh('/z', { cache: false }))).toBe('bypass off');
  });

  test('passes through once the cache is closed, while the rest is refused', async () => {
    const { http } = await start();
    await http.cache.close();
    expect(told(await http.cache.refresh('/x'))).toBe('bypass closed');
    const { cache } = http;
    const closed = { name: 'CacheError', code: 'ERR_CACHE_CLOSED' };
    const calls: Promise<unknown>[] = [
      all(cache.entries()), all(cache.keys()), cache.size(),
      cache.deleteMatching({ tag: 'a' }), cache.expire({ tag: 'a' }),
      cache.set('/x', { data: 1 }), cache.invalidateTags('a'), cache.withoutCache(() => 1),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject(closed);
  });
});

describe('set', () => {
  test.each<[string, unknown, unknown, string | undefined]>([
    ['JSON', [{ id: 1 }], [{ id: 1 }], 'application/json'],
    ['a text', 'plain', 'plain', undefined],
    ['null', null, null, 'application/json'],
    ['nothing', undefined, '', undefined],
  ])('%s', async (_name, data, expected, type) => {
    const { http, origin } = await start();
    expect(await http.cache.set('/x', { data })).toBe(true);
    const response = await http.get<unknown>('/x');
    expect([response.data, response.headers['content-type']]).toEqual([expected, type]);
    expect(origin.count()).toBe(0);
  });

  test('bytes are copied, and a header of any spelling counts', async () => {
    const { http } = await start();
    const bytes = Uint8Array.from([1, 2, 3]);
    await http.cache.set('/x', { data: bytes, headers: { 'Cache-Control': 'max-age=5', 'Content-Type': 'image/png' } });
    bytes.fill(9);
    const { data, cache, headers } = await http.get<ArrayBuffer>('/x', { responseType: 'arraybuffer' });
    expect([[...new Uint8Array(data)], cache.expirySource, (headers as AxiosHeaders).get('content-type')]).toEqual([
      [1, 2, 3], 'response', 'image/png',
    ]);
  });

  test('is for the user whom the config names, and for its variant', async () => {
    const { http } = await start();
    const ada = { headers: { Authorization: 'Bearer ada', 'X-Lang': 'de' } };
    await http.cache.set('/me', { data: 'Ada', headers: { Vary: 'X-Lang' } }, ada);
    expect((await http.get('/me', ada)).data).toBe('Ada');
    expect((await http.get('/me')).cached).toBe(false);
    expect((await http.get('/me', { headers: { ...ada.headers, 'X-Lang': 'fr' } })).cached).toBe(false);
  });

  test.each<[string, CacheOptions, Parameters<ReturnType<typeof axios.create>['get']>[1], object]>([
    ['readOnly', { readOnly: true }, {}, {}],
    ['a status', {}, {}, { status: 404 }],
    ['no caching', {}, { cache: false }, {}],
    ['a method', {}, { method: 'post' }, {}],
    ['a request with no-store', {}, { headers: { 'Cache-Control': 'no-store' } }, {}],
    ['a filter', { filter: () => false }, {}, {}],
    ['a size', { maxEntryBytes: 2 }, {}, {}],
  ])('is false where an answer may not be stored: %s', async (_name, options, config, response) => {
    const { http } = await start(options);
    expect(await http.cache.set('/x', { data: 'long', ...response }, config)).toBe(false);
    expect(await http.cache.count()).toBe(0);
  });

  test('what is under way does not overwrite it', async () => {
    const { http, origin } = await start();
    const gate = origin.hold('/x');
    const slow = http.get('/x');
    await gate.arrived();
    expect(await http.cache.set('/x', { data: 'mine' })).toBe(true);
    expect((await http.get('/x')).data).toBe('mine');
    gate.release();
    expect((await slow).data).toBe('answer 1');
    expect((await http.get('/x')).data).toBe('mine');
  });

  test.each<[unknown, string]>([
    ['text', 'response'],
    [{}, 'response'],
    [{ data: 1n }, 'data'],
    [{ data: Promise.resolve(1) }, 'data'],
    [{ data: () => 1 }, 'data'],
    [{ data: 1, status: 99 }, 'status'],
  ])('%p is refused', async (response, option) => {
    const { http } = await start();
    await expect(http.cache.set('/x', response as never)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION', option });
  });
});

describe('filters that cannot be meant', () => {
  test.each<[unknown]>([[{}], [undefined], ['/users'], [{ tag: '' }], [{ tags: ['a'] }], [{ olderThan: 'soon' }], [7]])(
    '%p deletes and expires nothing',
    async (filter) => {
      const { http } = await start();
      await http.get('/users');
      const wrong = { name: 'CacheError', code: 'ERR_CACHE_OPTION' };
      await expect(http.cache.deleteMatching(filter as never)).rejects.toMatchObject(wrong);
      await expect(http.cache.expire(filter as never)).rejects.toMatchObject(wrong);
      if (filter !== undefined && Object.keys(filter as object).length > 0) {
        await expect(all(http.cache.entries(filter as never))).rejects.toMatchObject(wrong);
      }
      expect(await http.cache.count({ stale: false })).toBe(1);
    },
  );

  test('a URL of which a value is not shown, and one that is none', async () => {
    const { http } = await start();
    await http.get('/users?token=secret');
    const [url = ''] = await all(http.cache.urls());
    await expect(http.cache.deleteMatching({ url })).rejects.toThrow('Give the value itself');
    await expect(http.cache.count({ url: 'ftp://a.test/' })).rejects.toThrow('not a URL');
    expect(await http.cache.deleteMatching({ url: '/users?token=secret' })).toBe(1);
  });

  test.each<[readonly unknown[]]>([[[['a', 'b']]], [['']], [[7]]])('invalidateTags(...%j)', async (tags) => {
    const { http } = await start();
    await expect(http.cache.invalidateTags(...(tags as string[]))).rejects.toBeInstanceOf(CacheError);
  });
});

test('expire keeps what is under way from being stored', async () => {
  const { http, origin } = await startCached(numbered(), { tags: ['a'] });
  await http.get('/x');
  const gate = origin.hold('/y');
  const slow = http.get('/y');
  await gate.arrived();
  await http.cache.expire({ tag: 'a' });
  gate.release();
  await slow;
  expect(await http.cache.has('/y')).toBe(false);
});

test('expire holds whatever the headers and the settings say, and counts for those who ignore headers too', async () => {
  const { http } = await startCached(() => ({ headers: { 'Cache-Control': 'max-age=600' }, body: 'x' }));
  await http.get('/x');
  await http.cache.expire({ url: '/x' });
  expect((await http.get('/x', { cache: { cacheControl: false } })).cached).toBe(false);
  await http.cache.expire({ url: '/x' }, 0);
  expect((await http.get('/x')).cached).toBe(false);
});

test('a filter of a request invalidates by the same conditions', async () => {
  const { http } = await start();
  await http.get('/x', { cache: { partition: 'ada' } });
  await http.get('/x', { cache: { partition: 'bob' } });
  await http.post('/y', {}, { cache: { invalidates: { partition: 'ada', method: 'get' } } });
  expect([await http.cache.count({ partition: 'ada' }), await http.cache.count({ partition: 'bob' })]).toEqual([0, 1]);
});

test('a second cache on one storage does not see the options of the first change', async () => {
  const { http, clock } = await start({ expireAfter: 60 });
  const other = setupCache(axios.create({ baseURL: http.defaults.baseURL ?? '' }), { expireAfter: 60, now: clock.now });
  http.cache.configure({ expireAfter: false });
  expect(told(await other.get('/x'))).toBe('miss uri-miss');
  await other.cache.close();
});
