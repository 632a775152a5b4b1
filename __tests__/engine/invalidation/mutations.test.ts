/** What users do after a change: `invalidates`, `cache.update`, and what background refreshes tell them. */
import type { AxiosResponse } from 'axios';
import { isCacheError, type MaybePromise, MemoryStorage } from '../../../lib/index.js';
import type { CachedAxiosResponse, CacheManager } from '../../../lib/index.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import { gate } from '../../support/exchange.js';
import { disconnect, type Handler, inTurn, withEtag } from '../../support/origin.js';

const FRESH = { 'Cache-Control': 'max-age=60' };
const routes = () => ({
  'GET /users': numbered({ headers: FRESH }),
  'GET /users/1': numbered({ headers: FRESH }),
  'GET /posts': numbered({ headers: FRESH }),
  'POST /users/1': {},
  'POST /fails': { status: 500 },
  'POST /breaks': disconnect,
});
const PATHS = ['/users', '/users/1', '/posts'];

describe('invalidates', () => {
  const start = async () => {
    const made = await startCached(routes());
    for (const path of PATHS) await made.http.get(path, { cache: { tags: [path === '/posts' ? 'posts' : 'users'] } });
    const left = async (): Promise<string[]> => {
      const urls: string[] = [];
      for await (const url of made.http.cache.urls()) urls.push(new URL(url).pathname);
      return urls.sort();
    };
    return { ...made, left };
  };

  test.each([
    ['a URL, resolved as axios does', '/users', ['/posts', '/users/1']],
    ['several', ['/users', '/posts'], ['/users/1']],
    ['a filter by URL', { url: '/posts' }, ['/users', '/users/1']],
    ['a tag', { tag: 'users' }, ['/posts']],
    ['a pattern', { pattern: '*/users/*' }, ['/posts', '/users']],
    ['a regular expression', { pattern: /posts$/ }, ['/users', '/users/1']],
    ['a tag and a URL, both of which must hold', { tag: 'posts', url: '/users' }, PATHS],
    ['a tag and a pattern', { tag: 'users', pattern: /1$/ }, ['/posts', '/users']],
    ['what is not there', ['/none', { tag: 'none' }], PATHS],
  ])('%s', async (_name, invalidates, expected) => {
    const { http, left } = await start();
    await http.post('/elsewhere', undefined, { cache: { invalidates }, validateStatus: null });
    expect(await left()).toEqual([...PATHS].sort());
    await http.request({ method: 'post', url: '/users/1', cache: { invalidates }, params: { own: 1 } });
    expect(await left()).toEqual([...expected].sort());
  });

  test('a URL ends also what it has answered behind a redirect of which only the end is known', async () => {
    const { http } = await startCached(routes(), {
      defaults: {
        adapter: (config) => {
          const responseURL = config.url!.replace('/moved', '/one');
          const answer = { data: 'x', status: 200, statusText: 'OK', headers: FRESH };
          return Promise.resolve({ ...answer, config, request: { responseURL } });
        },
      },
    });
    for (const path of ['moved', 'two']) await http.get(`http://a.test/${path}`);
    await http.post('http://a.test/x', '', { cache: { invalidates: 'http://a.test/one' } });
    expect(told(await http.get('http://a.test/moved'))).toBe('miss uri-miss');
    expect(told(await http.get('http://a.test/two'))).toBe('hit fresh');
  });

  test('not after an error; after an answer that never came', async () => {
    const { http, left } = await start();
    await http.post('/fails', '', { cache: { invalidates: '/posts' }, validateStatus: null });
    expect(await left()).toContain('/posts');
    await expect(http.post('/breaks', '', { cache: { invalidates: '/posts' } })).rejects.toThrow();
    expect(await left()).not.toContain('/posts');
  });

  test('a GET may say so too: after the origin’s answer, not after a hit', async () => {
    const { http, left } = await start();
    await http.get('/users', { cache: { invalidates: '/posts' } });
    expect(await left()).toContain('/posts');
    await http.get('/users', { cache: { invalidates: '/posts', mode: 'reload' } });
    expect(await left()).not.toContain('/posts');
  });

  test('what was under way meanwhile is not stored', async () => {
    const { http, origin } = await startCached(routes());
    const gate = origin.hold('/posts');
    const slow = http.get('/posts');
    await gate.arrived();
    await http.post('/users/1', '', { cache: { invalidates: { tag: 'any' } } });
    gate.release();
    expect((await slow).cache.notStored).toBe('invalidated');
  });

  test('a storage that cannot list: nothing older is served', async () => {
    class Unlisted extends MemoryStorage {
      override entries(): never {
        throw new Error('no listing');
      }
    }
    const { http, clock } = await startCached(routes(), { storage: new Unlisted() });
    await http.get('/posts');
    clock.advance(1);
    await http.post('/users/1', '', { cache: { invalidates: { pattern: '*/posts' } } });
    clock.advance(1);
    expect((await http.get('/posts')).data).toBe('answer 2');
  });

  test.each<[unknown, string]>([
    [{}, 'cache.invalidates has no condition'],
    [{ urls: '/a' }, 'cache.invalidates.urls is no condition'],
    [7, 'cache.invalidates must be a URL'],
    [['/a', ''], 'cache.invalidates[1] must be a string that is not empty'],
    [[{ tag: 1 }, {}], '2 options are wrong'],
  ])('%j is refused', async (invalidates, message) => {
    const { http, origin } = await startCached(routes());
    const error: unknown = await http
      .get('/users', { cache: { invalidates: invalidates as string } })
      .catch((e: unknown) => e);
    expect(isCacheError(error) && error.message).toContain(message);
    expect(origin.count()).toBe(0);
  });
});

describe('a change whose deletes hang', () => {
  class Hanging extends MemoryStorage {
    hangs = false;
    override delete(...selector: Parameters<MemoryStorage['delete']>): MaybePromise<number> {
      return this.hangs ? new Promise(() => undefined) : super.delete(...selector);
    }
  }

  test('is answered within its own timeout, and what was stored is not served meanwhile', async () => {
    const storage = new Hanging();
    const { http, clock } = await startCached(
      { 'GET /': numbered({ headers: FRESH }), 'PUT /': {} },
      { storage, storageTimeout: '3s' },
    );
    await http.get('/');
    clock.advance(1);
    storage.hangs = true;
    expect((await http.put('/', '', { timeout: 300 })).status).toBe(200);
    const { data, cached } = await http.get<string>('/');
    expect([data, cached]).toEqual(['answer 2', false]);
    storage.hangs = false;
  }, 60_000);
});

describe('cache.update', () => {
  const JSON_ROUTES = { 'GET /': withEtag('"1"', { headers: FRESH, body: { count: 1 } }), 'PUT /': {} };
  interface Counted {
    count: number;
  }
  const more = ({ count }: Counted): Counted => ({ count: count + 1 });

  test('what it returns is what is served, for as long as the entry is good', async () => {
    const { http, origin, clock } = await startCached(JSON_ROUTES);
    const before = await http.get('/');
    expect(await http.cache.update('/', more)).toBe(1);
    const after = await http.get('/');
    expect([told(after), after.data]).toEqual(['hit fresh', { count: 2 }]);
    expect(after.cache.expiresAt).toEqual(before.cache.expiresAt);
    expect((await http.get('/', { responseType: 'text', transformResponse: (data: unknown) => data })).data).toBe('{"count":2}');
    // Its ETag was another body's: the next answer is a whole one.
    clock.advance(61);
    expect((await http.get('/')).data).toEqual({ count: 1 });
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
  });

  test('a draft that is changed in place is kept; nothing stored is nothing to change', async () => {
    const { http } = await startCached(JSON_ROUTES);
    expect(await http.cache.update('/', more)).toBe(0);
    await http.get('/');
    expect(await http.cache.update<Counted>('/', (draft) => { draft.count = 9; })).toBe(1);
    expect(await http.get('/')).toMatchObject({ data: { count: 9 }, cached: true });
    expect(await http.cache.update('/', () => undefined)).toBe(1);
    expect((await http.get('/')).data).toEqual({ count: 9 });
  });

  test('many at once are done one after the other', async () => {
    const { http } = await startCached(JSON_ROUTES);
    await http.get('/');
    expect(await Promise.all(Array.from({ length: 20 }, () => http.cache.update('/', more)))).toEqual(
      Array(20).fill(1),
    );
    expect((await http.get('/')).data).toEqual({ count: 21 });
  });

  test('a GET that was slow does not undo it', async () => {
    const { http, origin } = await startCached(JSON_ROUTES);
    await http.get('/');
    const gate = origin.hold('/');
    const slow = http.get('/', { cache: 'reload' });
    await gate.arrived();
    await http.cache.update('/', more);
    gate.release();
    expect((await slow).cache.notStored).toBe('invalidated');
    expect((await http.get('/')).data).toEqual({ count: 2 });
  });

  test('an invalidation while it writes wins', async () => {
    class Slow extends MemoryStorage {
      whileSetting: (() => Promise<unknown>) | undefined;
      override async set(...entry: Parameters<MemoryStorage['set']>): Promise<boolean | 'too-large'> {
        await this.whileSetting?.();
        return super.set(...entry);
      }
    }
    const storage = new Slow();
    const { http } = await startCached(JSON_ROUTES, { storage });
    await http.get('/');
    storage.whileSetting = () => http.put('/');
    expect(await http.cache.update('/', more)).toBe(0);
    expect(await http.cache.has('/')).toBe(false);
  });

  test('a part is not the stored answer: nothing is there to change', async () => {
    const route: Handler = ({ headers }) =>
      headers.range === undefined
        ? { headers: { ...FRESH, ETag: '"1"' }, body: '1234567890' }
        : { status: 206, headers: { ...FRESH, ETag: '"1"', 'Content-Range': 'bytes 0-2/10' }, body: '123' };
    const { http } = await startCached({ '/': route }, { allowedCodes: [200, 206] });
    const part = having({ Range: 'bytes=0-2' });
    expect((await http.get('/', part)).cache.stored).toBe(true);
    for (const config of [{}, part])
      expect(await http.cache.update<number>('/', (data) => data + 1, config)).toBe(0);
    expect((await http.get('/', part)).cached).toBe(true);
  });

  test.each([
    ['resolves', () => Promise.resolve({ count: 2 })],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('a promise, which %s, is no JSON', async (_name, change) => {
    const { http } = await startCached(JSON_ROUTES);
    await http.get('/');
    await expect(http.cache.update<unknown>('/', change)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION' });
    expect((await http.get('/')).data).toEqual({ count: 1 });
  });

  test('what it cannot do leaves what is stored', async () => {
    const { http } = await startCached({
      '/': { headers: FRESH, body: { count: 1 } },
      '/text': { headers: FRESH, body: 'text' },
    });
    await http.get('/');
    await http.get('/text');
    await expect(http.cache.update('/text', more)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION' });
    await expect(http.cache.update('/', () => { throw new RangeError('mine'); })).rejects.toThrow(RangeError);
    await expect(http.cache.update<unknown>('/', () => 1n)).rejects.toThrow(TypeError);
    await expect(http.cache.update<unknown>('/', () => Symbol('none'))).rejects.toThrow(TypeError);
    expect((await http.get('/')).data).toEqual({ count: 1 });
    await http.cache.close();
    await expect(http.cache.update('/?secret=1', more)).rejects.toThrow(/update\(\)(?!.*secret)/);
  });
});

/** A client with the first of the routes in its cache, stale by now, and what it tells of what comes after it. */
async function staleWith(...routes: Parameters<typeof inTurn>) {
  const made = await startCached({ '/': inTurn(...routes) });
  await made.http.get('/');
  made.clock.advance(2);
  const heard: CachedAxiosResponse[] = [];
  const onRefreshed = (response: AxiosResponse): void => void heard.push(response as CachedAxiosResponse);
  const errors = (): unknown[] =>
    made.events.flatMap((event) => (event.type === 'refresh-error' ? [String(event.error)] : []));
  return { ...made, heard, onRefreshed, errors };
}

describe('onRefreshed', () => {
  const turn = (body: unknown, headers: Record<string, string> = {}) => ({
    headers: { 'Cache-Control': 'max-age=1, stale-while-revalidate=100', ...headers },
    body,
  });

  test('is given the newer answer, as the request would have been', async () => {
    const { http, heard, onRefreshed } = await staleWith(turn({ n: 1 }), turn({ n: 2 }));
    const stale = await http.get('/', { cache: { onRefreshed } });
    expect([told(stale), stale.data]).toEqual(['stale stale-while-revalidate', { n: 1 }]);
    await http.cache.idle();
    expect(heard.map(({ data, status, cached, headers, config, cache }) => [
      data, status, cached, headers['content-type'], config.url, cache.status, cache.stored,
    ])).toEqual([[{ n: 2 }, 200, false, 'application/json', '/', 'miss', true]]);
  });

  test('each who was given the stale answer is told, with data of its own and in its own form', async () => {
    const { http, heard, onRefreshed, origin } = await staleWith(turn({ n: 1 }), turn({ n: 2 }));
    const gate = origin.hold('/');
    await http.get('/', { cache: { onRefreshed } });
    await gate.arrived();
    await http.get('/', { cache: { onRefreshed } });
    await http.get('/', { cache: { onRefreshed }, transformResponse: () => 'mine' });
    gate.release();
    await http.cache.idle();
    expect(heard.map(({ data }) => data as unknown)).toEqual([{ n: 2 }, { n: 2 }, 'mine']);
    expect(heard[0]?.data).not.toBe(heard[1]?.data);
    expect(origin.count()).toBe(2);
  });

  test('who has not asked for the new answer first is given none of its cookies', async () => {
    const second = { headers: { 'Set-Cookie': 's=1' }, body: 'b' };
    const { http, heard, onRefreshed, origin } = await staleWith(turn('a'), second);
    const gate = origin.hold('/');
    for (let time = 0; time < 2; time += 1) await http.get('/', { cache: { onRefreshed } });
    await gate.arrived();
    gate.release();
    await http.cache.idle();
    const facts = heard.map(({ headers, cache: { reason, collapsed } }) => [headers['set-cookie'], reason, collapsed]);
    expect(facts).toEqual([[['s=1'], 'expired', false], [undefined, 'expired', true]]);
  });

  test('not by an answer that is no answer to the caller', async () => {
    const { http, heard, errors, onRefreshed, origin, clock } = await staleWith(turn('a', { Vary: 'X-Kind' }));
    const other = having({ 'X-Kind': 'other' });
    await http.get('/', other);
    clock.advance(10);
    const gate = origin.hold('/');
    await http.get('/', { cache: { onRefreshed: () => undefined } });
    await gate.arrived();
    expect(told(await http.get('/', { ...other, cache: { onRefreshed } }))).toBe('stale stale-while-revalidate');
    gate.release();
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], []]);
  });

  test('a refresh that fails is one event, however many have asked', async () => {
    const { http, onRefreshed, errors, origin } = await staleWith(turn('a'), { status: 503 });
    const gate = origin.hold('/');
    for (let time = 0; time < 3; time += 1) await http.get('/', { cache: { onRefreshed } });
    await gate.arrived();
    gate.release();
    await http.cache.idle();
    expect(errors()).toEqual(['Error: the origin answered with status 503']);
  });

  test('not after a 304: there is nothing newer', async () => {
    const { http, heard, onRefreshed, errors } = await staleWith(turn('a', { ETag: '"1"' }), { status: 304 });
    await http.get('/', { cache: { onRefreshed } });
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], []]);
  });

  test.each([
    ['a server error', { status: 500 }, 'Error: the origin answered with status 500'],
    ['an answer that the request refuses', { status: 404 }, 'AxiosError: Request failed with status code 404'],
  ])('%s is an event', async (_name, reply, message) => {
    const { http, heard, onRefreshed, errors } = await staleWith(turn('a'), reply);
    await http.get('/', { cache: { onRefreshed } });
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], [message]]);
  });

  test.each([
    ['throws', () => { throw new Error('mine'); }],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('one that %s is an event too', async (_name, onRefreshed) => {
    const { http, errors } = await staleWith(turn('a'), turn('b'));
    await http.get('/', { cache: { onRefreshed: onRefreshed as () => void } });
    await http.cache.idle();
    expect(errors()).toEqual(['Error: mine']);
    expect((await http.get('/')).data).toBe('b');
  });

  test.each<[string, (cache: CacheManager) => unknown]>([
    ['never ends', () => new Promise<void>(() => undefined)],
    ['waits for the cache itself', (cache) => cache.idle()],
  ])('one that %s holds up nobody', async (_name, work) => {
    const { http } = await staleWith(turn('a'), turn('b'));
    let called = 0;
    await http.get('/', { cache: { onRefreshed: () => { called += 1; return work(http.cache) as void; } } });
    await http.cache.idle();
    await http.cache.close();
    expect(called).toBe(1);
  });
});

describe('onRefreshed after a soft timeout', () => {
  const SHORT = { 'Cache-Control': 'max-age=1' };
  const soft = { softTimeout: '1ms' } as const;
  async function softWith(second: Parameters<typeof inTurn>[0], headers: Record<string, string> = SHORT) {
    const made = await staleWith({ headers, body: { n: 1 } }, second);
    return { ...made, gate: made.origin.hold('/'), cache: { ...soft, onRefreshed: made.onRefreshed } };
  }

  test('who was answered by what is stored is given the newer answer', async () => {
    const { http, gate, heard, errors, cache } = await softWith({ headers: SHORT, body: { n: 2 } });
    const first = await http.get('/', { cache });
    expect([told(first), first.data]).toEqual(['stale soft-timeout', { n: 1 }]);
    const others = [http.get('/', { cache }), http.get('/', { cache, transformResponse: () => 'mine' })];
    expect((await Promise.all(others)).map(told)).toEqual(['stale soft-timeout', 'stale soft-timeout']);
    expect(heard).toEqual([]);
    gate.release();
    await http.cache.idle();
    expect(heard.map(({ data }) => data as unknown)).toEqual([{ n: 2 }, { n: 2 }, 'mine']);
    const facts = heard.map(({ cached, cache: info }) => [cached, info.status, info.stored, info.collapsed]);
    expect(facts).toEqual([
      [false, 'miss', true, false], [true, 'miss', true, true], [true, 'miss', true, true],
    ]);
    expect(heard[0]?.data).not.toBe(heard[1]?.data);
    expect(errors()).toEqual([]);
  });

  test('not after a 304, nor who has waited for the answer itself', async () => {
    const { http, gate, heard, errors, cache } = await softWith({ status: 304 }, { ...SHORT, ETag: '"1"' });
    const patient = http.get('/', { cache: { ...cache, softTimeout: undefined } });
    await gate.arrived();
    expect(told(await http.get('/', { cache }))).toBe('stale soft-timeout');
    gate.release();
    expect(told(await patient)).toBe('revalidated not-modified');
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], []]);
  });

  test.each([
    ['a server error', { status: 503 }, 'Error: the origin answered with status 503'],
    ['an answer that the request refuses', { status: 404 }, 'AxiosError: Request failed with status code 404'],
    ['a broken connection', disconnect, 'Error: socket hang up'],
  ])('%s is an event', async (_name, reply, message) => {
    const { http, gate, heard, errors, cache } = await softWith(reply);
    await http.get('/', { cache });
    await gate.arrived();
    gate.release();
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], [message]]);
  });

  test('who has joined another’s request is told nothing of its failure', async () => {
    const { http, gate, heard, errors, cache } = await softWith(disconnect);
    const first = http.get('/');
    await gate.arrived();
    expect(told(await http.get('/', { cache }))).toBe('stale soft-timeout');
    gate.release();
    await expect(first).rejects.toMatchObject({ code: 'ECONNRESET' });
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], []]);
  });

  test('one that throws is an event too', async () => {
    const { http, gate, errors } = await softWith({ headers: SHORT, body: { n: 2 } });
    await http.get('/', { cache: { ...soft, onRefreshed: () => { throw new Error('mine'); } } });
    gate.release();
    await http.cache.idle();
    expect(errors()).toEqual(['Error: mine']);
  });

  test('after close() nobody is told', async () => {
    const { http, gate, heard, errors, cache } = await softWith({ headers: SHORT, body: { n: 2 } });
    await http.get('/', { cache });
    await gate.arrived();
    const closing = http.cache.close();
    gate.release();
    await closing;
    await http.cache.idle();
    expect([heard, errors()]).toEqual([[], []]);
  });
});

test('who has no time for the filter of the first caller is not given what that may refuse', async () => {
  const held = gate();
  const { http, origin } = await startCached({ '/': { headers: FRESH, body: 'x' } }, {
    filter: () => held.passed.then(() => false),
  });
  const first = http.get('/');
  while (origin.count() === 0) await new Promise((resolve) => void setTimeout(resolve, 5));
  await expect(http.get('/', { timeout: 150 })).rejects.toMatchObject({ code: 'ECONNABORTED' });
  held.open();
  expect((await first).cache.notStored).toBe('filtered');
  expect(origin.count()).toBe(1);
});

test('tags that are none: the answer is not stored', async () => {
  const { http } = await startCached({ '/': { headers: FRESH, body: 'x' } });
  for (const tags of [() => [7], () => ['tag', 7], () => 'tag', () => undefined]) {
    const { cache } = await http.get('/', { cache: { tags: tags as unknown as () => string[] } });
    expect(cache.notStored).toBe('filtered');
  }
});

test('a change concerns every answer that is under way, also after that of another user has come', async () => {
  const [held, arrived] = [gate(), gate()];
  let isChanged = false;
  const { http } = await startCached(async ({ method, headers }) => {
    const body = isChanged ? 'new' : 'old';
    if (method === 'PUT') isChanged = true;
    if (method === 'GET' && headers.authorization === 'bob' && body === 'old') {
      arrived.open();
      await held.passed;
    }
    return { headers: FRESH, body };
  });
  const as = (user: string) => having({ Authorization: user });
  const before = http.get('/users', as('bob'));
  await arrived.passed;
  await http.get('/users', as('ann'));
  await http.put('/users');
  const after = http.get('/users', as('bob'));
  setImmediate(() => { held.open(); });
  expect([(await before).cache.notStored, (await after).data]).toEqual(['invalidated', 'new']);
});
