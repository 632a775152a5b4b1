/** Users stay apart by default: credentials are known by the names of their header fields, whatever way they come. */
import { Agent as HttpsAgent, createServer, globalAgent, type Server } from 'node:https';
import { mkdtemp, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { runInThisContext } from 'node:vm';
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { MemoryStorage, setupCache } from '../../../lib/index.js';
import { SqliteStorage } from '../../../lib/sqlite.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import type { Reply } from '../../support/origin.js';

const FRESH: Reply = { headers: { 'Cache-Control': 'max-age=100' } };

describe('credentials by the names of their header fields', () => {
  const ways: readonly (readonly [string, (value: string) => AxiosRequestConfig])[] = [
    ['the request', (value) => having({ 'PRIVATE-TOKEN': value })],
    ['an upper-case spelling', (value) => having({ 'Private-TOKEN': value })],
    ['transformRequest', (value) => ({
      transformRequest: (data: unknown, headers) => {
        headers.set('X-Secret', value);
        return data;
      },
    })],
  ];
  test.each(ways)('%s that differs is another user', async (_name, way) => {
    const { http, origin } = await startCached({ '/me': numbered(FRESH) });
    await http.get('/me', way('ada'));
    expect((await http.get('/me', way('alan'))).cached).toBe(false);
    expect((await http.get('/me', way('ada'))).data).toBe('answer 1');
    expect(origin.count()).toBe(2);
  });

  test('so is a default of the instance, and what an interceptor sets', async () => {
    const { http } = await startCached({ '/me': numbered(FRESH) });
    let session = 'ada';
    http.interceptors.request.use((config) => {
      config.headers.set('X-Session', session);
      return config;
    });
    await http.get('/me');
    http.defaults.headers.common['apikey'] = 'one';
    expect((await http.get('/me')).data).toBe('answer 2');
    session = 'alan';
    expect((await http.get('/me')).data).toBe('answer 3');
    expect(told(await http.get('/me'))).toBe('hit fresh');
  });

  test('two idempotency keys, two traces: one entry', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) });
    await http.get('/', having({ 'Idempotency-Key': '1', traceparent: '1', 'X-Request-Id': '1' }));
    const second = await http.get('/', having({ 'Idempotency-Key': '2', traceparent: '2', 'X-Request-Id': '2' }));
    expect(told(second)).toBe('hit fresh');
  });

  test('a partition decides over all of them', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) }, { partition: () => 'bot' });
    await http.get('/', having({ 'PRIVATE-TOKEN': 'ada' }));
    expect((await http.get('/', having({ 'PRIVATE-TOKEN': 'alan' }))).cached).toBe(true);
  });

  test('redactedParams adds to its defaults', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) }, { redactedParams: ['Pin'] });
    const { url } = (await http.get('/?pin=A-VALUE&api_key=B-VALUE')).cache;
    expect(url).not.toMatch(/VALUE/);
  });
});

describe('the secrets of signed URLs are shown nowhere', () => {
  test.each<[string, string]>([
    ['CloudFront', '/a?Expires=1767225600&Policy=VALUE1&Signature=VALUE2&Key-Pair-Id=VALUE3'],
    ['S3', '/a?X-Amz-Date=20260101T000000Z&X-Amz-Credential=VALUE1&X-Amz-Security-Token=VALUE2&X-Amz-Signature=VALUE3'],
    ['Google Cloud', '/a?X-Goog-Credential=VALUE1%40project&X-Goog-Signature=VALUE2'],
    ['Azure', '/a?sv=2024-11-04&sr=b&sig=VALUE%2B1%3D'],
    ['of other services', '/a?token=VALUE1&jwt=VALUE2&client_secret=VALUE3&hmac=VALUE4&PASSWORD=VALUE5'],
  ])('%s', async (_name, path) => {
    const storage = new MemoryStorage();
    const { http, events } = await startCached(() => ({ ...FRESH, body: 'one' }), { storage });
    const { cache } = await http.get(path);
    await http.get(path);
    const listed: unknown[] = [];
    for await (const entry of storage.entries()) listed.push(entry);
    const removed = await http.cache.delete(path);
    const wrong = await http.get(path, { cache: 'nonsense' as never }).catch((error: Error) => error.message);
    expect(listed).toHaveLength(1);
    expect(removed).toBe(1);
    const shown = JSON.stringify([cache, events, listed, wrong]);
    expect(shown).not.toContain('VALUE');
    expect(shown).toContain('=***');
  });

  test('two signatures are two answers, and dates and page tokens are shown', async () => {
    const { http } = await startCached({ '/a': numbered(FRESH) });
    await http.get('/a?Signature=one&page_token=abc&Expires=9');
    const other = await http.get('/a?Signature=two&page_token=abc&Expires=9');
    expect([other.cached, other.cache.url.split('?')[1]]).toEqual([false, 'Expires=9&Signature=***&page_token=abc']);
  });
});

describe('withCredentials by what the adapter makes of it', () => {
  const isSameUser = async (one: AxiosRequestConfig, other: AxiosRequestConfig): Promise<boolean> => {
    const { http } = await startCached({ '/': numbered(FRESH) });
    await http.get('/', one);
    return (await http.get('/', other)).cached;
  };

  test.each<[string, unknown, unknown, boolean]>([
    ["'include' and nothing", 'include', undefined, false],
    ["nothing and 'include'", undefined, 'include', false],
    ["'omit' and nothing", 'omit', undefined, false],
    ['false and nothing', false, undefined, false],
    ["false and 'omit'", false, 'omit', true],
    ["1 and 'include'", 1, 'include', true],
    ['true and 1', true, 1, true],
    ["'same-origin' and nothing", 'same-origin', undefined, true],
  ])('fetch, %s: the same user %s %s %s', async (_name, one, other, same) => {
    const config = (withCredentials: unknown): AxiosRequestConfig =>
      ({ adapter: 'fetch', ...(withCredentials === undefined ? {} : { withCredentials }) }) as AxiosRequestConfig;
    expect(await isSameUser(config(one), config(other))).toBe(same);
  });

  test.each<[string, unknown, unknown, boolean]>([
    ['true and nothing', true, undefined, false],
    ['nothing and true', undefined, true, false],
    ['1 and nothing', 1, undefined, false],
    ['false and nothing', false, undefined, true],
  ])('http, %s', async (_name, one, other, same) => {
    const config = (withCredentials: unknown): AxiosRequestConfig => ({ withCredentials }) as AxiosRequestConfig;
    expect(await isSameUser(config(one), config(other))).toBe(same);
  });
});

describe('one credential that an adapter puts in the place of another', () => {
  test('an adapter of the user’s own may send the field, and not the user-info', async () => {
    const bySession: AxiosAdapter = (config) =>
      Promise.resolve({
        data: String(config.headers.get('authorization')), status: 200, statusText: 'OK',
        headers: { 'cache-control': 'max-age=60' }, config, request: {},
      });
    const http = setupCache(axios.create({ adapter: bySession }), { expireAfter: '1h' });
    const as = async (token: string): Promise<unknown> =>
      (await http.get('http://q:w@a.test/x', having({ Authorization: `Bearer ${token}` }))).data;
    expect([await as('A'), await as('B'), await as('A')]).toEqual(['Bearer A', 'Bearer B', 'Bearer A']);
    await http.cache.close();
  });
});

describe('names that no UTF-8 can tell apart', () => {
  test.each(['memory', 'sqlite'])('three users, three answers: %s', async (kind) => {
    let name = '';
    const storage = kind === 'memory' ? new MemoryStorage() : new SqliteStorage(':memory:');
    const { http, origin } = await startCached({ '/me': numbered(FRESH) }, { storage, partition: () => name });
    const names = ['\ud800', '\udfff', '\ufffd'];
    for (name of names) expect((await http.get('/me')).cached).toBe(false);
    for (name of names) expect((await http.get('/me')).cached).toBe(true);
    expect(origin.count()).toBe(3);
  });

  test('two keys of the user’s own, and two bodies', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) }, { allowedMethods: ['GET', 'POST'] });
    const adapter: AxiosAdapter = (config) =>
      Promise.resolve({ data: 'x', status: 200, statusText: 'OK', headers: { 'cache-control': 'max-age=60' }, config });
    const post = (data: string) => http.post('/', data, { adapter, headers: { 'Content-Type': 'text/plain' } });
    await post('\ud800');
    expect((await post('\udfff')).cached).toBe(false);
    await http.get('/', { cache: { key: '\ud800' } });
    expect((await http.get('/', { cache: { key: '\udfff' } })).cached).toBe(false);
  });
});

describe('values of header fields at rest', () => {
  const SECRET = 'my-secret-value';
  const asked = having({ 'X-Colour': SECRET, 'X-Kind': SECRET, Accept: `text/${SECRET}`, 'Accept-Language': SECRET });

  test('Vary, includeHeaders: no value in a file, and the same value is a hit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cache-'));
    const path = join(folder, 'cache.sqlite');
    const route = numbered({ headers: { ...FRESH.headers, Vary: 'X-Colour, Accept, Accept-Language' } });
    const options = { storage: new SqliteStorage(path), includeHeaders: ['x-kind'] };
    const { http } = await startCached({ '/a': route }, options);
    await http.get('/a', asked);
    expect(told(await http.get('/a', asked))).toBe('hit fresh');
    expect(told(await http.get('/a', having({ ...asked.headers, 'X-Colour': 'b' })))).toBe('miss vary-miss');
    await http.cache.close();
    for (const file of [path, `${path}-wal`]) {
      expect((await readFile(file).catch(() => '')).includes(SECRET)).toBe(false);
    }
  });

  test('and none in a listing of the memory', async () => {
    const storage = new MemoryStorage();
    const route = numbered({ headers: { ...FRESH.headers, Vary: 'X-Colour' } });
    const { http } = await startCached({ '/a': route }, { storage, includeHeaders: true });
    await http.get('/a', asked);
    expect(told(await http.get('/a', asked))).toBe('hit fresh');
    for await (const entry of storage.entries()) expect(JSON.stringify(entry)).not.toContain(SECRET);
  });
});

describe('a named user, and Vary', () => {
  const as = (token: string, more: object = {}) =>
    having({ Authorization: token, 'X-Api-Key': token, ...more });
  const route = () => numbered({ headers: { ...FRESH.headers, Vary: 'X-Kind, Authorization, X-Api-Key' } });

  test('the name answers for each credential field; another field still selects', async () => {
    const { http } = await startCached({ '/': route() }, { partition: () => 'bot 7' });
    await http.get('/', as('A'));
    expect(told(await http.get('/', as('B')))).toBe('hit fresh');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(told(await http.get('/', as('B', { 'X-Kind': 'other' })))).toBe('miss vary-miss');
  });

  test('two names stay two, and so do two tokens where everybody shares', async () => {
    const { http } = await startCached({ '/': route() });
    await http.get('/', { ...as('A'), cache: { partition: 'one' } });
    expect((await http.get('/', { ...as('A'), cache: { partition: 'two' } })).cached).toBe(false);
    await http.get('/', { ...as('A'), cache: { partition: false } });
    expect(told(await http.get('/', { ...as('B'), cache: { partition: false } }))).toBe('miss vary-miss');
  });
});

describe('Accept and Accept-Language', () => {
  test('who asks for another representation is not given the one that is there', async () => {
    const { http, origin } = await startCached({ '/report': numbered(FRESH) });
    await http.get('/report');
    await http.get('/report', having({ Accept: 'text/csv' }));
    await http.get('/report', having({ 'Accept-Language': 'de' }));
    expect((await http.get('/report')).data).toBe('answer 1');
    expect((await http.get('/report', having({ accept: 'TEXT/csv' }))).data).toBe('answer 2');
    expect((await http.get('/report', having({ 'accept-language': ' DE' }))).data).toBe('answer 3');
    expect(origin.count()).toBe(3);
    expect(await http.cache.delete('/report')).toBe(3);
  });

  test.each([
    ['application/json,text/plain, */*', undefined],
    ['text/html;q=0.9, text/plain', 'text/html; q=0.9,text/plain'],
  ])('%s, spelt another way', async (one, other) => {
    const { http } = await startCached({ '/': numbered(FRESH) });
    await http.get('/', having({ Accept: one }));
    expect((await http.get('/', other === undefined ? {} : having({ Accept: other }))).cached).toBe(true);
  });

  test('includeHeaders says otherwise', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) }, { includeHeaders: [] });
    await http.get('/', having({ Accept: 'text/csv' }));
    expect((await http.get('/')).cached).toBe(true);
  });
});

describe('all headers but these', () => {
  const ALL_BUT_ONE = { includeHeaders: true as const, ignoredParams: ['X-Request-Id'] };

  test('ignoredParams leaves its names out among them, in any case', async () => {
    const { http } = await startCached({ '/': numbered(FRESH) }, ALL_BUT_ONE);
    await http.get('/', having({ 'x-request-id': '1', 'X-A': '1' }));
    expect((await http.get('/', having({ 'X-REQUEST-ID': '2', 'X-A': '1' }))).cached).toBe(true);
    expect((await http.get('/', having({ 'X-Request-Id': '2', 'X-A': '2' }))).cached).toBe(false);
  });

  test('a credential goes on separating users, and Vary says what it says', async () => {
    const options = { includeHeaders: true as const, ignoredParams: ['Authorization', 'X-Kind'] };
    const { http } = await startCached({ '/': numbered({ headers: { ...FRESH.headers, Vary: 'X-Kind' } }) }, options);
    await http.get('/', having({ Authorization: 'A', 'X-Kind': '1' }));
    expect((await http.get('/', having({ Authorization: 'B', 'X-Kind': '1' }))).cached).toBe(false);
    expect(told(await http.get('/', having({ Authorization: 'A', 'X-Kind': '2' })))).toBe('miss vary-miss');
  });
});

describe('Set-Cookie in a shared cache', () => {
  const setting: Reply = { headers: { 'Cache-Control': 'max-age=60', ETag: '"1"', 'Set-Cookie': 'sid=1' } };

  test('nobody is given that of somebody else: hits, followers, renewals, HEAD, an older entry', async () => {
    const storage = new MemoryStorage();
    const { http, origin, clock } = await startCached(
      ({ headers }) => (headers['if-none-match'] === undefined ? setting : { ...setting, status: 304 }),
      { shared: true, storage },
    );
    const gate = origin.hold('/');
    const both = [http.get('/'), http.get('/')];
    await gate.arrived();
    gate.release();
    const cookies = (await Promise.all(both)).map(({ headers }) => headers['set-cookie']);
    expect(cookies).toEqual([['sid=1'], undefined]);
    expect((await http.get('/')).headers['set-cookie']).toBeUndefined();
    expect((await http.head('/')).headers['set-cookie']).toBeUndefined();
    clock.advance(61);
    // Who makes the request that renews it is given the cookie of its own answer.
    expect((await http.get('/')).headers['set-cookie']).toEqual(['sid=1']);
    expect((await http.get('/')).headers['set-cookie']).toBeUndefined();
    expect((await http.cache.get('/'))?.headers['set-cookie']).toBeUndefined();
  });

  test('what a private cache has stored with it is not used', async () => {
    const storage = new MemoryStorage();
    const { http: own, origin, clock } = await startCached({ '/': setting }, { storage });
    await own.get('/');
    expect((await own.get('/')).headers['set-cookie']).toEqual(['sid=1']);
    const shared = setupCache(axios.create({ baseURL: origin.url }), { storage, shared: true, now: clock.now });
    expect((await shared.get('/')).cached).toBe(false);
    expect((await shared.get('/')).headers['set-cookie']).toBeUndefined();
    shared.cache.uninstall();
  });
});

describe('a method that is overridden', () => {
  test.each(['X-HTTP-Method-Override', 'x-http-method', 'X-METHOD-OVERRIDE'])('%s', async (name) => {
    const { http, origin } = await startCached({ '/a': numbered(FRESH), 'POST /a': FRESH });
    await http.get('/a');
    expect(told(await http.get('/a', having({ [name]: 'delete' })))).toBe('bypass method');
    expect((await http.get('/a')).cached).toBe(false);
    expect(origin.count()).toBe(3);
    // Safe methods outdate nothing, whatever carries them; nor does what is not sent as anything else.
    await http.post('/a', {}, having({ [name]: 'GET' }));
    await http.get('/a', having({ [name]: 'GET' }));
    expect((await http.get('/a')).cached).toBe(true);
    await http.post('/a', {}, having({ [name]: 'patch' }));
    expect((await http.get('/a')).cached).toBe(false);
  });

  test('a default of the instance, and a POST that may be cached', async () => {
    const { http, origin } = await startCached({ '/a': FRESH }, { allowedMethods: ['GET', 'POST'] });
    http.defaults.headers.common['X-HTTP-Method-Override'] = 'GET';
    for (let count = 0; count < 2; count += 1) {
      await http.get('/a');
      await http.post('/a', {});
    }
    expect(origin.count()).toBe(4);
    expect(await http.cache.count()).toBe(0);
  });
});

describe('servers that are not verified, as agents of the http adapter and dispatchers have it', () => {
  let server: Server;
  let url = '';
  beforeAll(async () => {
    const fixtures = join(__dirname, '../../fixtures');
    const names = ['self-signed.key', 'self-signed.pem'];
    const [key, cert] = await Promise.all(names.map((name) => readFile(join(fixtures, name))));
    server = createServer({ key, cert }, (_request, response) => {
      response.setHeader('Cache-Control', 'max-age=60');
      response.end('ok');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const partitions = { 'by itself': 'credentials', 'by a name': () => 'ada', 'for everybody': false } as const;
  test.each(Object.entries(partitions))('a strict client sees its certificate error, %s', async (_who, partition) => {
    const http = setupCache(axios.create({ proxy: false }), { partition });
    const lax = { httpsAgent: new HttpsAgent({ rejectUnauthorized: false }) };
    const cert = await readFile(join(__dirname, '../../fixtures/self-signed.pem'));
    await http.get(url, lax);
    expect((await http.get(url, lax)).cached).toBe(true);
    await expect(http.get(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await expect(http.get(url, { cache: 'only-if-cached' })).rejects.toMatchObject({ response: { status: 504 } });
    await expect(Promise.all([http.get(url, { ...lax, cache: 'reload' }), http.get(url)])).rejects.toThrow();
    // An authority of one's own is trusted by those who name it.
    const httpsAgent = new HttpsAgent({ ca: cert, checkServerIdentity: () => undefined });
    expect((await http.get(url, { httpsAgent })).cached).toBe(false);
    await expect(http.get(url)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    await http.cache.close();
  });

  test('what came while the dispatcher of all fetches checked nothing is kept apart', async () => {
    const http = setupCache(axios.create({ adapter: 'fetch' }));
    await fetch('http://127.0.0.1:1').catch(() => undefined);
    const name = Symbol.for('undici.globalDispatcher.1');
    // Tests have a global scope of their own, beside the one that Node's fetch looks into.
    const scopes = [globalThis, runInThisContext('globalThis')] as Record<symbol, object>[];
    const use = (dispatcher: object): void => scopes.forEach((scope) => void (scope[name] = dispatcher));
    const strict = scopes[1]?.[name] as { constructor: new (options: object) => object };
    use(new strict.constructor({ connect: { rejectUnauthorized: false } }));
    try {
      await http.get(url);
      expect((await http.get(url)).cached).toBe(true);
    } finally {
      use(strict);
    }
    await expect(http.get(url)).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    await http.cache.close();
  });

  test('what came while the process checked nothing is kept apart', async () => {
    const http = setupCache(axios.create({ proxy: false }));
    const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
    // Tests have an environment of their own, beside the one that Node looks into.
    const environments = [process.env, (runInThisContext('process') as NodeJS.Process).env];
    const strictly = new HttpsAgent();
    const refused = { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
    await expect(http.get(url, { httpsAgent: strictly })).rejects.toMatchObject(refused);
    for (const environment of environments) environment[name] = '0';
    try {
      await http.get(url, { httpsAgent: new HttpsAgent() });
      expect((await http.get(url, { httpsAgent: new HttpsAgent() })).cached).toBe(true);
    } finally {
      for (const environment of environments) delete environment[name];
    }
    await expect(http.get(url, { httpsAgent: strictly })).rejects.toMatchObject(refused);
    await http.cache.close();
  });

  test.each([
    ['once that agent is strict again', undefined],
    ['with an agent of its own', new HttpsAgent()],
  ])('what came while the agent of all requests checked nothing is kept apart: %s', async (_when, httpsAgent) => {
    const http = setupCache(axios.create({ proxy: false }));
    const { options } = globalAgent;
    options.rejectUnauthorized = false;
    try {
      await http.get(url);
      expect((await http.get(url)).cached).toBe(true);
      if (httpsAgent === undefined) delete options.rejectUnauthorized;
      globalAgent.destroy();
      await expect(http.get(url, { httpsAgent })).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    } finally {
      delete options.rejectUnauthorized;
    }
    await http.cache.close();
  });
});
