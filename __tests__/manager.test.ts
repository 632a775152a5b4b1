/** `instance.cache`: looking into the cache, and changing it, from outside of requests. */
import axios, { type AxiosRequestConfig } from 'axios';
import {
  CacheError,
  type CacheOptions,
  type CacheStorage,
  MemoryStorage,
  setupCache,
} from '../lib/index.js';
import { SqliteStorage } from '../lib/sqlite.js';
import { type CachedOrigin, type InstanceOptions, numbered, startCached, told } from './support/cached-instance.js';
import { all } from './support/listing.js';
import type { Handler } from './support/origin.js';
import { newPath } from './support/sqlite.js';
import type { StorageReading } from '../lib/api/storage.js';

const USERS = { headers: { 'Content-Type': 'application/json', 'X-Own': 'a' }, body: [{ id: 1 }] };
const start = (options?: InstanceOptions): Promise<CachedOrigin> => startCached(() => USERS, options);

describe('get', () => {
  test('gives what is stored, whole', async () => {
    const { http, origin, clock } = await start({ expireAfter: 60, tags: ['people'] });
    await http.get('/users', { params: { page: 1 } });
    const stored = await http.cache.get('/users', { params: { page: 1 } });
    expect(stored).toMatchObject({
      url: `${origin.url}/users?page=1`,
      method: 'GET',
      status: 200,
      statusText: 'OK',
      tags: ['people'],
      createdAt: new Date(clock.now()),
      expiresAt: new Date(clock.now() + 60_000),
    });
    expect(stored?.headers).toMatchObject({ 'content-type': 'application/json', 'x-own': 'a' });
    expect([stored?.text(), stored?.json(), Buffer.from(stored?.bytes ?? []).toString()]).toEqual([
      '[{"id":1}]',
      [{ id: 1 }],
      '[{"id":1}]',
    ]);
    expect(origin.count()).toBe(1);
  });

  test('gives no part for the whole, but what was asked for in part', async () => {
    const part = { status: 206, headers: { 'Content-Range': 'bytes 1-3/9' }, body: 'bcd' };
    const { http } = await startCached(() => part, { expireAfter: 60, allowedCodes: [200, 206] });
    const ranged = { headers: { Range: 'bytes=1-3' } };
    await http.get('/part', ranged);
    expect(await http.cache.get('/part')).toBeUndefined();
    expect((await http.cache.get('/part', ranged))?.text()).toBe('bcd');
  });

  test('gives stale entries too, those past keepStale not, and nothing where there is nothing', async () => {
    const { http, clock } = await start({ expireAfter: 60, keepStale: 60 });
    await http.get('/users');
    clock.advance(119);
    expect(await http.cache.get('/users')).toBeDefined();
    clock.advance(2);
    expect(await http.cache.get('/users')).toBeUndefined();
    expect(await http.cache.has('/users')).toBe(false);
    expect(await http.cache.get('/other')).toBeUndefined();
  });

  test('never asks the origin', async () => {
    const { http, origin } = await start();
    await http.cache.get('/users');
    await http.cache.has('/users');
    await http.cache.delete('/users');
    expect(origin.count()).toBe(0);
  });

  test('picks the variant that the config asks for', async () => {
    const { http } = await startCached(({ headers }) => ({
      headers: { Vary: 'X-Lang' },
      body: `in ${String(headers['x-lang'])}`,
    }));
    const lang = (value: string): AxiosRequestConfig => ({ headers: { 'X-Lang': value } });
    await http.get('/users', lang('de'));
    await http.get('/users', lang('fr'));
    expect((await http.cache.get('/users', lang('de')))?.text()).toBe('in de');
    expect((await http.cache.get('/users', lang('fr')))?.text()).toBe('in fr');
    expect(await http.cache.get('/users', lang('it'))).toBeUndefined();
  });
});

describe('the URL and the config mean what they mean to axios.get', () => {
  test.each<[string, string, AxiosRequestConfig]>([
    ['the same', '/users?page=1&size=2', {}],
    ['params', '/users', { params: { size: 2, page: 1 } }],
    ['an absolute URL', 'ORIGIN/users?page=1&size=2', {}],
    ['another baseURL', 'users', { baseURL: 'ORIGIN/', params: new URLSearchParams('page=1&size=2') }],
    ['a paramsSerializer', '/users', { params: {}, paramsSerializer: { serialize: () => 'page=1&size=2' } }],
  ])('%s', async (_name, url, config) => {
    const { http, origin } = await start();
    await http.get('/users', { params: { page: 1, size: 2 } });
    const here = (text: string): string => text.replace('ORIGIN', origin.url);
    const local = config.baseURL === undefined ? config : { ...config, baseURL: here(config.baseURL) };
    expect(await http.cache.has(here(url), local)).toBe(true);
    expect(await http.cache.get(here(url), local)).toBeDefined();
    expect(await http.cache.delete(here(url), local)).toBe(1);
    expect(await http.cache.count()).toBe(0);
  });

  test('defaults of the instance are included', async () => {
    const { http } = await start({ defaults: { params: { v: 2 }, headers: { common: { 'X-Api-Key': 'k' } } } });
    await http.get('/users');
    expect((await http.cache.get('/users'))?.url).toMatch(/\/users\?v=2$/);
    expect(await http.cache.has('/users', { params: { v: 3 } })).toBe(false);
  });

  test.each<[string, AxiosRequestConfig]>([
    ['JSON', { data: { q: 'x', page: 1 } }],
    ['a form', { data: new URLSearchParams('q=x') }],
    ['text', { data: 'q=x' }],
    ['text of a type', { data: '<q/>', headers: { 'Content-Type': 'application/xml' } }],
    ['nothing', {}],
  ])('entries of POST: %s', async (_name, config) => {
    const { http } = await start({ allowedMethods: ['GET', 'POST'] });
    const post = { method: 'post', ...config };
    await http.request({ url: '/search', ...post });
    expect((await http.cache.get('/search', post))?.method).toBe('POST');
    expect(await http.cache.get('/search', { ...post, data: { q: 'other' } })).toBeUndefined();
    expect(await http.cache.get('/search')).toBeUndefined();
    expect(await http.cache.delete('/search')).toBe(1);
  });

  test('writes to nothing that it is given', async () => {
    const { http } = await start();
    const config = Object.freeze({
      headers: Object.freeze({ 'X-Own': '1' }),
      params: Object.freeze({ a: 1 }),
      data: Object.freeze({ b: 1 }),
      method: 'post',
    });
    await http.cache.get('/users', config);
    await http.cache.delete('/users', config);
    expect(config.headers).toEqual({ 'X-Own': '1' });
  });
});

describe('users', () => {
  /** Makes an instance whose interceptor adds the current token. */
  async function withTokens() {
    const started = await startCached(({ headers }) => ({ body: `for ${headers.authorization}` }), {
      allowedMethods: ['GET', 'HEAD', 'POST'],
    });
    const { http } = started;
    const session = { token: 'ada' };
    http.interceptors.request.use((config) => {
      config.headers.setAuthorization(session.token);
      return config;
    });
    const as = async (token: string, method = 'get') => {
      session.token = token;
      return http.request<string>({ url: '/me', method, ...(method === 'post' ? { data: { a: 1 } } : {}) });
    };
    return { ...started, as };
  }

  test('has and delete reach the entries of all of them, whose tokens only interceptors know', async () => {
    const { http, origin, clock, as } = await withTokens();
    await as('ada');
    clock.advance(1);
    await as('bob');
    await as('bob', 'post');
    expect(await http.cache.has('/me')).toBe(true);
    expect((await http.cache.get('/me'))?.text()).toBe('for bob');
    expect(await http.cache.delete('/me')).toBe(3);
    expect(await http.cache.has('/me')).toBe(false);
    expect(told(await as('ada'))).toBe('miss uri-miss');
    expect(origin.count()).toBe(4);
  });

  test('credentials in the config name one of them', async () => {
    const { http, as } = await withTokens();
    await as('ada');
    await as('bob');
    const named = (token: string): AxiosRequestConfig => ({ headers: { Authorization: token } });
    expect((await http.cache.get('/me', named('ada')))?.text()).toBe('for ada');
    expect(await http.cache.has('/me', named('eve'))).toBe(false);
    expect(await http.cache.delete('/me', named('ada'))).toBe(1);
    expect(await http.cache.has('/me', named('ada'))).toBe(false);
    expect((await as('bob')).cached).toBe(true);
    expect((await as('ada')).cached).toBe(false);
  });

  test('auth names one too', async () => {
    const { http } = await start();
    const auth = { username: 'ada', password: 'x' };
    await http.get('/me', { auth });
    await http.get('/me');
    expect(await http.cache.delete('/me', { auth })).toBe(1);
    expect(await http.cache.count()).toBe(1);
  });

  test('a partition names one', async () => {
    const { http } = await start();
    for (const partition of ['ada', 'bob']) await http.get('/me', { cache: { partition } });
    expect(await http.cache.delete('/me', { cache: { partition: 'ada' } })).toBe(1);
    expect(await http.cache.has('/me', { cache: { partition: 'bob' } })).toBe(true);
  });

  test("delete of one user's URL takes every method of it", async () => {
    const { http } = await start();
    const named = { headers: { Authorization: 'ada' } };
    await http.head('/me', named);
    await http.get('/me', named);
    expect(await http.cache.count()).toBe(2);
    expect(await http.cache.delete('/me', named)).toBe(2);
  });
});

/**
 * Stores `/users` for two users in two languages, the latest one as bob in French. An interceptor adds the user and the
 * language, which is in the header `field`.
 */
async function storedForAll(field: string, route: Handler, options: InstanceOptions = {}) {
  const started = await startCached(route, { expireAfter: '1h', ...options });
  const { http, clock } = started;
  const added: Record<string, string> = {};
  http.interceptors.request.use((config) => {
    config.headers.set(added);
    return config;
  });
  for (const user of ['ada', 'bob']) {
    for (const lang of ['de', 'fr']) {
      Object.assign(added, { Authorization: user, [field]: lang });
      await http.get('/users');
      clock.advance(1);
    }
  }
  return { ...started, added };
}

const STORAGES: readonly (readonly [string, () => InstanceOptions])[] = [
  ['in memory', () => ({})],
  ['in SQLite', () => ({ storage: new SqliteStorage(newPath()) })],
];

describe('what requests stored is reached, whatever interceptors added', () => {
  const withUsers = (options?: InstanceOptions) =>
    storedForAll(
      'X-Lang',
      ({ headers }) => ({
        headers: { 'Content-Type': 'application/json', Vary: 'X-Lang' },
        body: { user: headers.authorization, lang: headers['x-lang'] },
      }),
      options,
    );
  const seen = async (http: CachedOrigin['http'], config?: AxiosRequestConfig): Promise<unknown> =>
    (await http.cache.get('/users', config))?.json();

  test.each(STORAGES)('%s: get gives the newest, or what the config names', async (_name, options) => {
    const { http } = await withUsers(options());
    expect(await seen(http)).toEqual({ user: 'bob', lang: 'fr' });
    expect(await seen(http, { headers: { 'X-Lang': 'de' } })).toEqual({ user: 'bob', lang: 'de' });
    expect(await seen(http, { headers: { Authorization: 'ada' } })).toEqual({ user: 'ada', lang: 'fr' });
    const both = { Authorization: 'ada', 'X-Lang': 'de' };
    expect(await seen(http, { headers: both })).toEqual({ user: 'ada', lang: 'de' });
    expect(await seen(http, { headers: { Authorization: 'eve' } })).toBeUndefined();
    expect(await seen(http, { headers: { 'X-Lang': 'it' } })).toBeUndefined();
    expect(await seen(http, { headers: { 'X-Other': 'x' } })).toEqual({ user: 'bob', lang: 'fr' });
  });

  test('update rewrites all, or what the config names, and tells how many', async () => {
    const { http, added } = await withUsers();
    const mark = (mark: string) => (data: object): object => ({ ...data, mark });
    expect(await http.cache.update('/users', mark('all'))).toBe(4);
    expect(await http.cache.update('/users', mark('ada'), { headers: { Authorization: 'ada' } })).toBe(2);
    expect(await http.cache.update('/users', mark('de'), { headers: { 'X-Lang': 'de' } })).toBe(2);
    expect(await http.cache.update('/nothing', mark('none'))).toBe(0);
    const marks: unknown[] = [];
    for (const [user, lang] of [['ada', 'de'], ['ada', 'fr'], ['bob', 'de'], ['bob', 'fr']]) {
      Object.assign(added, { Authorization: user, 'X-Lang': lang });
      const { data, cached } = await http.get<{ mark: string }>('/users');
      marks.push([data.mark, cached]);
    }
    expect(marks).toEqual([['de', true], ['ada', true], ['de', true], ['all', true]]);
  });

  test('a change that fails for one of them rewrites none', async () => {
    const { http } = await withUsers();
    const failing = (data: { user: string }): { user: string } => {
      if (data.user === 'ada') throw new RangeError('not ada');
      return { user: 'changed' };
    };
    await expect(http.cache.update('/users', failing)).rejects.toThrow(RangeError);
    expect(await seen(http)).toEqual({ user: 'bob', lang: 'fr' });
  });

  test('has and delete mean everybody, or what the config names', async () => {
    const { http } = await withUsers();
    expect(await http.cache.has('/users')).toBe(true);
    expect(await http.cache.has('/users', { headers: { 'X-Lang': 'it' } })).toBe(false);
    expect(await http.cache.delete('/users', { headers: { 'X-Lang': 'de' } })).toBe(2);
    expect(await http.cache.has('/users', { headers: { 'X-Lang': 'de' } })).toBe(false);
    expect(await http.cache.has('/users', { headers: { 'X-Lang': 'fr' } })).toBe(true);
    expect(await http.cache.delete('/users')).toBe(2);
  });

  test('a user in the URL is one that is named', async () => {
    const { http, origin } = await start();
    const as = (user: string): string => origin.url.replace('://', `://${user}:x@`);
    await http.get(`${as('ada')}/me`);
    expect(await http.cache.has('/me')).toBe(true);
    expect(await http.cache.has(`${as('bob')}/me`)).toBe(false);
    expect(await http.cache.delete(`${as('ada')}/me`)).toBe(1);
  });
});

describe('where a function gives the key', () => {
  const key: CacheOptions['key'] = (config) => axios.getUri(config).replace(/;session=\w+/, '');
  const [first, second] = ['/users;session=1', '/users;session=2'];

  test.each(STORAGES)('%s: what another URL has stored under it is found by URL alone', async (_name, options) => {
    const { http, origin } = await start({ ...options(), key, expireAfter: '1h' });
    await http.get(first);
    expect((await http.get(second)).cached).toBe(true);
    expect(await http.cache.has(second)).toBe(true);
    expect(await http.cache.has('/users')).toBe(true);
    expect(await http.cache.has('/others;session=1')).toBe(false);
    expect((await http.cache.get(second))?.json()).toEqual([{ id: 1 }]);
    expect(await http.cache.update(second, () => [{ id: 2 }])).toBe(1);
    expect((await http.get<unknown>(first)).data).toEqual([{ id: 2 }]);
    expect(await http.cache.delete(second)).toBe(1);
    expect([(await http.get(first)).cached, origin.count()]).toEqual([false, 2]);
  });

  test.each(STORAGES)('%s: for every user, or the one that is named', async (_name, options) => {
    const { http } = await start({ ...options(), key, expireAfter: '1h' });
    const by = (user: string): AxiosRequestConfig => ({ headers: { Authorization: user } });
    for (const user of ['ada', 'bob']) await http.get(first, by(user));
    expect(await http.cache.has(second, by('eve'))).toBe(false);
    expect(await http.cache.has(second, by('ada'))).toBe(true);
    expect(await http.cache.delete(second, by('ada'))).toBe(1);
    expect(await http.cache.delete(second)).toBe(1);
  });

  test('a field that the function reads is named by the config, and by URL alone all of them are meant', async () => {
    const { http } = await startCached(({ headers }) => ({ body: { version: headers['x-version'] } }), {
      expireAfter: '1h',
      key: ({ headers, url }) => `${String(headers.get('X-Version'))} ${url}`,
    });
    const version = (name: string): AxiosRequestConfig => ({ headers: { 'X-Version': name } });
    await http.get('/users', version('1'));
    await http.get('/users', version('2'));
    expect((await http.cache.get('/users', version('1')))?.json()).toEqual({ version: '1' });
    expect(await http.cache.has('/users', version('3'))).toBe(false);
    expect(await http.cache.has('/users')).toBe(true);
    expect(await http.cache.delete('/users', version('1'))).toBe(1);
    expect(await http.cache.delete('/users')).toBe(1);
  });
});

describe('what the config names, whatever else interceptors added', () => {
  const withAll = async (options: InstanceOptions) => {
    const route: Handler = ({ headers, method }) => ({
      headers: { 'Content-Type': 'application/json' },
      body: { user: headers.authorization, lang: headers['accept-language'], method },
    });
    const started = await storedForAll('Accept-Language', route, { allowedMethods: ['GET', 'POST'], ...options });
    await started.http.post('/users', { q: 1 });
    started.clock.advance(1);
    return started;
  };
  const user = (name: string): AxiosRequestConfig => ({ headers: { Authorization: name } });
  const lang = (name: string): AxiosRequestConfig => ({ headers: { 'Accept-Language': name } });

  test.each(STORAGES)('%s: a user in whichever language, a language of whichever user', async (_name, options) => {
    const { http } = await withAll(options());
    const seen = async (by: AxiosRequestConfig): Promise<unknown> => (await http.cache.get('/users', by))?.json();
    expect(await seen(user('ada'))).toEqual({ user: 'ada', lang: 'fr', method: 'GET' });
    expect(await seen(lang('de'))).toEqual({ user: 'bob', lang: 'de', method: 'GET' });
    expect(await seen({ method: 'post', data: { q: 1 } })).toEqual({ user: 'bob', lang: 'fr', method: 'POST' });
    expect(await seen({ method: 'post', data: { q: 2 } })).toBeUndefined();
    expect(await seen({ method: 'post' })).toBeUndefined();
    expect([await seen(user('eve')), await seen(lang('it'))]).toEqual([undefined, undefined]);
    expect(await http.cache.has('/users', lang('fr'))).toBe(true);
    expect(await http.cache.has('/users', user('eve'))).toBe(false);
  });

  test.each(STORAGES)('%s: update and delete take what is named, and nothing else', async (_name, options) => {
    const { http } = await withAll(options());
    const mark = (data: object): object => ({ ...data, marked: true });
    expect(await http.cache.update('/users', mark, lang('de'))).toBe(2);
    expect(await http.cache.update('/users', mark, user('ada'))).toBe(2);
    expect(await http.cache.delete('/users', user('ada'))).toBe(2);
    expect(await http.cache.has('/users', user('ada'))).toBe(false);
    expect(await http.cache.delete('/users', lang('fr'))).toBe(1);
    // What is left is German, and the answer to the POST.
    expect(await http.cache.count()).toBe(2);
  });

  test('a partition is found in whichever language', async () => {
    const { http } = await withAll({ partition: ({ headers }) => String(headers.get('Authorization')) });
    expect((await http.cache.get('/users', { cache: { partition: 'ada' } }))?.json()).toMatchObject({ user: 'ada' });
    expect(await http.cache.delete('/users', { cache: { partition: 'ada' } })).toBe(2);
  });

  test('all are meant where the function partition reads what interceptors add', async () => {
    const partition: CacheOptions['partition'] = ({ headers }) => headers.get('Authorization') as string;
    const { http } = await withAll({ partition });
    expect((await http.cache.get('/users'))?.json()).toMatchObject({ user: 'bob', lang: 'fr' });
    expect((await http.cache.get('/users', user('ada')))?.json()).toMatchObject({ user: 'ada', lang: 'fr' });
    expect(await http.cache.update('/users', (data) => data, lang('de'))).toBe(2);
    expect(await http.cache.delete('/users', user('ada'))).toBe(2);
    expect(await http.cache.delete('/users')).toBe(3);
  });

  test('a cookie jar names a user', async () => {
    const { http } = await start();
    const [mine, other] = [{ jar: new (class Jar {})() }, { jar: new (class Jar {})() }] as AxiosRequestConfig[];
    await http.get('/users', mine);
    expect(await http.cache.has('/users', other)).toBe(false);
    expect(await http.cache.has('/users', mine)).toBe(true);
    expect(await http.cache.has('/users')).toBe(true);
  });

  test.each<[string, AxiosRequestConfig]>([
    ['http', { withCredentials: false }],
    ['http', { withCredentials: true }],
    ['fetch', { withCredentials: false }],
    ['fetch', { decompress: false }],
    ['http', { decompress: false }],
    ['fetch', { withCredentials: 'omit' as never }],
  ])('by %s with %j: a request finds what the same request stored', async (adapter, options) => {
    const { http } = await start({ defaults: { ...options, adapter } });
    const config = { headers: { Authorization: 'ada' } };
    await http.get('/users', config);
    expect(await http.cache.has('/users', config)).toBe(true);
    expect(await http.cache.delete('/users', config)).toBe(1);
    // The same of an instance without these options, for one request.
    const other = await start();
    await other.http.get('/users', { ...config, ...options, adapter });
    expect(await other.http.cache.has('/users', { ...config, ...options, adapter })).toBe(true);
    expect(await other.http.cache.delete('/users', { ...config, ...options, adapter })).toBe(1);
  });
});

describe('what was invalidated while the storage could not delete', () => {
  test.each<[string, (http: CachedOrigin['http']) => Promise<unknown>]>([
    ['an unsafe request', (http) => http.put('/users', 'x')],
    ['delete', (http) => http.cache.delete('/users')],
    ['delete for a user', (http) => http.cache.delete('/users', { headers: { Authorization: 'ada' } })],
    ['clear', (http) => http.cache.clear()],
    ['a pattern', (http) => http.put('/other', 'x', { cache: { invalidates: { pattern: '/users' } } })],
  ])('by %s: has says no, get finds nothing', async (_name, invalidate) => {
    const storage = new MemoryStorage();
    const { http } = await start({ storage });
    const config = { headers: { Authorization: 'ada' } };
    await http.get('/users', config);
    storage.delete = () => { throw new Error('disk I/O error'); };
    storage.clear = () => { throw new Error('disk I/O error'); };
    await invalidate(http).catch(() => undefined);
    for (const each of [config, {}]) {
      expect(await http.cache.has('/users', each)).toBe(false);
      expect(await http.cache.get('/users', each)).toBeUndefined();
      expect(await http.cache.update('/users', () => [], each)).toBe(0);
    }
  });
});

describe('delete', () => {
  test('takes every variant and leaves other URLs', async () => {
    const { http } = await startCached(({ headers }) => ({
      headers: { Vary: 'X-Lang' },
      body: String(headers['x-lang']),
    }));
    for (const lang of ['de', 'fr']) await http.get('/users', { headers: { 'X-Lang': lang } });
    await http.get('/users/1');
    expect(await http.cache.delete('/users')).toBe(2);
    expect(await all(http.cache.urls())).toEqual([expect.stringMatching(/\/users\/1$/)]);
    expect(await http.cache.delete('/users')).toBe(0);
  });

  test('of a URL with a secret in it finds what it names', async () => {
    const { http } = await start();
    await http.get('/users?token=one');
    await http.get('/users?token=two');
    expect(await http.cache.delete('/users?token=one')).toBe(1);
    expect(await http.cache.has('/users?token=two')).toBe(true);
  });

  test('keeps requests under way from being stored', async () => {
    const { http, origin } = await start();
    const gate = origin.hold('/users');
    const pending = http.get('/users');
    await gate.arrived();
    await http.cache.delete('/users');
    gate.release();
    expect((await pending).cache).toMatchObject({ stored: false, notStored: 'invalidated' });
    expect(await http.cache.count()).toBe(0);
  });

  test('tells of it', async () => {
    const { http, origin, events } = await start();
    await http.get('/users');
    await http.cache.delete('/users');
    await http.cache.delete('/users');
    expect(events.filter(({ type }) => type === 'invalidated')).toEqual([
      { type: 'invalidated', url: `${origin.url}/users`, tag: undefined, count: 1 },
    ]);
  });
});

describe('clear and deleteExpired', () => {
  test('clear takes everything, and what is under way is not stored', async () => {
    const { http, origin } = await start();
    await http.get('/users');
    const gate = origin.hold('/slow');
    const pending = http.get('/slow');
    await gate.arrived();
    await http.cache.clear();
    gate.release();
    expect((await pending).cache.notStored).toBe('invalidated');
    expect(await http.cache.count()).toBe(0);
    expect(told(await http.get('/users'))).toBe('miss uri-miss');
  });

  test('deleteExpired takes what may no longer be used at all', async () => {
    const validated = { headers: { ETag: '"1"' }, body: 'x' };
    const { http, clock } = await startCached(() => validated, { keepStale: 60 });
    await http.get('/short', { cache: 10 });
    await http.get('/long', { cache: 1000 });
    await http.get('/never');
    clock.advance(69);
    expect(await http.cache.deleteExpired()).toBe(0);
    clock.advance(2);
    expect(await http.cache.deleteExpired()).toBe(1);
    expect(await http.cache.count()).toBe(2);
    clock.advance(1000);
    expect(await http.cache.deleteExpired()).toBe(1);
    expect(await all(http.cache.urls())).toEqual([expect.stringMatching(/\/never$/)]);
  });
});

describe('urls and count', () => {
  test('each URL once, without secrets; each entry counted', async () => {
    const { http, origin } = await start();
    for (const token of ['a', 'b']) await http.get('/users', { headers: { Authorization: token } });
    await http.get('/users?api_key=secret&page=1');
    await http.head('/head');
    expect((await all(http.cache.urls())).sort()).toEqual([
      `${origin.url}/head`,
      `${origin.url}/users`,
      `${origin.url}/users?api_key=***&page=1`,
    ]);
    expect(await http.cache.count()).toBe(4);
  });

  test('of an empty cache are none', async () => {
    const { http } = await start();
    expect([await all(http.cache.urls()), await http.cache.count()]).toEqual([[], 0]);
  });
});

describe('errors', () => {
  const calls: readonly (readonly [string, (manager: CachedOrigin['http']['cache']) => Promise<unknown>])[] = [
    ['get', (manager) => manager.get('/users')],
    ['has', (manager) => manager.has('/users')],
    ['delete', (manager) => manager.delete('/users')],
    ['deleteExpired', (manager) => manager.deleteExpired()],
    ['clear', (manager) => manager.clear()],
    ['urls', (manager) => all(manager.urls())],
    ['count', (manager) => manager.count()],
  ];

  test.each(calls)('%s of a closed cache', async (name, call) => {
    const { http } = await start();
    await http.cache.close();
    const error: unknown = await call(http.cache).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CacheError);
    expect(error).toMatchObject({ code: 'ERR_CACHE_CLOSED', message: expect.stringContaining(name) });
  });

  class BrokenStorage extends MemoryStorage {
    broken = false;
    #fail(): void {
      if (this.broken) throw new Error('the disk is gone');
    }
    override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
      this.#fail();
      return super.get(...sought);
    }
    override async delete(selector: Parameters<CacheStorage['delete']>[0]): Promise<number> {
      this.#fail();
      return super.delete(selector);
    }
    override async deleteExpired(now: number): Promise<number> {
      this.#fail();
      return super.deleteExpired(now);
    }
    override async clear(): Promise<void> {
      this.#fail();
      return super.clear();
    }
    override async *entries(): ReturnType<CacheStorage['entries']> {
      this.#fail();
      yield* super.entries();
    }
  }

  test.each(calls)('%s of a storage that fails', async (_name, call) => {
    const storage = new BrokenStorage();
    const { http } = await start({ storage });
    await http.get('/users');
    storage.broken = true;
    const error: unknown = await call(http.cache).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CacheError);
    expect(error).toMatchObject({ code: 'ERR_CACHE_STORAGE', cause: { message: 'the disk is gone' } });
  });

  test.each(['ftp://ann:secret@example.com/', 'file:///etc/secret', 'http://'])('%s is no URL that is cached', async (url) => {
    const { http } = await start();
    for (const call of ['get', 'has', 'delete'] as const) {
      await expect(http.cache[call](url)).rejects.toMatchObject({
        name: 'CacheError',
        code: 'ERR_CACHE_OPTION',
        message: expect.not.stringContaining('secret'),
      });
    }
  });

  test.each<readonly [string, unknown]>([
    ['a list', [{ id: 1 }]],
    ['a value', 7],
    ['nothing', undefined],
  ])('update with %s in place of a function changes nothing', async (_name, change) => {
    const { http } = await start();
    await http.get('/users');
    const updating = http.cache.update('/users', change as (data: unknown) => unknown);
    await expect(updating).rejects.toMatchObject({ name: 'CacheError', code: 'ERR_CACHE_OPTION' });
    expect((await http.cache.get('/users'))?.json()).toEqual([{ id: 1 }]);
  });

  test('clear with an argument clears nothing', async () => {
    const { http } = await start();
    await http.get('/users');
    const cache: { clear(url?: unknown): Promise<void> } = http.cache;
    await expect(cache.clear('/users')).rejects.toMatchObject({
      name: 'CacheError',
      code: 'ERR_CACHE_OPTION',
      message: expect.stringContaining('a URL is for delete()'),
    });
    expect(await http.cache.count()).toBe(1);
  });

  test.each(['get', 'has', 'delete', 'update'] as const)('%s with a URL whose value is not shown', async (call) => {
    const { http } = await start({ ignoredParams: ['utm'] });
    await http.get('/users?api_key=secret&utm=a');
    for await (const url of http.cache.urls()) {
      const calling = http.cache[call](url, ((data: unknown) => data) as never);
      await expect(calling).rejects.toMatchObject({
        name: 'CacheError',
        code: 'ERR_CACHE_OPTION',
        message: expect.stringContaining('Give the value itself'),
      });
    }
    expect(await http.cache.count()).toBe(1);
    await http.get('/posts?utm=a');
    expect(await http.cache.delete('/posts?utm=***')).toBe(1);
  });

  test('a wrong `cache` in the config', async () => {
    const { http } = await start();
    await expect(http.cache.get('/users', { cache: { ttl: 5 } as object })).rejects.toMatchObject({
      name: 'CacheError',
      code: 'ERR_CACHE_OPTION',
      option: 'cache.ttl',
    });
  });
});

describe('the rest', () => {
  test('idle ends when background refreshes have', async () => {
    const { http, origin, clock } = await startCached(
      { '/': numbered() },
      { expireAfter: 1, staleWhileRevalidate: 60 },
    );
    await http.cache.idle();
    await http.get('/');
    clock.advance(2);
    const gate = origin.hold('/');
    expect((await http.get('/')).data).toBe('answer 1');
    let idle = false;
    const ending = http.cache.idle().then(() => {
      idle = true;
    });
    await gate.arrived();
    expect(idle).toBe(false);
    gate.release();
    await ending;
    expect(await http.get('/')).toMatchObject({ data: 'answer 2', cached: true });
  });

  test('storage is the one that was given', () => {
    const storage = new MemoryStorage();
    expect(setupCache(axios.create(), { storage }).cache.storage).toBe(storage);
  });

  test('on listens to one type of event until the function that it returns is called', async () => {
    const { http } = await start();
    const seen: string[] = [];
    const stop = http.cache.on('hit', ({ type, url }) => void seen.push(`${type} ${new URL(url).pathname}`));
    await http.get('/users');
    await http.get('/users');
    stop();
    await http.get('/users');
    expect(seen).toEqual(['hit /users']);
  });
});
