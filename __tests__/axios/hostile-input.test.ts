/** Odd input harms nobody: polluted prototypes, names that an origin chooses, functions that give nonsense. */
import axios, { type AxiosRequestConfig } from 'axios';
import { MemoryStorage, setupCache } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { having, numbered, startCached, told } from '../support/cached-instance.js';
import { allowNoUnhandledRejection } from '../support/unhandled.js';

const FRESH = { headers: { 'Cache-Control': 'max-age=100' } };

describe('polluted prototypes', () => {
  const names = [
    'partition', 'key', 'mode', 'filter', 'tags', 'expireAfter', 'shared', 'onEvent', 'storage', 'urlsExpireAfter',
    'ignoresRedirects', 'noStore', 'noCache', 'maxAge', 'onlyIfCached', 'private', 'mustRevalidate', 'onRefreshed',
    'invalidates', 'off', 'redirectsTo', 'vary', 'kind', 'reading', 'tag', 'underWay', 'cause', 'info', 'failure',
  ];
  const values: readonly (readonly [string, unknown])[] = [['a text', 'polluted'], ['true', true], ['a number', 7]];
  const cases = names.flatMap((name) => values.map(([kind, value]) => [name, kind, value] as const));

  test.each(cases)('%s is %s: users stay apart, and hits are hits', async (name, _kind, value) => {
    const { origin, http } = await startCached({ '/p': numbered(FRESH) });
    const as = (user: string) => having({ Authorization: user });
    const tellings: string[] = [];
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      const late = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage: new MemoryStorage() });
      for (const each of [http, late]) {
        for (const user of ['A', 'B', 'A']) tellings.push(told(await each.get('/p', as(user))));
        tellings.push(told(await each.get('/p', { ...as('A'), cache: { collapse: true } })));
      }
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
    const usual = ['miss uri-miss', 'miss uri-miss', 'hit fresh', 'hit fresh'];
    expect(tellings).toEqual([...usual, ...usual]);
  });
});

describe.each([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => new SqliteStorage(':memory:')],
])('polluted prototypes, %s', (_storage, makeStorage) => {
  test.each(['tag', 'key', 'resource', 'underWay', 'all', 'everything'])(
    '%s: a change and a delete end what is stored',
    async (name) => {
      const { http } = await startCached({ '/p': numbered(FRESH), '/q': numbered(FRESH) }, { storage: makeStorage() });
      const tellings: string[] = [];
      Object.defineProperty(Object.prototype, name, { value: 'polluted', configurable: true, writable: true });
      try {
        for (const url of ['/p', '/q', '/p']) tellings.push(told(await http.get(url)));
        await http.put('/p', {});
        for (const url of ['/p', '/q']) tellings.push(told(await http.get(url)));
        await http.cache.delete('/q');
        for (const url of ['/p', '/q']) tellings.push(told(await http.get(url)));
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
      const [miss, hit] = ['miss uri-miss', 'hit fresh'];
      expect(tellings).toEqual([miss, miss, hit, miss, hit, hit, miss]);
    },
  );
});

describe('names that an origin chooses', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty, valueOf'])('Vary: %s', async (vary) => {
    const { http } = await startCached({ '/a': numbered({ headers: { Vary: vary, 'Cache-Control': 'max-age=0' } }) });
    const all = await Promise.all([http.get('/a'), http.get('/a'), http.get('/a')]);
    for (const { status } of all) expect(status).toBe(200);
    expect((await http.get('/a')).status).toBe(200);
  });

  test.each([
    ['Cache-Control', 'constructor, __proto__=1, max-age=100'],
    ['Cache-Control', 'no-cache="constructor, __proto__"'],
    ['Connection', 'constructor, __proto__'],
    ['Cache-Groups', '"constructor", "__proto__"'],
    ['No-Vary-Search', 'params=("constructor" "__proto__")'],
    ['constructor', 'x'],
    ['__proto__', 'x'],
  ])('%s: %s', async (name, value) => {
    const { http } = await startCached({ '/a': numbered({ headers: { ETag: '"1"', [name]: value } }) });
    for (let count = 0; count < 3; count += 1) expect((await http.get('/a')).status).toBe(200);
  });
});

describe('functions of the user’s', () => {
  allowNoUnhandledRejection();
  const rejecting = (): never => Promise.reject(new Error('too late')) as never;

  test('a partition that gives a promise, or nonsense, rejects its request with an AxiosError', async () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    const odds = [rejecting, () => Object.create(null), () => revoked.proxy, () => Symbol('x'), () => 7n, () => []];
    for (const odd of odds) {
      const { http } = await startCached({ '/': numbered(FRESH) }, { partition: odd as never });
      const error: unknown = await http.get('/').catch((thrown: unknown) => thrown);
      expect(axios.isAxiosError(error) && error.code).toBe('ERR_CACHE_OPTION');
    }
  });

  test('allowedCodes, tags, filter: a promise has not agreed', async () => {
    const late = [
      { allowedCodes: rejecting }, { allowedCodes: () => Promise.resolve(true) as never },
      { tags: rejecting }, { filter: rejecting },
    ];
    for (const options of late) {
      const { http } = await startCached({ '/': numbered(FRESH) }, options);
      expect([(await http.get('/')).status, await http.cache.count()]).toEqual([200, 0]);
    }
  });

  test('listeners, the debug function and the clock', async () => {
    const options = { onEvent: rejecting, debug: rejecting, now: rejecting };
    const { http } = await startCached({ '/': numbered(FRESH) }, options);
    http.cache.on('miss', rejecting);
    await http.get('/');
    expect((await http.get('/')).cached).toBe(true);
  });
});

test.each<[string, unknown]>([
  ['null', null],
  ['a function that throws', () => { throw new Error('no element to show it'); }],
  ['no function', 'progress'],
])('onDownloadProgress: %s does not fail a hit', async (_name, onDownloadProgress) => {
  const { http } = await startCached({ '/': { ...FRESH, body: 'answer' } });
  await http.get('/');
  const hit = await http.get('/', { onDownloadProgress } as AxiosRequestConfig);
  expect([told(hit), hit.data]).toEqual(['hit fresh', 'answer']);
});

describe('limits as axios takes them', () => {
  test.each([NaN, undefined, -1, Infinity, '100', 100])('maxContentLength: %p lets a hit through', async (limit) => {
    const { http } = await startCached({ '/': { ...FRESH, body: 'answer' } });
    const config = { ...(limit === undefined ? {} : { maxContentLength: limit as number }) };
    for (let count = 0; count < 2; count += 1) expect((await http.get('/', config)).data).toBe('answer');
  });

  test.each([0, 3, '3', -0.5])('maxContentLength: %p refuses a hit as the first time', async (limit) => {
    const { http } = await startCached({ '/': { ...FRESH, body: 'answer' } });
    const config = { maxContentLength: limit as number };
    await expect(http.get('/', config)).rejects.toThrow('maxContentLength');
    await http.get('/');
    await expect(http.get('/', config)).rejects.toThrow('maxContentLength');
  });
});
