/** Two users of one instance over real HTTP: who shares an answer with whom, and who never does. */
import { Agent } from 'node:http';
import type { AxiosRequestConfig } from 'axios';
import type { CachedAxiosInstance, CacheOptions } from '../../../lib/index.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import type { Handler, Reply } from '../../support/origin.js';

const FRESH: Reply = { headers: { 'Cache-Control': 'max-age=100' } };

/** Tells whom it takes the caller for. */
const whoami: Handler = ({ headers: { authorization, cookie, 'x-api-key': key, 'x-shop': shop } }) => ({
  ...FRESH,
  body: JSON.stringify([authorization, cookie, key, shop]),
});

/** Each asker asks twice; true where each got the same answer again, from the cache, and no two got the same. */
async function expectApart(
  instance: CachedAxiosInstance,
  askers: readonly AxiosRequestConfig[],
  url = '/',
): Promise<void> {
  const first: unknown[] = [];
  for (const asker of askers) {
    const response = await instance.get(url, asker);
    expect(response.cached).toBe(false);
    first.push(response.data);
  }
  expect(new Set(first.map((data) => JSON.stringify(data))).size).toBe(askers.length);
  for (const [index, asker] of askers.entries()) {
    const hit = await instance.get(url, asker);
    expect([told(hit), hit.data]).toEqual(['hit fresh', first[index]]);
  }
}

describe('by default two users never share', () => {
  test.each<[string, readonly AxiosRequestConfig[]]>([
    ['Authorization', [{}, having({ Authorization: 'Bearer 1' }), having({ Authorization: 'Bearer 2' })]],
    ['Cookie', [{}, having({ Cookie: 'a=1' }), having({ Cookie: 'a=2' })]],
    ['auth', [{}, { auth: { username: 'ada', password: '1' } }, { auth: { username: 'ada', password: '2' } }]],
    ['X-Api-Key', [{}, having({ 'X-Api-Key': '1' }), having({ 'X-API-KEY': '2' })]],
  ])('told apart by %s', async (_name, askers) => {
    const { http: instance } = await startCached({ '/': whoami });
    await expectApart(instance, askers);
  });

  test.each(['x-auth-token', 'x-access-token', 'x-api-token'])('told apart by %s', async (name) => {
    const { http: instance } = await startCached({ '/': numbered(FRESH) });
    await expectApart(instance, [{}, having({ [name]: '1' }), having({ [name]: '2' })]);
  });

  test('told apart by the user-info of the URL', async () => {
    const { http: instance, origin } = await startCached({ '/': whoami });
    const [ada, bob] = ['ada', 'bob'].map((name) => origin.url.replace('//', `//${name}:pw@`));
    const first = await instance.get(`${ada}/`);
    const second = await instance.get(`${bob}/`);
    expect(second.data).not.toEqual(first.data);
    expect((await instance.get(`${ada}/`)).data).toEqual(first.data);
    expect(origin.count()).toBe(2);
    expect(first.cache.url).toBe(`${origin.url}/`);
  });

  test('a header of your own counts once it is a credentialHeader', async () => {
    const askers = [having({ 'X-Shop': '1' }), having({ 'X-Shop': '2' })];
    const plain = await startCached({ '/': whoami });
    await plain.http.get('/', askers[0]);
    expect(told(await plain.http.get('/', askers[1]))).toBe('hit fresh');
    const named = await startCached({ '/': whoami }, { credentialHeaders: ['X-Shop'] });
    await expectApart(named.http, [...askers, having({ 'X-Api-Key': 'still' })]);
  });

  test('a token that an interceptor sets counts', async () => {
    const { http: instance } = await startCached({ '/': whoami });
    let token = 1;
    instance.interceptors.request.use((config) => {
      config.headers.set('Authorization', `Bearer ${token}`);
      return config;
    });
    const ofAda = (await instance.get('/')).data;
    token = 2;
    expect((await instance.get('/')).data).not.toEqual(ofAda);
    token = 1;
    const hit = await instance.get('/');
    expect([told(hit), hit.data]).toEqual(['hit fresh', ofAda]);
  });

  test('tokens in the defaults of two children count', async () => {
    const { http: instance } = await startCached({ '/': whoami });
    const children = ['1', '2'].map((token) => instance.create({ headers: { Authorization: `Bearer ${token}` } }));
    const answers = await Promise.all(children.map(async (child) => (await child.get('/')).data as unknown));
    expect(answers[0]).not.toEqual(answers[1]);
    for (const [index, child] of children.entries()) expect((await child.get('/')).data).toEqual(answers[index]);
  });

  test('at the same time they share no origin request', async () => {
    const { http: instance, origin } = await startCached({ '/': whoami });
    const gate = origin.hold('/');
    const asked = ['1', '2', '1'].map((token) => instance.get('/', having({ Authorization: `Bearer ${token}` })));
    await gate.arrived(2);
    gate.release();
    const [ada, bob, again] = await Promise.all(asked);
    expect([ada?.data[0], bob?.data[0], again?.data[0]]).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 1']);
    expect(origin.count()).toBe(2);
  });

  test('cookie jars are told apart by identity, agents without certificates are not', async () => {
    const { http: instance } = await startCached({ '/': numbered(FRESH) });
    class Jar {}
    const withJar = (): object => ({ jar: new Jar() });
    await expectApart(instance, [withJar(), withJar()]);
    await instance.get('/', { httpAgent: new Agent() });
    expect(told(await instance.get('/', { httpAgent: new Agent({ maxSockets: 1 }) }))).toBe('hit fresh');
  });

  test('one user stored, another offline: nothing is served', async () => {
    const { http: instance } = await startCached({ '/': whoami });
    await instance.get('/', having({ Authorization: 'Bearer 1' }));
    const bob = { ...having({ Authorization: 'Bearer 2' }), cache: 'only-if-cached' as const };
    await expect(instance.get('/', bob)).rejects.toMatchObject({ response: { status: 504 } });
  });
});

describe('partition', () => {
  const ada = having({ Authorization: 'Bearer 1' });
  const refreshed = having({ Authorization: 'Bearer 1, refreshed' });

  test.each<[string, CacheOptions]>([
    ['false for the session', { partition: false }],
    ['a function that says false', { partition: () => false }],
  ])('%s: the same for everybody', async (_name, options) => {
    const { http: instance } = await startCached({ '/': whoami }, options);
    const first = await instance.get('/', ada);
    const hit = await instance.get('/', refreshed);
    expect([told(hit), hit.data]).toEqual(['hit fresh', first.data]);
  });

  test('a function names the user: tokens may change, users stay apart', async () => {
    const partition: CacheOptions['partition'] = (config) => String(config.headers.get('X-Tenant'));
    const { http: instance } = await startCached({ '/': numbered(FRESH) }, { partition });
    const as = (tenant: string, token: string) => having({ 'X-Tenant': tenant, Authorization: token });
    await instance.get('/', as('ada', '1'));
    expect(told(await instance.get('/', as('ada', '2')))).toBe('hit fresh');
    expect(told(await instance.get('/', as('bob', '1')))).toBe('miss uri-miss');
  });

  test('a function that fails rejects the request, and nobody gets an answer of another', async () => {
    const partition = (): string => {
      throw new Error('no user');
    };
    const { http: instance, origin } = await startCached({ '/': whoami }, { partition });
    const rejection = { isAxiosError: true, code: 'ERR_CACHE_OPTION', cause: { option: 'partition' } };
    await expect(instance.get('/')).rejects.toMatchObject(rejection);
    expect(origin.count()).toBe(0);
  });

  test('of one request wins over the session', async () => {
    const { http: instance } = await startCached({ '/': numbered(FRESH) });
    const of = (partition: string | false, config: AxiosRequestConfig) =>
      instance.get('/', { ...config, cache: { partition } });
    await of('ada', ada);
    expect(told(await of('ada', refreshed))).toBe('hit fresh');
    expect(told(await of('bob', ada))).toBe('miss uri-miss');
    expect(told(await instance.get('/', ada))).toBe('miss uri-miss');
    expect(told(await of(false, ada))).toBe('miss uri-miss');
    expect(told(await of(false, {}))).toBe('hit fresh');
  });

  test('a name is not the credential that reads like it', async () => {
    const { http: instance } = await startCached({ '/': numbered(FRESH) });
    await instance.get('/', { cache: { partition: false } });
    expect(told(await instance.get('/', { cache: { partition: 'everybody' } }))).toBe('miss uri-miss');
    expect(told(await instance.get('/'))).toBe('miss uri-miss');
  });
});

describe('a shared cache', () => {
  const cacheable = (cacheControl: string): Reply => ({ headers: { 'Cache-Control': cacheControl } });
  const ada = having({ Authorization: 'Bearer 1' });
  const bob = having({ Authorization: 'Bearer 2' });

  test('stores nothing for one user (RFC 9111 section 3.5)', async () => {
    const { http: instance } = await startCached({ '/': numbered(cacheable('max-age=100')) }, { shared: true });
    const { cache } = await instance.get('/', ada);
    expect([cache.stored, cache.notStored]).toEqual([false, 'authorization']);
    expect((await instance.get('/', ada)).data).toBe('answer 2');
  });

  test.each(['public, max-age=100', 'must-revalidate, max-age=100', 's-maxage=100'])(
    'stores for everybody what says %s',
    async (cacheControl) => {
      const { http: instance } = await startCached({ '/': numbered(cacheable(cacheControl)) }, { shared: true });
      await instance.get('/', ada);
      expect(told(await instance.get('/', bob))).toBe('hit fresh');
      expect(told(await instance.get('/'))).toBe('hit fresh');
    },
  );

  test('Authorization counts in the form of auth and of user-info as well', async () => {
    const { http: instance, origin } = await startCached({ '/': numbered(cacheable('max-age=100')) }, { shared: true });
    const { cache } = await instance.get('/', { auth: { username: 'ada', password: 'pw' } });
    expect(cache.notStored).toBe('authorization');
    expect((await instance.get(origin.url.replace('//', '//ada:pw@'))).cache.notStored).toBe('authorization');
  });

  test('a private answer is not stored, and ends what was', async () => {
    const { http: instance } = await startCached(
      { '/': numbered(cacheable('private, max-age=100')) },
      { shared: true },
    );
    expect((await instance.get('/')).cache.notStored).toBe('private');
    const own = await startCached({ '/': numbered(cacheable('private, max-age=100')) });
    expect((await own.http.get('/')).cache.stored).toBe(true);
  });

  test.each([
    [true, 20],
    [false, 10],
  ])('shared: %s takes its lifetime of max-age=10, s-maxage=20: %i s', async (shared, seconds) => {
    const { http: instance, clock } = await startCached({ '/': cacheable('max-age=10, s-maxage=20') }, { shared });
    await instance.get('/');
    clock.advance(seconds - 1);
    expect(told(await instance.get('/'))).toBe('hit fresh');
    clock.advance(2);
    expect(told(await instance.get('/'))).not.toBe('hit fresh');
  });

  test.each(['s-maxage=10', 'max-age=10, proxy-revalidate'])('%s forbids stale answers', async (cacheControl) => {
    const { http: instance, clock } = await startCached(
      { '/': numbered(cacheable(cacheControl)) },
      { shared: true, staleWhileRevalidate: 100 },
    );
    await instance.get('/');
    clock.advance(11);
    expect(told(await instance.get('/'))).toBe('miss must-revalidate');
  });

  test('cookies still tell users apart', async () => {
    const { http: instance } = await startCached({ '/': whoami }, { shared: true });
    await expectApart(instance, [{}, having({ Cookie: 'a=1' }), having({ Cookie: 'a=2' })]);
  });
});
