/**
 * A program of axios-cache-interceptor, before and after: the real package with its options, and this one with what
 * they are translated to, put as many requests to the server and give the same data.
 */
import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import { buildMemoryStorage, type CacheOptions, setupCache as setupTheirs } from 'axios-cache-interceptor';
import { isCacheError, MemoryStorage, setupCache } from '../../lib/index.js';
import { fromAxiosCacheInterceptor, withAxiosCacheInterceptorFields } from '../../lib/migrate.js';
import { type ManualClock, manualClock } from '../support/clock.js';
import { type Handler, type Origin, startOrigin } from '../support/origin.js';

interface Program {
  readonly http: AxiosInstance;
  readonly clock: ManualClock;
  readonly origin: Origin;
  /** From now on the server fails. */
  readonly breakServer: () => void;
}
type Steps = (program: Program) => Promise<unknown>;

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  jest.restoreAllMocks();
});

/** Answers that the rows need, each with its number. */
function numberedAnswers(): { handler: Handler; breakServer: () => void } {
  let count = 0;
  let broken = false;
  const handler: Handler = ({ path, headers }) => {
    count += 1;
    if (broken) return { status: 503 };
    const body = { count, ok: path === '/ok', seconds: 10, language: headers['x-language'] ?? null };
    const [, ...parts] = path.split('/');
    const given = Object.fromEntries(parts.flatMap((part) => FIELDS[part] ?? []));
    return { status: STATUSES[path] ?? 200, headers: given, body };
  };
  return {
    handler,
    breakServer: () => {
      broken = true;
    },
  };
}

const STATUSES: Readonly<Record<string, number>> = { '/missing': 404, '/transformed': 203 };
const FIELDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'no-store': [['Cache-Control', 'no-store']],
  'max-age-5': [['Cache-Control', 'max-age=5']],
  etag: [['ETag', '"1"']],
  keep: [['X-Keep', 'yes']],
  vary: [['Vary', 'X-Language']],
};

type SetUp = (instance: AxiosInstance, options: CacheOptions, clock: ManualClock) => AxiosInstance;

const theirs: SetUp = (instance, options, clock) => {
  const storage = buildMemoryStorage(false, false);
  jest.spyOn(Date, 'now').mockImplementation(clock.now);
  return setupTheirs(instance, { storage, ...options }) as unknown as AxiosInstance;
};

const ours: SetUp = (instance, options, { now }) => {
  const http = setupCache(instance, { ...fromAxiosCacheInterceptor(options).options, now });
  closing.push(() => http.cache.close());
  http.interceptors.response.use(withAxiosCacheInterceptorFields);
  return http;
};

async function play(setUp: SetUp, options: CacheOptions, steps: Steps): Promise<{ seen: unknown; requests: number }> {
  const clock = manualClock();
  const { handler, breakServer } = numberedAnswers();
  const origin = await startOrigin(handler, { clock });
  closing.unshift(() => origin.close());
  const http = setUp(axios.create({ baseURL: origin.url, proxy: false }), options, clock);
  const seen = await steps({ http, clock, origin, breakServer });
  return { seen, requests: origin.count() };
}

/** Gets these URLs one after the other; a number lets so many seconds pass. Gives the number of each answer. */
const getting =
  (...urls: readonly (string | number)[]): Steps =>
  async ({ http, clock }) => {
    const seen: unknown[] = [];
    for (const url of urls) {
      if (typeof url === 'number') clock.advance(url);
      else seen.push((await http.get<{ count: number }>(url, { validateStatus: () => true })).data.count);
    }
    return seen;
  };

const inLanguages: Steps = async ({ http }) => {
  const seen: unknown[] = [];
  for (const language of ['de', 'en', 'de']) {
    const config: AxiosRequestConfig = { headers: { 'X-Language': language } };
    seen.push((await http.get<{ language: string }>('/vary', config)).data.language);
  }
  return seen;
};

const failingAfter =
  (seconds: number): Steps =>
  async ({ http, clock, breakServer }) => {
    await http.get('/etag/max-age-5');
    clock.advance(seconds);
    breakServer();
    return http.get('/etag/max-age-5').then(({ status }) => status, ({ response }) => response.status);
  };

interface Expected {
  readonly seen: unknown;
  readonly requests: number;
  /** How many more there are here: a renewal that the server cannot answer is asked again without its condition. */
  readonly again?: number;
}

const rows: readonly (readonly [string, CacheOptions, Steps, Expected])[] = [
  ['nothing given: five minutes', {}, getting('/', 299, '/', 2, '/'), { seen: [1, 1, 2], requests: 2 }],
  ['a status that is cached by default', {}, getting('/transformed', '/transformed'), { seen: [1, 1], requests: 1 }],
  ['ttl', { ttl: 60_000 }, getting('/', 59, '/', 2, '/'), { seen: [1, 1, 2], requests: 2 }],
  ['ttl: 0', { ttl: 0 }, getting('/', 1, '/', '/max-age-5', 4, '/max-age-5'), { seen: [1, 2, 3, 3], requests: 3 }],
  [
    'ttl as a function',
    { ttl: ({ data }) => (data as { seconds: number }).seconds * 1000 },
    getting('/', 9, '/', 2, '/'),
    { seen: [1, 1, 2], requests: 2 },
  ],
  ['enabled: false', { enabled: false }, getting('/', '/'), { seen: [1, 2], requests: 2 }],
  ["the server's word", {}, getting('/max-age-5', 6, '/max-age-5', '/no-store', '/no-store'), {
    seen: [1, 2, 3, 4],
    requests: 4,
  }],
  ['interpretHeader: false', { interpretHeader: false }, getting('/no-store', '/no-store'), {
    seen: [1, 1],
    requests: 1,
  }],
  [
    'methods',
    { methods: ['post'] },
    async ({ http }) => [(await http.post('/', 'x')).data.count, (await http.post('/', 'x')).data.count],
    { seen: [1, 1], requests: 1 },
  ],
  [
    'cachePredicate.statusCheck',
    { cachePredicate: { statusCheck: (status) => status === 404 } },
    getting('/missing', '/missing', '/', '/'),
    { seen: [1, 1, 2, 3], requests: 3 },
  ],
  [
    'cachePredicate.containsHeaders',
    { cachePredicate: { containsHeaders: { 'X-Keep': (value) => value === 'yes' } } },
    getting('/keep', '/keep', '/', '/'),
    { seen: [1, 1, 2, 3], requests: 3 },
  ],
  [
    'cachePredicate.responseMatch',
    { cachePredicate: { responseMatch: ({ data }) => (data as { ok: boolean }).ok } },
    getting('/ok', '/ok', '/', '/'),
    { seen: [1, 1, 2, 3], requests: 3 },
  ],
  [
    'cachePredicate as a function that gives a promise',
    { cachePredicate: ({ data }) => Promise.resolve((data as { ok: boolean }).ok) },
    getting('/ok', '/ok', '/', '/'),
    { seen: [1, 1, 2, 3], requests: 3 },
  ],
  [
    'cachePredicate.ignoreUrls',
    { cachePredicate: { ignoreUrls: ['/live', /no\d/] } },
    getting('/live/x', '/live/x', '/no1', '/no1', '/', '/'),
    { seen: [1, 2, 3, 4, 5, 5], requests: 5 },
  ],
  [
    'cachePredicate.allowUrls',
    { cachePredicate: { allowUrls: ['/users'], ignoreUrls: ['/users/me'] } },
    getting('/users', '/users', '/users/me', '/users/me', '/', '/'),
    { seen: [1, 1, 2, 3, 4, 5], requests: 5 },
  ],
  ['override: true', { override: true }, getting('/', '/'), { seen: [1, 2], requests: 2 }],
  ['staleIfError by default', {}, failingAfter(60), { seen: 200, requests: 2, again: 1 }],
  ['staleIfError: false', { staleIfError: false }, failingAfter(60), { seen: 503, requests: 2, again: 1 }],
  ['staleIfError in milliseconds', { staleIfError: 30_000 }, failingAfter(20), { seen: 200, requests: 2, again: 1 }],
  ['its end', { staleIfError: 30_000 }, failingAfter(60), { seen: 503, requests: 2, again: 1 }],
  ['vary', {}, inLanguages, { seen: ['de', 'en', 'de'], requests: 2 }],
  ['vary: false', { vary: false }, inLanguages, { seen: ['de', 'de', 'de'], requests: 1 }],
  [
    'vary as a list',
    { vary: ['x-language'] },
    async (program) => [await inLanguages(program), await getting('/vary')(program)],
    { seen: [['de', 'en', 'de'], [3]], requests: 3 },
  ],
  [
    'generateKey',
    { generateKey: ({ url }) => String(url?.split('?')[0]) },
    getting('/?page=1', '/?page=2', '/users'),
    { seen: [1, 1, 2], requests: 2 },
  ],
  [
    'headerInterpreter',
    {
      headerInterpreter: (headers) => {
        if (headers['x-keep'] === 'yes') return { cache: 20_000 };
        return headers['etag'] === undefined ? 'not enough headers' : 'dont cache';
      },
      ttl: 60_000,
    },
    getting('/keep/no-store', 19, '/keep/no-store', 2, '/keep/no-store', '/etag', '/etag', '/', 59, '/'),
    { seen: [1, 1, 2, 3, 4, 5, 5], requests: 5 },
  ],
  [
    'etag: false, modifiedSince: false',
    { etag: false, modifiedSince: false },
    async ({ http, clock, origin }) => {
      await http.get('/etag/max-age-5');
      clock.advance(6);
      await http.get('/etag/max-age-5');
      return origin.requests.map(({ headers }) => headers['if-none-match'] ?? headers['if-modified-since']);
    },
    { seen: [undefined, undefined], requests: 2 },
  ],
  [
    'what responses say',
    { generateKey: () => 'key' },
    async ({ http, clock, breakServer }) => {
      const first = await http.get('/etag/max-age-5');
      clock.advance(60);
      breakServer();
      const second = await http.get('/etag/max-age-5');
      return [first, second].map((response) => {
        const { cached, stale = false, id } = response as { cached?: boolean; stale?: boolean; id?: string };
        return { cached, stale, id: typeof id };
      });
    },
    {
      seen: [{ cached: false, stale: false, id: 'string' }, { cached: true, stale: true, id: 'string' }],
      requests: 2,
      again: 1,
    },
  ],
];

describe('the same program', () => {
  test.each(rows)('%s: before', async (_name, options, steps, { seen, requests }) => {
    expect(await play(theirs, options, steps)).toEqual({ seen, requests });
  });

  test.each(rows)('%s: after', async (_name, options, steps, { seen, requests, again = 0 }) => {
    expect(await play(ours, options, steps)).toEqual({ seen, requests: requests + again });
  });
});

describe('what is told', () => {
  const told = (options: object): string => fromAxiosCacheInterceptor(options).unsupported.join('\n');

  test('nothing of what is kept whole', () => {
    const whole = { ttl: 1000, methods: ['get'], etag: true, vary: false, cacheTakeover: true, override: false };
    expect(fromAxiosCacheInterceptor(whole).unsupported).toEqual([]);
  });

  const sentences: readonly (readonly [object, RegExp])[] = [
    [{ update: { list: 'delete' } }, /update .*invalidates: \["\/users"/],
    [{ hydrate: () => undefined }, /hydrate .*staleWhileRevalidate/],
    [{ enabled: false }, /cache: "5m"/],
    [{ ttl: () => 1 }, /ttl .*expireAfter: \(response\) => seconds/],
    [{ staleIfError: 60 }, /60 counted milliseconds .* is 0\.06 seconds .* write staleIfError: 60\./],
    [{ staleIfError: () => true }, /staleIfErrorCodes/],
    [{ etag: '"mine"' }, /"If-None-Match": "\\"mine\\""/],
    [{ modifiedSince: new Date() }, /If-Modified-Since/],
    [{ methods: ['get', 'purge'] }, /PURGE/],
    [{ cachePredicate: { ignoreUrls: [/^\/live/] } }, /ignoreUrls\[0\]: \/\^\\\/live\/ .* without the \^/],
    [{ cachePredicate: { statusCheck: async () => true } }, /allowedCodes: \[200\]/],
    [{ headerInterpreter: () => 1 }, /staleWhileRevalidate/],
    [{ storage: buildMemoryStorage(false, false) }, /new MemoryStorage\(\{ maxEntries: 1024 \}\)/],
    [{ storage: { get: () => 1, set: () => 1, remove: () => 1 } }, /new KeyValueStorage/],
    [{ register: false }, /register .* adapter/],
    [{ location: 'client' }, /shared: true/],
    [{ waiting: new Map() }, /collapsed/],
    [{ expireAfter: '5m' }, /expireAfter is not an option of axios-cache-interceptor 1\.12.*\.\.\.options, expireAfter: …/],
  ];
  test.each(sentences)('%#: %p', (options, sentence) => {
    expect(told(options)).toMatch(sentence);
  });

  test('location had no effect there', () => {
    const instance = setupTheirs(axios.create(), { location: 'client' });
    closing.push(() => clearInterval((instance.storage as { cleaner?: NodeJS.Timeout }).cleaner));
    expect(instance.location).toBe('server');
  });

  test('a storage of this package is taken as it is', () => {
    const storage = new MemoryStorage();
    expect(fromAxiosCacheInterceptor({ storage })).toMatchObject({ options: { storage }, unsupported: [] });
  });
});

test.each([
  [undefined, 'options must be the object that axios-cache-interceptor 1.12 was given; got undefined.'],
  [{ ttl: '5m' }, 'ttl must be a number of milliseconds; got "5m".'],
  [{ methods: 'get' }, 'methods must be a list; got "get".'],
  [{ cachePredicate: { allowUrls: [1] } }, 'cachePredicate.allowUrls[0] must be a RegExp or a text; got 1.'],
  [{ ttl: NaN, methods: 1 }, /^axios-client-cache: 2 options are wrong:\n- ttl .*\n- methods /],
])('%p is an ERR_CACHE_OPTION', (options, message) => {
  expect.assertions(2);
  try {
    fromAxiosCacheInterceptor(options as object);
  } catch (error) {
    expect(isCacheError(error) && error.code).toBe('ERR_CACHE_OPTION');
    expect((error as Error).message).toMatch(message);
  }
});

test('what is debugged are the lines of this package', async () => {
  const messages: unknown[] = [];
  const debug = (message: object): unknown => messages.push(message);
  await play(ours, { debug }, getting('/'));
  expect(messages).toEqual([{ msg: expect.stringContaining('miss') }]);
});
