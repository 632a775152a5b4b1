/** Vary over real HTTP (RFC 9111 section 4.1): variants side by side, what makes them equal, how many, secrets. */
import { gzipSync } from 'node:zlib';
import { type CacheOptions, type CacheStorage, MemoryStorage } from '../../../lib/index.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import type { Handler, Reply } from '../../support/origin.js';

const varying = (vary: string | readonly string[], headers: Reply['headers'] = {}): Reply => ({
  headers: { 'Cache-Control': 'max-age=100', Vary: vary, ...headers },
});

/** Asks for `/` with each set of fields in turn; what the cache did. */
async function askInTurn(
  vary: string | readonly string[],
  asked: readonly Record<string, string>[],
  options?: CacheOptions,
) {
  const { http } = await startCached({ '/': numbered(varying(vary)) }, options);
  const tellings: string[] = [];
  for (const headers of asked) tellings.push(told(await http.get('/', { headers })));
  return tellings;
}

describe('variants', () => {
  test('stand side by side, each for its own request', async () => {
    const byLanguage: Handler = ({ headers }) => ({
      ...varying('Accept-Language'),
      body: `in ${headers['accept-language']}`,
    });
    const { http, origin } = await startCached({ '/': byLanguage });
    const languages = ['en', 'fr', 'de'];
    for (const language of languages)
      expect(told(await http.get('/', having({ 'Accept-Language': language })))).toMatch(/^miss/);
    for (const language of languages) {
      const hit = await http.get('/', having({ 'Accept-Language': language }));
      expect([told(hit), hit.data]).toEqual(['hit fresh', `in ${language}`]);
    }
    expect([origin.count(), await http.cache.count()]).toEqual([3, 3]);
  });

  test('the reason of the first miss is the URL, of the next ones Vary', async () => {
    expect(await askInTurn('X-Kind', [{ 'X-Kind': 'a' }, { 'X-Kind': 'b' }])).toEqual([
      'miss uri-miss',
      'miss vary-miss',
    ]);
  });

  test.each<[string, string | readonly string[], Record<string, string>, Record<string, string>, boolean]>([
    ['no nominated field differs', 'X-Kind', { 'X-Other': '1' }, { 'X-Other': '2' }, true],
    ['absent on both sides', 'X-Kind', {}, {}, true],
    ['present against absent', 'X-Kind', { 'X-Kind': 'a' }, {}, false],
    ['absent against empty', 'X-Kind', {}, { 'X-Kind': '' }, false],
    ['the case of the field name', 'x-KIND', { 'X-Kind': 'a' }, { 'x-kind': 'a' }, true],
    ['the case of a value', 'X-Kind', { 'X-Kind': 'a' }, { 'X-Kind': 'A' }, false],
    ['whitespace around members', 'X-Kind', { 'X-Kind': 'a, b' }, { 'X-Kind': 'a,b' }, true],
    ['the order of members', 'X-Kind', { 'X-Kind': 'a, b' }, { 'X-Kind': 'b, a' }, false],
    [
      'the order of languages, once ignored: some servers read it as priority',
      'Accept-Language',
      { 'Accept-Language': 'en, fr' },
      { 'Accept-Language': 'fr, en' },
      false,
    ],
    [
      'case and whitespace of languages',
      'Accept-Language',
      { 'Accept-Language': 'en, fr;q=0.5' },
      { 'Accept-Language': 'EN,FR; q=0.5' },
      true,
    ],
    [
      'the weight of languages',
      'Accept-Language',
      { 'Accept-Language': 'en, fr;q=0.5' },
      { 'Accept-Language': 'en, fr;q=0.6' },
      false,
    ],
    [
      'the order of codings',
      'Accept-Encoding',
      { 'Accept-Encoding': 'gzip, br' },
      { 'Accept-Encoding': 'BR,gzip' },
      true,
    ],
    ['the second of two fields', 'X-Kind, X-Other', { 'X-Other': '1' }, { 'X-Other': '2' }, false],
    ['fields on two lines', ['X-Kind', 'X-Other'], { 'X-Other': '1' }, { 'X-Other': '2' }, false],
  ])('%s', async (_name, vary, first, second, same) => {
    const tellings = await askInTurn(vary, [first, second], { includeHeaders: [] });
    expect(tellings).toEqual(['miss uri-miss', same ? 'hit fresh' : 'miss vary-miss']);
  });

  test.each(['http', 'fetch'] as const)(
    'Accept-Encoding, which the %s adapter adds, costs no second request',
    async (adapter) => {
      const body = gzipSync('{"zipped":true}');
      const route = {
        ...varying('Accept-Encoding', { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' }),
        body,
      };
      const { http, origin } = await startCached({ '/': route }, { defaults: { adapter } });
      await http.get('/');
      const hit = await http.get('/');
      expect([told(hit), hit.data]).toEqual(['hit fresh', { zipped: true }]);
      expect([origin.count(), await http.cache.count()]).toEqual([1, 1]);
      expect(told(await http.get('/', having({ 'Accept-Encoding': 'identity' })))).toBe('miss vary-miss');
    },
  );

  test('axios defaults that a response varies on cost no second request', async () => {
    expect(await askInTurn('Accept, User-Agent', [{}, {}])).toEqual(['miss uri-miss', 'hit fresh']);
  });

  test('the validators of the variant that matches are sent', async () => {
    const byKind: Handler = ({ headers }) => {
      const etag = `"${String(headers['x-kind'])}"`;
      const known = headers['if-none-match'] === etag;
      return { status: known ? 304 : 200, headers: { ETag: etag, Vary: 'X-Kind', 'Cache-Control': 'max-age=10' } };
    };
    const { http, clock } = await startCached({ '/': byKind });
    for (const kind of ['a', 'b']) await http.get('/', having({ 'X-Kind': kind }));
    clock.advance(11);
    for (const kind of ['a', 'b']) {
      const renewed = await http.get('/', having({ 'X-Kind': kind }));
      expect([told(renewed), renewed.headers['etag']]).toEqual(['revalidated not-modified', `"${kind}"`]);
    }
    expect(await http.cache.count()).toBe(2);
  });

  test('of two that match the newer by Date is served', async () => {
    const first = numbered(varying('X-Kind'));
    const second = numbered({ headers: { 'Cache-Control': 'max-age=100' } });
    const { http, clock } = await startCached({
      '/': (request, response) => (request.headers['x-plain'] === undefined ? first : second)(request, response),
    });
    await http.get('/', having({ 'X-Kind': 'a' }));
    clock.advance(5);
    await http.get('/', { ...having({ 'X-Plain': '1', 'X-Kind': 'b' }) });
    const hit = await http.get('/', having({ 'X-Kind': 'a' }));
    expect([told(hit), hit.cache.age]).toEqual(['hit fresh', 0]);
  });
});

describe('Vary: *', () => {
  test('is never served unvalidated, not even by force-cache or stale windows', async () => {
    const headers = {
      Vary: '*',
      ETag: '"1"',
      'Cache-Control': 'max-age=10, stale-while-revalidate=100, stale-if-error=100',
    };
    const route: Handler = ({ headers: asked }) => ({ status: asked['if-none-match'] === '"1"' ? 304 : 200, headers });
    const { http, origin, clock } = await startCached({ '/': route });
    await http.get('/');
    for (const cache of ['default', 'force-cache'] as const) {
      expect(told(await http.get('/', { cache }))).toBe('revalidated not-modified');
    }
    clock.advance(11);
    expect(told(await http.get('/'))).toBe('revalidated not-modified');
    expect(origin.count()).toBe(4);
    await expect(http.get('/', { cache: 'only-if-cached' })).rejects.toMatchObject({ response: { status: 504 } });
  });

  test('among other names is the same', async () => {
    const tellings = await askInTurn('X-Kind, *', [{}, {}]);
    expect(tellings).toEqual(['miss uri-miss', 'miss uri-miss']);
  });
});

describe('maxVariants', () => {
  test('the oldest make room, and the events say so', async () => {
    const { http, clock, events } = await startCached({ '/': numbered(varying('X-Kind')) }, { maxVariants: 2 });
    const keys = new Set<string | undefined>();
    for (const kind of ['a', 'b', 'c', 'd']) {
      keys.add((await http.get('/', having({ 'X-Kind': kind }))).cache.key);
      clock.advance(1);
    }
    expect(keys.size).toBe(1);
    expect(events.filter(({ type }) => type === 'evicted')).toEqual(
      Array(2).fill({ type: 'evicted', key: [...keys][0], reason: 'variants' }),
    );
    expect(await http.cache.count()).toBe(2);
    for (const kind of ['c', 'd']) expect(told(await http.get('/', having({ 'X-Kind': kind })))).toBe('hit fresh');
    expect(told(await http.get('/', having({ 'X-Kind': 'a' })))).toBe('miss vary-miss');
  });

  test('a variant stored again counts once', async () => {
    const { http, events } = await startCached({ '/': numbered(varying('X-Kind')) }, { maxVariants: 2 });
    for (const kind of ['a', 'b', 'a', 'b']) await http.get('/', { ...having({ 'X-Kind': kind }), cache: 'reload' });
    expect([await http.cache.count(), events.filter(({ type }) => type === 'evicted')]).toEqual([2, []]);
  });
});

describe('Vary on credentials', () => {
  const everythingIn = async (storage: CacheStorage): Promise<string> => {
    const found: unknown[] = [];
    for await (const entry of storage.entries()) found.push(entry);
    return JSON.stringify(found);
  };

  test.each<[string, string, CacheOptions]>([
    ['Authorization', 'Bearer the-secret', {}],
    ['Authorization', 'Bearer the-secret', { partition: false }],
    ['Authorization', 'Bearer the-secret', { shared: true }],
    ['Cookie', 'session=the-secret', {}],
    ['Cookie', 'session=the-secret', { partition: false }],
    ['X-Api-Key', 'the-secret', { partition: false }],
    ['X-Session', 'the-secret', { partition: false, credentialHeaders: ['X-Session'] }],
  ])('%s: each value has its answer, and none is stored (%#)', async (name, secret, options) => {
    const storage = new MemoryStorage();
    const route = numbered(varying(name, { 'Cache-Control': 'public, max-age=100' }));
    const { http } = await startCached({ '/': route }, { ...options, storage });
    await http.get('/', having({ [name]: secret }));
    expect((await http.get('/', having({ [name]: `${secret} 2` }))).data).toBe('answer 2');
    expect((await http.get('/')).data).toBe('answer 3');
    const hit = await http.get('/', having({ [name]: secret }));
    expect([told(hit), hit.data]).toEqual(['hit fresh', 'answer 1']);
    expect(await everythingIn(storage)).not.toMatch(/the-secret/);
  });
});
