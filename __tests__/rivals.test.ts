/**
 * Scenarios in which another cache for axios is known to answer wrongly, to wait for ever, or to ask more often than it
 * has to. Each is a test of what must happen here.
 */
// The other cache is axios-cache-interceptor 1.12; each scenario was seen there with its default options.
import axios, {
  type AxiosError,
  type AxiosRequestConfig,
  type AxiosResponse,
  type InternalAxiosRequestConfig,
} from 'axios';
import { MemoryStorage, setupCache, type StoredEntry } from '../lib/index.js';
import { showData } from './support/bodies.js';
import { numbered, startCached, told } from './support/cached-instance.js';
import {
  cutShort,
  disconnect,
  type Handler,
  inTurn,
  type Reply,
  withEtag,
  withLastModified,
} from './support/origin.js';

const MINUTE: Reply = { headers: { 'Cache-Control': 'max-age=60' } };
const echo: Handler = ({ url, body }) => ({ ...MINUTE, body: { url, body: body.toString('latin1') } });

describe('wrong data', () => {
  test('1: parameters that differ after the point, or beyond 32 bits, are different', async () => {
    const { http } = await startCached({ '/': echo });
    const params = [
      { amount: 1.2 },
      { amount: 1.7 },
      { lat: 48.8566, lon: 2.3522 },
      { lat: 48.1374, lon: 2.9 },
      { id: 4_294_967_297 },
      { id: 1 },
    ];
    for (const each of params)
      expect(await http.get('/', { params: each })).toMatchObject({
        cached: false,
        data: { url: axios.getUri({ url: '/', params: each }) },
      });
    // Without the network: how many there are is the point.
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> =>
      Promise.resolve({ data: config.params as object, status: 200, statusText: 'OK', headers: {}, config });
    for (let cents = 0; cents < 500; cents += 1) {
      const price = { price: cents / 100 };
      expect((await http.get<object>('/', { params: price, adapter })).data).toEqual(price);
    }
  });

  test('2: small numbers in two parameters never collide', async () => {
    const { http, origin } = await startCached({ '/': echo });
    await http.get('/', { params: { userId: 31, postId: 22 } });
    expect((await http.get('/', { params: { userId: 256, postId: 9 } })).data.url).toBe('/?userId=256&postId=9');
    expect(origin.count()).toBe(2);
  });

  test('2: should a storage give the entry of another URL, it is not served', async () => {
    class Colliding extends MemoryStorage {
      override async get(): Promise<readonly StoredEntry[]> {
        const all: StoredEntry[] = [];
        for await (const { key } of this.entries()) all.push(...(await super.get(key)));
        return all;
      }
    }
    const { http } = await startCached({ '/one': echo, '/two': echo }, { storage: new Colliding() });
    await http.get('/one');
    expect((await http.get('/two')).data.url).toBe('/two');
  });

  test('3: one user never gets the answer to another', async () => {
    const { http } = await startCached({
      '/': ({ headers }) => ({ ...MINUTE, body: `hello ${headers.authorization}` }),
    });
    for (const user of ['alice', 'bob', 'alice']) {
      expect((await http.get('/', { headers: { Authorization: user } })).data).toBe(`hello ${user}`);
    }
  });

  test.each([400, 401, 403, 404, 410])(
    '4: %i is not turned into a stale 200, even with staleIfError',
    async (status) => {
      const { http } = await startCached(
        {
          '/': inTurn(
            { headers: { ETag: '"1"', 'Cache-Control': 'max-age=0' }, body: 'secret' },
            { status, body: 'no' },
          ),
        },
        { staleIfError: true },
      );
      await http.get('/');
      await expect(http.get('/')).rejects.toMatchObject({ response: { status, data: 'no', cached: false } });
    },
  );

  test('4: no failure is covered where nobody asked for it', async () => {
    const { http } = await startCached({
      '/': inTurn({ headers: { ETag: '"1"', 'Cache-Control': 'max-age=0' } }, { status: 503 }, disconnect),
    });
    await http.get('/');
    await expect(http.get('/')).rejects.toMatchObject({ response: { status: 503 } });
    await expect(http.get('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('4: stale-if-error is that of the stored response, and its window does not slide', async () => {
    const { http, clock } = await startCached({
      '/': inTurn({ headers: { 'Cache-Control': 'max-age=1, stale-if-error=2' }, body: 'x' }, disconnect),
    });
    await http.get('/');
    for (const seconds of [2, 1]) {
      clock.advance(seconds);
      expect(told(await http.get('/'))).toBe('stale stale-if-error');
    }
    clock.advance(0.5);
    await expect(http.get('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('5: an answer that a change has overtaken is not stored over the newer one', async () => {
    const { http, origin } = await startCached({
      'GET /': inTurn({ ...MINUTE, body: 'old' }, { ...MINUTE, body: 'new' }),
      'PUT /': {},
    });
    const gate = origin.hold('/');
    const early = http.get('/');
    await gate.arrived();
    const change = http.put('/', 'x');
    await gate.arrived(2);
    gate.release();
    const [{ data }] = await Promise.all([early, change]);
    expect(data).toBe('old');
    expect((await http.get('/')).data).toBe('new');
    expect(await http.get('/')).toMatchObject({ data: 'new', cached: true });
  });

  test.each<[string, unknown, unknown]>([
    ['ArrayBuffers', Uint8Array.of(1, 2, 3).buffer, Uint8Array.of(9, 9, 9).buffer],
    ['Blobs', new Blob(['one']), new Blob(['two'])],
    ['Buffers', Buffer.from('ff01', 'hex'), Buffer.from('fe01', 'hex')],
  ])('6: %s as bodies are told apart by content', async (_name, one, two) => {
    const { http } = await startCached({ '/': echo }, { allowedMethods: ['POST'] });
    const post = async (data: unknown): Promise<unknown> =>
      (await http.post('/', data, { adapter: 'fetch' })).data.body;
    expect(await post(one)).not.toEqual(await post(two));
    expect((await http.post('/', one, { adapter: 'fetch' })).cached).toBe(true);
  });

  test('6: /users and /users/ are two', async () => {
    const { http } = await startCached({ '/users': echo, '/users/': echo });
    await http.get('/users');
    expect((await http.get('/users/')).data.url).toBe('/users/');
  });

  test('7: one entry serves every responseType, and streams again and again', async () => {
    const body = { text: 'x'.repeat(1000) };
    const { http, origin } = await startCached({ '/': { ...MINUTE, body } });
    const text = JSON.stringify(body);
    await http.get('/');
    expect(Buffer.from((await http.get('/', { responseType: 'arraybuffer' })).data).toString()).toBe(text);
    expect((await http.get('/', { responseType: 'text', transformResponse: [] })).data).toBe(text);
    for (const _again of [1, 2]) {
      expect(await showData((await http.get('/', { responseType: 'stream' })).data)).toEqual({
        stream: 'node',
        content: text,
      });
    }
    expect((await http.get('/')).data).toEqual(body);
    expect(origin.count()).toBe(1);
  });

  test('8: what one caller changes, no other sees', async () => {
    const { http } = await startCached({ '/': { ...MINUTE, body: { list: [1] } } });
    for (const response of [
      ...(await Promise.all([http.get('/'), http.get('/')])),
      await http.get('/'),
      await http.get('/'),
    ]) {
      expect(response.data).toEqual({ list: [1] });
      response.data.list.push(2);
    }
  });
});

describe('waiting for ever', () => {
  const failing = (): never => {
    throw new Error('broken');
  };
  const rows: readonly (readonly [string, AxiosRequestConfig])[] = [
    ['transformResponse', { transformResponse: failing }],
    ['filter', { cache: { filter: failing } }],
    ['tags', { cache: { tags: failing } }],
    ['allowedCodes', { cache: { allowedCodes: failing } }],
    ['validateStatus', { validateStatus: failing }],
    ['a transformRequest', { transformRequest: failing }],
  ];
  test.each(rows)('9: %s that throws leaves nobody waiting', async (_name, config) => {
    const { http } = await startCached({ '/': MINUTE });
    expect(await Promise.allSettled([http.get('/', config), http.get('/', config)])).toHaveLength(2);
    expect(await Promise.allSettled([http.get('/', config)])).toHaveLength(1);
    expect((await http.get('/')).status).toBe(200);
  });

  test('9: an interceptor from before setup that hands on the body of the error leaves nobody waiting', async () => {
    const { origin } = await startCached({
      '/': inTurn({ status: 500, body: { error: 'x' } }, { status: 500, body: { error: 'x' } }, MINUTE),
    });
    const instance = axios.create({ baseURL: origin.url });
    instance.interceptors.response.use(undefined, (error: AxiosError<Error>) =>
      Promise.reject(error.response?.data ?? error),
    );
    const http = setupCache(instance);
    for (const _again of [1, 2]) await expect(http.get('/')).rejects.toEqual({ error: 'x' });
    expect((await http.get('/')).status).toBe(200);
  });

  test('9: a storage that fails once costs an origin request, no more', async () => {
    class Blip extends MemoryStorage {
      #blips = 1;
      override async set(entry: StoredEntry): Promise<void> {
        if (this.#blips-- > 0) throw new Error('connection lost');
        await super.set(entry);
      }
    }
    const { http } = await startCached({ '/': MINUTE }, { storage: new Blip() });
    const tellings = [];
    for (const _again of [1, 2, 3]) tellings.push(told(await http.get('/')));
    expect(tellings).toEqual(['miss uri-miss', 'miss uri-miss', 'hit fresh']);
  });

  test('10: a request for a new answer, while others wait for one, lets all of them end', async () => {
    const { http, origin } = await startCached({ '/': numbered(MINUTE) });
    const gate = origin.hold('/');
    const waiting = [http.get('/'), http.get('/')];
    await gate.arrived();
    const demanding = http.get('/', { cache: 'reload' });
    gate.release();
    expect((await Promise.all(waiting)).map(({ data }) => data as unknown)).toEqual(['answer 1', 'answer 1']);
    expect(await demanding).toMatchObject({ data: 'answer 2', cached: false });
    expect(await http.get('/')).toMatchObject({ data: 'answer 2', cached: true });
  });

  test("11: a cached response's config, used again after expiry, asks the origin", async () => {
    const { http, clock } = await startCached({ '/': numbered(MINUTE) });
    await http.get('/');
    const { config } = await http.get('/');
    clock.advance(61);
    expect(await http.request(config)).toMatchObject({ data: 'answer 2', cached: false });
    expect(await http.get('/')).toMatchObject({ data: 'answer 2', cached: true });
  });
});

describe('sharing', () => {
  test('a follower that aborts, or whose time runs out, ends at once, and a leader takes nobody along', async () => {
    const { http, origin } = await startCached({ '/': { ...MINUTE, body: 'x' } });
    const gate = origin.hold('/');
    const controller = new AbortController();
    const leaderGone = new AbortController();
    const leader = http.get('/', { signal: leaderGone.signal });
    await gate.arrived();
    const patient = http.get('/', { timeout: 5000 });
    const aborting = http.get('/', { signal: controller.signal });
    const hurried = http.get('/', { timeout: 20 });
    controller.abort();
    await expect(aborting).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    await expect(hurried).rejects.toMatchObject({ code: 'ECONNABORTED', config: { timeout: 20 } });
    leaderGone.abort();
    await expect(leader).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    gate.release();
    expect(await patient).toMatchObject({ data: 'x', config: { timeout: 5000 } });
    expect(origin.count()).toBe(1);
  });

  test('answers that cannot be shared are not waited for one after another', async () => {
    const { http, origin } = await startCached({ '/': { headers: { 'Cache-Control': 'no-store' } } });
    await http.get('/');
    const gate = origin.hold('/');
    const pending = Promise.all([1, 2, 3, 4, 5].map(() => http.get('/')));
    await gate.arrived(5);
    gate.release();
    expect((await pending).every(({ cached }) => !cached)).toBe(true);
  });

  test('aborting a renewal rejects: stale data is not what was asked for', async () => {
    const { http, origin, clock } = await startCached(
      { '/': { headers: { ETag: '"1"', 'Cache-Control': 'max-age=1' } } },
      { staleIfError: true },
    );
    await http.get('/');
    clock.advance(2);
    const gate = origin.hold('/');
    const controller = new AbortController();
    const pending = http.get('/', { signal: controller.signal });
    await gate.arrived();
    controller.abort();
    await expect(pending).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    gate.release();
  });
});

describe('HTTP', () => {
  /** Answers 304 only to requests that do not forbid it with Cache-Control: no-cache, as a well-known server does. */
  const asServersDo =
    (etag: string): Handler =>
    (request, response) =>
      /no-cache/.test(request.headers['cache-control'] ?? '')
        ? { headers: { ETag: etag } }
        : withEtag(etag)(request, response);

  test('12: no Cache-Control is added to requests, so that servers answer 304', async () => {
    const statuses: (number | undefined)[] = [];
    const { http, origin } = await startCached({
      '/': async (request, response) => {
        const reply = await asServersDo('"1"')(request, response);
        statuses.push(reply?.status);
        return { ...reply, headers: { ...reply?.headers, 'Cache-Control': 'max-age=0' } };
      },
    });
    for (const _again of [1, 2, 3, 4]) await http.get('/');
    expect(statuses).toEqual([undefined, 304, 304, 304]);
    const names = new Set(origin.requests.flatMap(({ headers }) => Object.keys(headers)));
    for (const name of ['cache-control', 'pragma', 'expires']) expect(names).not.toContain(name);
  });

  test('13: immutable does not lengthen max-age', async () => {
    const { http, clock } = await startCached({ '/': { headers: { 'Cache-Control': 'immutable, max-age=1' } } });
    expect((await http.get('/')).cache.expiresAt).toEqual(new Date(clock.now() + 1000));
    clock.advance(2);
    expect((await http.get('/')).cached).toBe(false);
  });

  test('14: a 304 renews what is stored: its headers count from now on', async () => {
    const generation = (number: number, cacheControl: string | undefined): Handler => {
      const headers = {
        'X-Generation': String(number),
        ...(cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }),
      };
      return withEtag('"1"', { headers });
    };
    const { http, clock } = await startCached({
      '/': inTurn(generation(1, 'max-age=1'), generation(2, 'max-age=10'), generation(3, undefined)),
    });
    await http.get('/');
    clock.advance(2);
    expect(await http.get('/')).toMatchObject({
      status: 200,
      cache: { status: 'revalidated' },
      headers: { 'x-generation': '2', 'cache-control': 'max-age=10' },
    });
    clock.advance(9);
    expect(await http.get('/')).toMatchObject({ cache: { status: 'hit' }, headers: { 'x-generation': '2' } });
    clock.advance(2);
    expect(await http.get('/')).toMatchObject({ headers: { 'x-generation': '3', 'cache-control': 'max-age=10' } });
  });

  test('14: a 304 without Cache-Control leaves an entry of max-age=0 one to be validated', async () => {
    const { http, origin } = await startCached(
      {
        '/': inTurn(
          { headers: { ETag: '"1"', 'Cache-Control': 'max-age=0' } },
          { status: 304, headers: { ETag: '"1"' } },
        ),
      },
      { expireAfter: '5m' },
    );
    for (const _again of [1, 2, 3]) await http.get('/');
    expect(origin.count()).toBe(3);
  });

  test.each(['no-store', 'no-cache', 'max-age=0'])(
    '15: a request with Cache-Control: %s is not served from the cache',
    async (value) => {
      const { http, clock } = await startCached({ '/': numbered(MINUTE) });
      await http.get('/');
      clock.advance(1);
      expect((await http.get('/', { headers: { 'Cache-Control': value } })).data).toBe('answer 2');
    },
  );

  test('15: only-if-cached never asks the origin', async () => {
    const { http, origin } = await startCached({ '/': {} });
    await expect(http.get('/', { headers: { 'Cache-Control': 'only-if-cached' } })).rejects.toMatchObject({
      response: { status: 504 },
    });
    expect(origin.count()).toBe(0);
  });

  test('15: no-cache with an ETag is stored, and validated each time', async () => {
    const { http, origin } = await startCached({
      '/': withEtag('"1"', { headers: { 'Cache-Control': 'no-cache' }, body: 'x' }),
    });
    for (const _again of [1, 2, 3]) expect((await http.get('/')).data).toBe('x');
    expect(origin.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"', '"1"']);
  });

  test.each(['put', 'post', 'patch', 'delete'])('16: %s invalidates', async (method) => {
    const { http } = await startCached({ '/': numbered(MINUTE) });
    await http.get('/');
    await http.request({ url: '/', method });
    expect((await http.get('/')).data).toBe('answer 3');
  });

  test('16: stale-while-revalidate answers at once, and hits have an Age', async () => {
    const { http, origin, clock } = await startCached({
      '/': numbered({ headers: { 'Cache-Control': 'max-age=1, stale-while-revalidate=60' } }),
    });
    await http.get('/');
    clock.advance(5);
    const gate = origin.hold('/');
    expect(await http.get('/')).toMatchObject({ data: 'answer 1', headers: { age: '5' } });
    gate.release();
    await http.cache.idle();
    expect((await http.get('/')).data).toBe('answer 2');
  });

  test('16: Last-Modified alone is enough to ask conditionally', async () => {
    const date = 'Tue, 01 Jan 2019 00:00:00 GMT';
    const { http, origin, clock } = await startCached({
      '/': withLastModified(date, { headers: { 'Cache-Control': 'max-age=1' }, body: 'x' }),
    });
    await http.get('/');
    clock.advance(2);
    expect(await http.get('/')).toMatchObject({ data: 'x', cache: { status: 'revalidated' } });
    expect(origin.requests[1]?.headers['if-modified-since']).toBe(date);
  });

  test.each(['http', 'fetch'] as const)(
    '17: Vary: Accept-Encoding is one entry and one request (%s)',
    async (adapter) => {
      const { http, origin } = await startCached({
        '/': { headers: { Vary: 'Accept-Encoding', 'Cache-Control': 'max-age=60' } },
      });
      for (const _again of [1, 2, 3]) await http.get('/', { adapter });
      expect([origin.count(), await http.cache.count()]).toEqual([1, 1]);
    },
  );

  test('17: deleting a URL leaves no variant behind', async () => {
    const { http } = await startCached({ '/': { headers: { Vary: 'X-Lang' } } });
    for (const lang of ['de', 'fr']) await http.get('/', { headers: { 'X-Lang': lang } });
    await http.cache.delete('/');
    expect(await http.cache.count()).toBe(0);
  });

  test('18: a stored 404 rejects for whoever has the default validateStatus', async () => {
    const { http } = await startCached({ '/': { status: 404 } }, { allowedCodes: [200, 404] });
    await http.get('/', { validateStatus: () => true });
    await expect(http.get('/')).rejects.toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 404, cached: true },
    });
  });

  test('18: a request without the cache neither writes nor deletes, whatever comes of it', async () => {
    const { http } = await startCached({
      '/': inTurn(
        { ...MINUTE, body: 'kept' },
        { status: 500 },
        { ...MINUTE, body: 'other' },
        disconnect,
        cutShort('whole', 2),
      ),
    });
    await http.get('/');
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => http.get('/', { cache: false })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
    expect(await http.get('/')).toMatchObject({ data: 'kept', cached: true });
  });

  test('19: maxEntries: 2 holds two, the least recently used goes first, and a renewal evicts nobody', async () => {
    const storage = new MemoryStorage({ maxEntries: 2 });
    const { http } = await startCached(() => MINUTE, { storage });
    await http.get('/a');
    await http.get('/b');
    await http.get('/b', { cache: 'reload' });
    expect(await http.cache.count()).toBe(2);
    await http.get('/a');
    await http.get('/c');
    expect([await http.cache.has('/a'), await http.cache.has('/b'), await http.cache.has('/c')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('19: what has a validator is not kept for ever', async () => {
    const { http, clock } = await startCached(
      { '/': { headers: { ETag: '"1"', 'Cache-Control': 'max-age=1' } } },
      { keepStale: 60 },
    );
    await http.get('/');
    clock.advance(62);
    expect(await http.cache.deleteExpired()).toBe(1);
  });
});
