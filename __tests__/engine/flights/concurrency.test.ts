/** Many requests at once, over real HTTP: who asks the origin, who shares, and how each of them ends. */
import http from 'node:http';
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import type { CachedAxiosInstance } from '../../../lib/api/instance.js';
import type { CacheEvent } from '../../../lib/api/events.js';
import type { CacheOptions } from '../../../lib/api/options.js';
import { setupCache } from '../../../lib/setup-cache.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import type { StorageReading } from '../../../lib/api/storage.js';
import { manualClock } from '../../support/clock.js';
import {
  disconnect,
  type Gate,
  inTurn,
  type Origin,
  type Reply,
  type Route,
  type Routes,
  startOrigin,
} from '../../support/origin.js';

const clock = manualClock();
const ONE: Reply = { headers: { 'cache-control': 'max-age=60' }, body: { text: 'one' } };
const TWO: Reply = { headers: { 'cache-control': 'max-age=60' }, body: { text: 'two' } };

let origin: Origin;
afterEach(() => origin.close());

async function clientOf(routes: Routes, options: CacheOptions = {}): Promise<CachedAxiosInstance> {
  origin = await startOrigin(routes);
  return setupCache(axios.create({ baseURL: origin.url, proxy: false }), { now: clock.now, ...options });
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** `200 one`, or what went wrong; an AxiosError must name its own caller's config. */
function shown(result: PromiseSettledResult<AxiosResponse<unknown>>, caller: string): string {
  if (result.status === 'fulfilled') {
    const { status, data, config } = result.value;
    expect(config.xsrfHeaderName).toBe(caller);
    return `${status} ${isRecord(data) ? String(data['text']) : String(data)}`;
  }
  const error: unknown = result.reason;
  if (!(error instanceof AxiosError)) return String(error);
  expect(error.config?.xsrfHeaderName).toBe(caller);
  if (error.response !== undefined) expect(error.response.config.xsrfHeaderName).toBe(caller);
  return error.code ?? error.message;
}

/** A storage on which some methods do something else. */
const storageWith = (methods: Partial<MemoryStorage>): MemoryStorage => Object.assign(new MemoryStorage(), methods);
const fail = (message: string) => (): never => {
  throw new Error(message);
};

/** How often the storage has failed in the situation under test. */
let failures = 0;

interface Situation {
  readonly options?: () => CacheOptions;
  readonly route?: Route;
  readonly config?: (index: number, callers: number) => AxiosRequestConfig;
  /** While the first answer is held back. */
  readonly meanwhile?: (wave: {
    aborts: AbortController[];
    requests: Promise<unknown>[];
    gate: Gate;
  }) => Promise<unknown> | void;
  /** What the caller of that index ends with. @default '200 one' */
  readonly result?: (index: number, callers: number) => string;
  /** How often the origin is asked by all together. @default 1 */
  readonly asked?: (callers: number) => number;
  /** How often by one who asks afterwards, the origin being well. @default 0 */
  readonly later?: (callers: number) => number;
}

const isFirst = (index: number): boolean => index === 0;
const isLast = (index: number, callers: number): boolean => index === callers - 1;
const always = (): number => 1;
const ifAlone = (callers: number): number => (callers === 1 ? 1 : 0);
const rejected = (request: Promise<unknown> | undefined): Promise<unknown> =>
  Promise.resolve(request).catch(() => undefined);

const SITUATIONS: Readonly<Record<string, Situation>> = {
  'all is well': {},
  'the leader aborts': {
    meanwhile: ({ aborts, requests }) => {
      aborts[0]?.abort();
      return rejected(requests[0]);
    },
    result: (index) => (isFirst(index) ? 'ERR_CANCELED' : '200 one'),
    later: ifAlone,
  },
  'a follower aborts': {
    meanwhile: ({ aborts, requests }) => {
      aborts.at(-1)?.abort();
      return rejected(requests.at(-1));
    },
    result: (index, callers) => (isLast(index, callers) ? 'ERR_CANCELED' : '200 one'),
    later: ifAlone,
  },
  'everybody aborts': {
    meanwhile: ({ aborts, requests }) => {
      for (const abort of aborts) abort.abort();
      return Promise.allSettled(requests);
    },
    result: () => 'ERR_CANCELED',
    later: always,
  },
  'the leader runs out of its time': {
    config: (index) => (isFirst(index) ? { timeout: 80 } : {}),
    meanwhile: ({ requests, gate }) =>
      Promise.all([rejected(requests[0]), requests.length > 1 ? gate.arrived(2) : undefined]),
    result: (index) => (isFirst(index) ? 'ECONNABORTED' : '200 one'),
    asked: (callers) => Math.min(callers, 2),
    later: ifAlone,
  },
  'a follower runs out of its time': {
    config: (index, callers) => (isLast(index, callers) ? { timeout: 80 } : {}),
    meanwhile: ({ requests }) => rejected(requests.at(-1)),
    result: (index, callers) => (isLast(index, callers) ? 'ECONNABORTED' : '200 one'),
    later: ifAlone,
  },
  'everybody runs out of time': {
    config: () => ({ timeout: 80 }),
    meanwhile: ({ requests }) => Promise.allSettled(requests),
    result: () => 'ECONNABORTED',
    later: always,
  },
  'the connection breaks': {
    route: disconnect,
    result: () => 'ECONNRESET',
    asked: (callers) => Math.min(callers, 2),
    later: always,
  },
  'the origin answers 500': {
    route: { status: 500, body: 'oops' },
    result: () => 'ERR_BAD_RESPONSE',
    asked: (callers) => Math.min(callers, 2),
    later: always,
  },
  'the origin answers 404': { route: { status: 404, body: 'none' }, result: () => 'ERR_BAD_REQUEST', later: always },
  'the answer is for one caller only': {
    route: { ...ONE, headers: { 'cache-control': 'no-store' } },
    asked: (callers) => callers,
    later: always,
  },
  'the answers vary': {
    route: { ...ONE, headers: { 'cache-control': 'max-age=60', vary: 'x-language' } },
    config: (index) => ({ headers: { 'x-language': index % 2 === 0 ? 'de' : 'en' } }),
    asked: (callers) => Math.min(callers, 2),
    later: always,
  },
  'the storage cannot be written': {
    options: () => ({ storage: storageWith({ set: () => Promise.reject(new Error('full')) }) }),
    later: always,
  },
  'the storage cannot be read': {
    options: () => ({ storage: storageWith({ get: () => Promise.reject(new Error('broken')) }) }),
    later: always,
  },
  'reads of the storage hang': {
    options: () => {
      failures = 0;
      const onEvent = ({ type }: CacheEvent): void => {
        if (type === 'storage-error') failures += 1;
      };
      return { storage: storageWith({ get: () => new Promise(() => undefined) }), storageTimeout: '30ms', onEvent };
    },
    meanwhile: async ({ requests }) => {
      while (failures < requests.length) await new Promise((resolve) => void setImmediate(resolve));
    },
    later: always,
  },
  'writes to the storage hang': {
    options: () => ({ storage: storageWith({ set: () => new Promise(() => undefined) }), storageTimeout: '30ms' }),
    later: always,
  },
  'nothing may be stored': { options: () => ({ readOnly: true }), later: always },
  'transformResponse throws': {
    config: () => ({ transformResponse: fail('bad transform') }),
    result: () => 'Error: bad transform',
  },
  'validateStatus throws': {
    config: () => ({ validateStatus: fail('bad status') }),
    result: () => 'bad status',
  },
  'the filter throws': { options: () => ({ filter: fail('bad filter') }), asked: (callers) => callers, later: always },
  'the tags throw': { options: () => ({ tags: fail('bad tags') }), asked: (callers) => callers, later: always },
  'onEvent throws': { options: () => ({ onEvent: fail('bad listener'), debug: fail('bad printer') }) },
};

describe.each(Object.entries(SITUATIONS))('%s', (_name, situation) => {
  const { options = () => ({}), route = ONE, config = () => ({}), meanwhile, result = () => '200 one' } = situation;
  const { asked = () => 1, later = () => 0 } = situation;

  test.each([1, 2, 50])('%i at once', async (callers) => {
    let current: Route = route;
    const client = await clientOf(
      { '/thing': (...args) => (typeof current === 'function' ? current(...args) : current) },
      options(),
    );
    const gate = origin.hold('/thing');
    const aborts = Array.from({ length: callers }, () => new AbortController());
    const requests = aborts.map(({ signal }, index) =>
      client.get<unknown>('/thing', { signal, xsrfHeaderName: `caller ${index}`, ...config(index, callers) }),
    );
    const results = Promise.allSettled(requests);
    await gate.arrived();
    await meanwhile?.({ aborts, requests, gate });
    gate.release();
    const shownResults = (await results).map((each, index) => shown(each, `caller ${index}`));
    expect(shownResults).toEqual(aborts.map((_, index) => result(index, callers)));
    expect(origin.count()).toBe(asked(callers));

    current = ONE;
    const afterwards = await client.get<unknown>('/thing');
    expect(afterwards.data).toEqual({ text: 'one' });
    expect(origin.count()).toBe(asked(callers) + later(callers));
  });
});

test.each([1, 2, 50])('a response interceptor throws: %i at once', async (callers) => {
  const client = await clientOf({ '/thing': ONE });
  const id = client.interceptors.response.use(fail('bad interceptor'));
  const results = await Promise.allSettled(Array.from({ length: callers }, () => client.get('/thing')));
  expect(results.map((each) => (each.status === 'rejected' ? String(each.reason) : 'fine'))).toEqual(
    results.map(() => 'Error: bad interceptor'),
  );
  client.interceptors.response.eject(id);
  expect((await client.get('/thing')).cached).toBe(true);
  expect(origin.count()).toBe(1);
});

describe('a thousand identical requests on a cold cache', () => {
  /** On a busy machine a read that waits for the others would run out of its time, which is another situation. */
  const PATIENT = '5m';
  const thousand = (client: CachedAxiosInstance, config: AxiosRequestConfig = {}) =>
    Promise.all(Array.from({ length: 1000 }, () => client.get<{ text: string }>('/thing', config)));

  test('are one origin request, and everybody owns its data', async () => {
    const client = await clientOf({ '/thing': ONE });
    const responses = await thousand(client);
    expect(origin.count()).toBe(1);
    expect(new Set(responses.map(({ data }) => data)).size).toBe(1000);
    expect(new Set(responses.map(({ headers }) => headers)).size).toBe(1000);
    const [first, ...others] = responses;
    if (first === undefined) throw new TypeError('No response');
    first.data.text = 'scribbled on';
    expect(others.every(({ data }) => data.text === 'one')).toBe(true);
    expect(responses.filter(({ cached }) => cached)).toHaveLength(999);
    expect(responses.filter(({ cache }) => cache.collapsed)).toHaveLength(999);
  });

  test('on a storage whose reads take several ticks, in any order', async () => {
    let reads = 0;
    class Slow extends MemoryStorage {
      override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
        reads += 1;
        const found = await super.get(...sought);
        // Later reads end sooner.
        for (let tick = 0; tick < 1 + ((1000 - reads) % 17); tick += 1)
          await new Promise((resolve) => void setImmediate(resolve));
        return found;
      }
    }
    const client = await clientOf({ '/thing': ONE }, { storage: new Slow(), storageTimeout: PATIENT });
    const responses = await thousand(client);
    expect(origin.count()).toBe(1);
    expect(responses.every(({ data }) => data.text === 'one')).toBe(true);
  });

  test('some of whose reads begin before the answer is stored and end after it', async () => {
    const waiting: (() => void)[] = [];
    class Late extends MemoryStorage {
      reads = 0;
      override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
        this.reads += 1;
        const isLate = this.reads % 2 === 0 && this.reads <= 1000;
        const found = await super.get(...sought);
        if (isLate) await new Promise<void>((resolve) => void waiting.push(resolve));
        return found;
      }
    }
    let wasStored: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => {
      wasStored = resolve;
    });
    const onEvent = ({ type }: CacheEvent): void => {
      if (type === 'stored') wasStored();
    };
    const client = await clientOf({ '/thing': ONE }, { storage: new Late(), storageTimeout: PATIENT, onEvent });
    const responses = thousand(client);
    await stored;
    await new Promise((resolve) => void setImmediate(resolve));
    expect(waiting).toHaveLength(500);
    for (const resolve of waiting) resolve();
    expect((await responses).filter(({ cached }) => cached)).toHaveLength(999);
    expect(origin.count()).toBe(1);
  });

  test('with one signal for all: no warning of a leak, and all end with it', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on('warning', onWarning);
    const client = await clientOf({ '/thing': ONE });
    const gate = origin.hold('/thing');
    const controller = new AbortController();
    const requests = Array.from({ length: 1000 }, () => client.get('/thing', { signal: controller.signal }));
    await gate.arrived();
    controller.abort();
    const results = await Promise.allSettled(requests);
    expect(results.every((each) => each.status === 'rejected' && axios.isCancel(each.reason))).toBe(true);
    await origin.requests[0]?.dropped;
    await new Promise((resolve) => void setImmediate(resolve));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('what is not shared', () => {
  test.each<[string, Record<string, string>, CacheOptions?]>([
    ['what is not stored', { 'cache-control': 'no-store' }],
    ['what is stale at once', { 'cache-control': 'max-age=0' }],
    ['what is stored for failures alone', { 'cache-control': 'max-age=0' }, { staleIfError: true }],
    ['what is stored, and validated each time', { 'cache-control': 'no-cache', etag: '"1"' }],
    ['what is stored, and stale at once', { 'cache-control': 'max-age=0', etag: '"1"' }],
  ])('answers for one caller only, %s: the second wave goes out at once', async (_what, headers, options = {}) => {
    const client = await clientOf({ '/thing': { ...ONE, headers } }, options);
    await Promise.all([client.get('/thing'), client.get('/thing')]);
    const gate = origin.hold('/thing');
    const wave = Array.from({ length: 10 }, () => client.get('/thing'));
    await gate.arrived(10);
    gate.release();
    expect((await Promise.all(wave)).map(({ cached }) => cached)).toEqual(wave.map(() => false));
    expect(origin.count()).toBe(12);
  });

  /** Ten requests at once, of which `count` are seen by the origin before any is answered. */
  const wave = async (client: CachedAxiosInstance, count: number): Promise<void> => {
    const gate = origin.hold('/thing');
    const requests = Array.from({ length: 10 }, () => client.get('/thing'));
    await gate.arrived(count);
    gate.release();
    await Promise.all(requests);
  };
  const ownCondition = { headers: { 'If-None-Match': '"mine"' }, validateStatus: null };

  test('one answer that is not stored shows that those who come next need not wait for one another', async () => {
    const client = await clientOf({ '/thing': { ...ONE, headers: { 'cache-control': 'no-store' } } });
    await client.get('/thing');
    await wave(client, 10);
    expect(origin.count()).toBe(11);
  });

  test('a 304 to a caller’s own condition shows nothing of the kind', async () => {
    const client = await clientOf({
      '/thing': ({ headers }) => (headers['if-none-match'] === '"mine"' ? { status: 304 } : ONE),
    });
    expect((await client.get('/thing', ownCondition)).status).toBe(304);
    await wave(client, 1);
    expect(origin.count()).toBe(2);
  });

  test('a whole answer to a caller’s own condition shows that others can share what comes next', async () => {
    const client = await clientOf({ '/thing': inTurn({ ...ONE, headers: { 'cache-control': 'no-store' } }, ONE, ONE) });
    await client.get('/thing');
    expect((await client.get('/thing', ownCondition)).cache.stored).toBe(true);
    clock.advance(100);
    await wave(client, 1);
    expect(origin.count()).toBe(3);
  });

  test('by Vary: who sends the field otherwise, or not at all, asks for itself, once each', async () => {
    const client = await clientOf({
      '/thing': { ...ONE, headers: { 'cache-control': 'max-age=60', vary: 'x-flavour' } },
    });
    const gate = origin.hold('/thing');
    const flavours = [{ 'x-flavour': 'a' }, { 'x-flavour': 'a' }, {}, {}, { 'x-flavour': 'b' }];
    const requests = flavours.map((headers) => client.get('/thing', { headers }));
    await gate.arrived(1);
    const others = origin.hold('/thing');
    gate.release();
    // They do not wait for one another either.
    await others.arrived(2);
    others.release();
    expect((await Promise.all(requests)).map(({ cached }) => cached)).toEqual([false, true, false, true, false]);
    expect(origin.requests.map(({ headers }) => headers['x-flavour'])).toEqual(['a', undefined, 'b']);
  });

  test('collapse: false, and yet the answer is stored', async () => {
    const client = await clientOf({ '/thing': ONE }, { collapse: false });
    const gate = origin.hold('/thing');
    const wave = [client.get('/thing'), client.get('/thing')];
    await gate.arrived(2);
    gate.release();
    expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual([false, false]);
    expect((await client.get('/thing')).cached).toBe(true);
  });

  const agent = new http.Agent();
  test.each<[string, AxiosRequestConfig, AxiosRequestConfig]>([
    ['agents', { httpAgent: agent }, {}],
    ['numbers of redirects', { maxRedirects: 3 }, { maxRedirects: 4 }],
    ['limits of length', { maxContentLength: 1000 }, { maxContentLength: 2000 }],
    ['adapters', {}, { adapter: 'fetch' }],
  ])('different %s share an entry, not a flight', async (_what, one, other) => {
    const client = await clientOf({ '/thing': ONE });
    const gate = origin.hold('/thing');
    const wave = [client.get('/thing', one), client.get('/thing', other), client.get('/thing', one)];
    await gate.arrived(2);
    gate.release();
    expect((await Promise.all(wave)).map(({ cache }) => cache.collapsed)).toEqual([false, false, true]);
    expect(origin.count()).toBe(2);
    expect((await client.get('/thing', one)).cached).toBe(true);
    expect((await client.get('/thing', other)).cached).toBe(true);
  });

  test('streams: each has its own, whole', async () => {
    const client = await clientOf({ '/thing': ONE });
    const responses = await Promise.all(
      [1, 2].map(() => client.get<http.IncomingMessage>('/thing', { responseType: 'stream' })),
    );
    const texts = await Promise.all(responses.map(async ({ data }) => (await data.toArray()).join('')));
    expect(texts).toEqual(['{"text":"one"}', '{"text":"one"}']);
    expect(origin.count()).toBe(2);
  });
});

describe('one flight, many wishes', () => {
  test('each caller has its own responseType and transform', async () => {
    const client = await clientOf({ '/thing': ONE });
    const [json, text, bytes, transformed] = await Promise.all([
      client.get<unknown>('/thing'),
      client.get<unknown>('/thing', { responseType: 'text' }),
      client.get<Buffer>('/thing', { responseType: 'arraybuffer' }),
      client.get<unknown>('/thing', { transformResponse: () => 'mine' }),
    ]);
    expect([json.data, text.data, bytes.data.toString(), transformed.data]).toEqual([
      { text: 'one' },
      '{"text":"one"}',
      '{"text":"one"}',
      'mine',
    ]);
    expect(origin.count()).toBe(1);
  });

  test('each caller has its own idea of an error, and its own error', async () => {
    const client = await clientOf({ '/thing': { status: 500, body: { text: 'oops' } } });
    const [accepted, ...errors] = await Promise.allSettled([
      client.get('/thing', { validateStatus: null }),
      client.get('/thing', { headers: { 'x-caller': 'b' } }),
      client.get('/thing', { headers: { 'x-caller': 'c' } }),
    ]);
    expect(accepted).toMatchObject({ status: 'fulfilled', value: { status: 500, data: { text: 'oops' } } });
    const reasons = errors.map((each) => (each.status === 'rejected' ? (each.reason as AxiosError) : undefined));
    expect(new Set(reasons).size).toBe(2);
    expect(new Set(reasons.map((error) => error?.response)).size).toBe(2);
    expect(reasons.map((error) => error?.config?.headers.get('x-caller'))).toEqual(['b', 'c']);
    expect(reasons.map((error) => error?.response?.data)).toEqual([{ text: 'oops' }, { text: 'oops' }]);
    expect(origin.count()).toBe(2);
  });

  test('a shared failure is an error of its own for each: what one writes on it the others do not see', async () => {
    const client = await clientOf({ '/thing': disconnect });
    const results = await Promise.allSettled(
      [1, 2, 3].map((caller) => client.get('/thing', { headers: { 'x-caller': caller } })),
    );
    const errors = results.map((each) => (each.status === 'rejected' ? (each.reason as AxiosError) : undefined));
    expect(new Set(errors).size).toBe(3);
    expect(errors.every((error) => error instanceof AxiosError && error.code === 'ECONNRESET')).toBe(true);
    expect(errors.map((error) => error?.config?.headers.get('x-caller'))).toEqual(['1', '2', '3']);
    expect(origin.count()).toBe(2);
  });
});

test('the last caller who leaves ends the origin request, and the next one asks anew', async () => {
  const client = await clientOf({ '/thing': ONE });
  const gate = origin.hold('/thing');
  const aborts = [new AbortController(), new AbortController()];
  const requests = aborts.map(({ signal }) => client.get('/thing', { signal }));
  await gate.arrived();
  let dropped = false;
  void origin.requests[0]?.dropped.then(() => {
    dropped = true;
  });
  aborts[0]?.abort();
  await expect(requests[0]).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  await client.get('/elsewhere', { validateStatus: null });
  expect(dropped).toBe(false);
  aborts[1]?.abort();
  await expect(requests[1]).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  await origin.requests[0]?.dropped;
  gate.release();
  expect((await client.get('/thing')).data).toEqual({ text: 'one' });
  expect(origin.count('/thing')).toBe(2);
});

describe('refreshing in the background', () => {
  const headers = { 'cache-control': 'max-age=60, stale-while-revalidate=600' };

  test('is one for all, and idle waits for it', async () => {
    const client = await clientOf({ '/thing': inTurn({ ...ONE, headers }, { ...TWO, headers }) });
    await client.get('/thing');
    clock.advance(100);
    const gate = origin.hold('/thing');
    const responses = await Promise.all([1, 2, 3].map(() => client.get<{ text: string }>('/thing')));
    expect(responses.map(({ data, cache }) => `${data.text} ${cache.status}`)).toEqual([
      'one stale',
      'one stale',
      'one stale',
    ]);
    await gate.arrived();
    gate.release();
    await client.cache.idle();
    expect((await client.get<{ text: string }>('/thing')).data.text).toBe('two');
    expect(origin.count()).toBe(2);
  });

  test('that fails is an event', async () => {
    const client = await clientOf({ '/thing': inTurn({ ...ONE, headers }, disconnect, { ...TWO, headers }) });
    const errors: CacheEvent[] = [];
    client.cache.on('refresh-error', (event) => errors.push(event));
    await client.get('/thing');
    clock.advance(100);
    await client.get('/thing');
    await client.cache.idle();
    expect(errors).toMatchObject([{ type: 'refresh-error', url: `${origin.url}/thing` }]);
    await client.get('/thing');
    await client.cache.idle();
    expect((await client.get<{ text: string }>('/thing')).data.text).toBe('two');
  });

  test('outlives the request that began it', async () => {
    const client = await clientOf({ '/thing': inTurn({ ...ONE, headers }, { ...TWO, headers }) });
    await client.get('/thing');
    clock.advance(100);
    const gate = origin.hold('/thing');
    const controller = new AbortController();
    await client.get('/thing', { signal: controller.signal, timeout: 5000 });
    await gate.arrived();
    controller.abort();
    gate.release();
    await client.cache.idle();
    expect((await client.get<{ text: string }>('/thing')).data.text).toBe('two');
  });
});

describe('changed meanwhile', () => {
  test('the late old answer goes to its caller only', async () => {
    let release: () => void = () => undefined;
    let seen: () => void = () => undefined;
    const reached = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const oldAnswer: Route = async () => {
      seen();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { headers: { 'cache-control': 'max-age=60' }, body: { text: 'old' } };
    };
    const client = await clientOf({ 'GET /thing': inTurn(oldAnswer, TWO), 'PUT /thing': { status: 204 } });
    const late = client.get<{ text: string }>('/thing');
    await reached;
    await client.put('/thing');
    expect((await client.get<{ text: string }>('/thing')).data.text).toBe('two');
    release();
    const response = await late;
    expect([response.data.text, response.cache.stored, response.cache.notStored]).toEqual([
      'old',
      false,
      'invalidated',
    ]);
    const now = await client.get<{ text: string }>('/thing');
    expect([now.data.text, now.cached]).toEqual(['two', true]);
  });

  test.each<[string, AxiosRequestConfig]>([
    ['a PUT', {}],
    ['a PUT by another user', { headers: { authorization: 'Bearer b' } }],
    ['a PUT with the cache off', { cache: false }],
  ])('after %s the new one is asked for', async (_what, config) => {
    const client = await clientOf({ 'GET /thing': inTurn(ONE, TWO), 'PUT /thing': { status: 204 } });
    await client.get('/thing');
    await client.put('/thing', {}, config);
    const response = await client.get<{ text: string }>('/thing');
    expect([response.data.text, response.cached]).toEqual(['two', false]);
  });

  test.each<[string, Route, boolean]>([
    ['fails on the network: it may have had its effect', disconnect, false],
    ['is answered 500', { status: 500 }, true],
    ['is answered 404', { status: 404 }, true],
  ])('a PUT that %s', async (_what, route, cached) => {
    const client = await clientOf({ 'GET /thing': ONE, 'PUT /thing': route });
    await client.get('/thing');
    await expect(client.put('/thing')).rejects.toThrow(AxiosError);
    expect((await client.get('/thing')).cached).toBe(cached);
  });

  test('a PUT that its caller gives up: it may have had its effect', async () => {
    const client = await clientOf({ 'GET /thing': ONE, 'PUT /thing': { status: 204 } });
    await client.get('/thing');
    const gate = origin.hold('/thing');
    const controller = new AbortController();
    const change = client.put('/thing', {}, { signal: controller.signal });
    await gate.arrived();
    controller.abort();
    await expect(change).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    gate.release();
    expect((await client.get('/thing')).cached).toBe(false);
  });

  test.each<[string, (client: CachedAxiosInstance) => Promise<unknown>]>([
    ['delete', (client) => client.cache.delete('/thing')],
    ['clear', (client) => client.cache.clear()],
  ])('what was asked before the user’s %s is not stored', async (_what, act) => {
    const client = await clientOf({ '/thing': ONE });
    const gate = origin.hold('/thing');
    const late = client.get('/thing');
    await gate.arrived();
    await act(client);
    gate.release();
    expect((await late).cache.notStored).toBe('invalidated');
    expect((await client.get('/thing')).cached).toBe(false);
  });
});
