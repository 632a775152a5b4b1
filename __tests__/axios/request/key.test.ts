/** Requests as the cache sees them: what makes two of them the same, and what their parts say. */
import { configOf, described, describedAtOnce, digest, type Given, keyOf } from '../../support/describe-request.js';

const fetchOfAda: typeof fetch = () => Promise.reject(new Error('unused'));
const fetchOfAlan: typeof fetch = () => Promise.reject(new Error('unused'));
const base = { baseURL: 'http://api.test', url: '/users' };
const TEXT = { 'Content-Type': 'text/plain' };

type Row = readonly [name: string, one: object, other: object, given?: Given];

/** The table with every cell filled in. */
const rows = (table: readonly Row[]): [string, object, object, Given][] =>
  table.map(([name, one, other, given = {}]) => [name, one, other, given]);

test.each(
  rows([
    ['the order of params', { params: { a: 1, b: 2 } }, { params: { b: 2, a: 1 } }],
    ['params or URL', { params: { a: 1, b: [1, 2] } }, { url: '/users?b[]=1&b[]=2&a=1' }],
    ['a number or its text', { params: { a: 1 } }, { params: { a: '1' } }],
    ['absent params', { params: { a: undefined, b: null } }, {}],
    ['the default port', { baseURL: 'http://api.test:80' }, {}],
    ['the case of the host', { baseURL: 'HTTP://API.test' }, {}],
    ['a fragment', { url: '/users#top' }, {}],
    ['a trailing question mark', { url: '/users?' }, {}],
    ['a trailing ampersand', { url: '/users?a=1&' }, { params: { a: 1 } }],
    ['the case of escapes', { url: '/users?q=%c3%bc' }, { params: { q: 'ü' } }],
    ['base or whole URL', { baseURL: undefined, url: 'http://api.test/users' }, {}],
    ['the case of the method', { method: 'GET' }, { method: 'get' }],
    ['no method', { method: undefined }, { method: 'get' }],
    ['fields that are not part of the key', { headers: { 'X-A': 'a' } }, { headers: { 'X-A': 'b' } }],
    ['how the answer is read', { responseType: 'stream', validateStatus: null, timeout: 5 }, { responseType: 'json' }],
    ['how the request travels', { maxRedirects: 5, decompress: true, proxy: false }, {}],
    [
      'the order of includeHeaders',
      { headers: { b: '1', a: '2' } },
      { headers: { A: '2', B: '1' } },
      { policy: { includeHeaders: true } },
    ],
    [
      'method, URL and body under an own key',
      { method: 'post', url: '/x', data: 'a' },
      {},
      { policy: { key: 'mine' } },
    ],
    [
      'ignored params',
      { params: { a: 1, utm: 1 } },
      { params: { utm: 2, a: 1 } },
      { policy: { ignoredParams: new Set(['utm']) } },
    ],
    ['credentials where everybody shares', { headers: { Cookie: 'a' } }, {}, { policy: { partition: false } }],
  ]),
)('%s: one key', async (_name, one, other, given) => {
  expect(await keyOf({ ...base, ...one }, given)).toBe(await keyOf({ ...base, ...other }, given));
});

test.each(
  rows([
    ['fractions', { params: { amount: 1.2 } }, { params: { amount: 1.7 } }],
    ['integers above 32 bits', { params: { id: 4294967297 } }, { params: { id: 1 } }],
    ['coordinates', { params: { lat: 48.8566, lon: 2.3522 } }, { params: { lat: 48.1374, lon: 2.9 } }],
    ['pairs of small numbers', { params: { userId: 31, postId: 22 } }, { params: { userId: 256, postId: 9 } }],
    ['delimiters in values', { params: { a: '1', b: '2' } }, { params: { a: '1&b=2' } }],
    ['delimiters in names', { params: { 'a=1&b': 2 } }, { params: { a: 1, b: 2 } }],
    ['a list and one of it', { params: { a: [1] } }, { params: { a: [1, 1] } }],
    ['null as a word', { params: { a: 'null' } }, { params: { a: null } }],
    ['methods', { method: 'get' }, { method: 'post' }],
    ['a trailing slash', { url: '/users' }, { url: '/users/' }],
    ['no body and an empty one', {}, { data: '' }],
    ['bodies', { data: 'a', headers: TEXT }, { data: 'b', headers: TEXT }],
    ['a body in place of params', { params: { a: 1 } }, { data: 'a=1' }],
    ['users', { headers: { Authorization: 'Bearer a' } }, { headers: { Authorization: 'Bearer b' } }],
    ['users by URL', { baseURL: 'http://a:b@api.test' }, { baseURL: 'http://a:c@api.test' }],
    [
      'included fields',
      { headers: { 'X-A': '1' } },
      { headers: { 'X-A': '2' } },
      { policy: { includeHeaders: ['x-a'] } },
    ],
    ['an included field that is absent', { headers: { 'X-A': '' } }, {}, { policy: { includeHeaders: ['x-a'] } }],
    [
      'a list and a text in fields',
      { headers: { a: ['1', '2'] } },
      { headers: { a: '1,2' } },
      { policy: { includeHeaders: ['a'] } },
    ],
    ['all fields', { headers: { a: '1' } }, { headers: { b: '1' } }, { policy: { includeHeaders: true } }],
    ['encoded answers', { decompress: false }, {}],
    ['redirects that are not followed', { maxRedirects: 0 }, {}],
    ['encoded answers and redirects', { decompress: false }, { maxRedirects: 0 }],
    ['redirects that fetch is not to follow', { fetchOptions: { redirect: 'manual' } }, {}],
    ['redirects that fetch is to refuse', { fetchOptions: { redirect: 'error' } }, { maxRedirects: 0 }],
    ['hosts at one address', { headers: { Host: 'a.test' } }, { headers: { Host: 'b.test' } }],
    ['visitors, each with a fetch of its own', { env: { fetch: fetchOfAda } }, { env: { fetch: fetchOfAlan } }],
    ['sockets', { socketPath: '/a.sock' }, { socketPath: '/b.sock' }],
    ['users under an own key', { headers: { Cookie: 'a' } }, { headers: { Cookie: 'b' } }, { policy: { key: 'mine' } }],
    ['HEAD under an own key', { method: 'head' }, { method: 'get' }, { policy: { key: 'mine' } }],
  ]),
)('%s: two keys', async (_name, one, other, given) => {
  expect(await keyOf({ ...base, ...one }, given)).not.toBe(await keyOf({ ...base, ...other }, given));
});

test.each([{ fetchOptions: { redirect: 'follow' } }, { env: { fetch: globalThis.fetch } }])(
  '%j changes no key',
  async (config) => {
    expect(await keyOf({ ...base, ...config })).toBe(await keyOf(base));
  },
);

test('an own key never equals the key of a request without one', async () => {
  const key = await keyOf(base);
  const [method = '', url = ''] = key.split('\n');
  for (const own of [key, url, method, `${method}\n${url}`, '']) {
    expect(await keyOf(base, { policy: { key: own } })).not.toBe(key);
  }
});

test('the parts of a request', async () => {
  const config = {
    ...base,
    method: 'get',
    params: { token: 'SECRET', b: 1 },
    headers: { Accept: 'text/html', Authorization: 'SECRET' },
  };
  expect(await described(config)).toMatchObject({
    head: {
      method: 'GET',
      url: 'http://api.test/users?b=1&token=***',
      headers: { accept: 'text/html', authorization: digest.text('SECRET') },
    },
    keyOfGet: undefined,
    partitionOpaque: false,
    bodyKind: 'none',
  });
});

describe('keyOfGet', () => {
  test.each<[string, Given]>([
    ['without options', {}],
    ['with an own key', { policy: { key: 'mine' } }],
    ['with included fields', { policy: { includeHeaders: true } }],
  ])('is the key of the GET of the same: %s', async (_name, given) => {
    const config = { ...base, params: { a: 1 }, headers: { Cookie: 'a', Accept: 'b' }, decompress: false };
    const head = await described({ ...config, method: 'head' }, given);
    expect(head.keyOfGet).toBe(await keyOf({ ...config, method: 'get' }, given));
    expect(head.keyOfGet).not.toBe(head.key);
  });

  test.each(['get', 'post', 'options'])('is absent for %s', async (method) => {
    expect((await described({ ...base, method })).keyOfGet).toBeUndefined();
  });
});

describe('the resource', () => {
  const resourceOf = async (config: object, given?: Given): Promise<string> =>
    (await described({ ...base, ...config }, given)).resource;

  test('is of the URL alone: no method, user, body or own key', async () => {
    const plain = await resourceOf({});
    expect(await resourceOf({ method: 'delete', data: 'x', headers: { Authorization: 'a' } })).toBe(plain);
    expect(await resourceOf({}, { policy: { key: 'mine', partition: 'ann' } })).toBe(plain);
    expect(await resourceOf({ baseURL: 'http://user:info@api.test' })).toBe(plain);
  });

  test('differs by URL and socket', async () => {
    const resources = await Promise.all(
      [{}, { url: '/other' }, { params: { a: 1 } }, { socketPath: '/a.sock' }].map((each) => resourceOf(each)),
    );
    expect(new Set(resources).size).toBe(4);
  });

  test('never equals a key', async () => {
    const { key, resource } = await described(base);
    expect(resource).not.toBe(key);
    expect(await keyOf(base, { policy: { key: resource } })).not.toBe(resource);
    expect(await keyOf({ ...base, method: 'resource' })).not.toBe(resource);
  });
});

test('a jar makes the request opaque unless somebody is named', async () => {
  const jar = {};
  expect((await described({ ...base, jar })).partitionOpaque).toBe(true);
  expect((await described({ ...base, jar }, { policy: { partition: 'ann' } })).partitionOpaque).toBe(false);
});

test('streams are said to be opaque, under an own key too', async () => {
  const data = new ReadableStream();
  expect((await described({ ...base, method: 'post', data })).bodyKind).toBe('opaque');
  expect((await described({ ...base, method: 'post', data }, { policy: { key: 'mine' } })).bodyKind).toBe('opaque');
});

test('a content type on several lines is read as one', async () => {
  const headers = { 'content-type': ['application/json', 'charset=utf-8'] };
  expect((await described({ ...base, data: '{}', headers })).bodyKind).toBe('text');
});

describe('without a Blob nothing waits', () => {
  test('a GET, and a POST of text', () => {
    expect(describedAtOnce(base)).not.toBeInstanceOf(Promise);
    expect(describedAtOnce({ ...base, method: 'post', data: 'a' })).not.toBeInstanceOf(Promise);
  });

  test('a POST of a Blob gives a promise of the same', async () => {
    const [one, other] = [new Blob(['a']), new Blob(['b'])].map((data) =>
      describedAtOnce({ ...base, method: 'post', data }),
    );
    expect(one).toBeInstanceOf(Promise);
    expect((await one)?.key).not.toBe((await other)?.key);
  });
});

test('the config is not written to', async () => {
  const config = configOf({
    ...base,
    params: Object.freeze({ a: 1 }),
    headers: { Authorization: 'x' },
    data: '{"b":1,"a":2}',
  });
  const before = { ...config };
  await described(Object.freeze(config));
  expect({ ...config }).toEqual(before);
});
