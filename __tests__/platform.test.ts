/** The package loads, and answers requests, in scopes that lack what browsers and Node have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Format, type Scope, scopeWith } from './fixtures/platform-scope.js';
import { root } from './support/root.js';

const AXIOS = readFileSync(join(root, 'node_modules/axios/dist/axios.min.js'), 'utf8');

/** A class URL as old engines of apps have it: it can be made, and throws where it is read. */
const UNREADABLE_URL = `class URL {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
  ${['href', 'protocol', 'origin', 'host', 'hostname', 'port', 'pathname', 'search', 'username', 'password', 'hash']
    .map((name) => `get ${name}() { throw new Error('URL.${name} is not implemented'); }`)
    .join('\n')}
}`;

const PLATFORM = {
  AbortController, AbortSignal, Blob, FormData, Headers, ReadableStream, Request, Response, TextDecoder, TextEncoder,
  URL, URLSearchParams, btoa, console, crypto, fetch, queueMicrotask, structuredClone,
};
type Name = keyof typeof PLATFORM;
const ALL = Object.keys(PLATFORM) as Name[];

const without = (...names: readonly Name[]): Record<string, unknown> =>
  Object.fromEntries(ALL.filter((name) => !names.includes(name)).map((name) => [name, PLATFORM[name]]));

/** An origin within the scope, by an adapter that gives text, and one that gives bytes as an engine of apps does. */
const ORIGIN = `
  var asked = 0;
  var text = JSON.stringify({ name: 'Zoë €😀' });
  var answer = (config, data) => Promise.resolve({ data, status: 200, statusText: 'OK', config, request: {},
    headers: { 'content-type': 'application/json', 'cache-control': 'max-age=60', etag: '"1"' } });
  var ofText = (config) => { asked += 1; return answer(config, text); };
  var bytes = Uint8Array.from(unescape(encodeURIComponent(text)), (letter) => letter.charCodeAt(0)).buffer;
  var ofBytes = (config) => { asked += 1; return answer(config, config.responseType === 'arraybuffer' ? bytes : text); };
  var create = (adapter, options) => setupCache(axios.create({ baseURL: 'https://api.test', adapter }), options);
`;

function load(format: Format, globals: Record<string, unknown>): Scope {
  const scope = scopeWith(format, globals, AXIOS);
  scope.run(ORIGIN);
  return scope;
}

/** What two requests in the scope come to. */
const TWICE = `(async (http, path = '/users', config = {}) => {
  const answers = [await http.get(path, config), await http.get(path, config)];
  return JSON.stringify(answers.map(({ data, cached, cache }) => [data && data.name, cached, cache.reason]));
})`;
const CACHED = '[["Zoë €😀",false,"uri-miss"],["Zoë €😀",true,"fresh"]]';
const UNCACHED = '[["Zoë €😀",false,"disabled"],["Zoë €😀",false,"disabled"]]';

const MISSING: readonly (readonly [string, readonly Name[]])[] = [
  ...ALL.map((name): [string, readonly Name[]] => [name, [name]]),
  ['TextEncoder and TextDecoder', ['TextEncoder', 'TextDecoder']],
  [
    'what jsdom lacks under jest',
    ['TextEncoder', 'TextDecoder', 'Response', 'Request', 'Headers', 'fetch', 'ReadableStream', 'structuredClone'],
  ],
  ['all but URL', ALL.filter((name) => name !== 'URL')],
  ['everything', ALL],
];

describe.each<Format>(['script for browsers', 'CommonJS for Node'])('as a %s', (format) => {
  test.each(MISSING)('without %s requests are answered, and from the cache where URLs can be read', async (_name, names) => {
    const { run } = load(format, without(...names));
    const expected = names.includes('URL') ? UNCACHED : CACHED;
    expect(await run(`${TWICE}(create(ofText))`)).toBe(expected);
    expect(await run(`${TWICE}(create(ofBytes))`)).toBe(expected);
  });

  test('a class URL whose getters throw: the answer, uncached, and URL patterns are no error', async () => {
    const { run } = load(format, without('URL'));
    run(`${UNREADABLE_URL} globalThis.URL = URL;`);
    expect(await run(`${TWICE}(create(ofText))`)).toBe(UNCACHED);
    expect(await run(`${TWICE}(create(ofText, { urlsExpireAfter: { 'api.test/users/**': '5m', '*/static/*': false } }))`)).toBe(
      UNCACHED,
    );
    expect(await run(`create(ofText).put('/users', {}).then(({ cached, status }) => [cached, status].join())`)).toBe(
      'false,200',
    );
  });

  test('without crypto a storage that outlives the process is left alone, and the event says why', async () => {
    const { run } = load(format, without('crypto'));
    run(`var storage = new MemoryStorage();
      Object.defineProperty(storage, 'inProcess', { value: false });
      var problems = [];
      var http = create(ofText, { storage, onEvent: (event) => { if (event.error) problems.push(event.error.message); } });`);
    const answers = JSON.parse((await run(`${TWICE}(http)`)) as string) as unknown[][];
    expect(answers.map(([name, cached]) => [name, cached])).toEqual([['Zoë €😀', false], ['Zoë €😀', false]]);
    expect(run('problems.join()')).toMatch(/crypto\.getRandomValues/);
  });

  test.each([
    ['no class', ['TextEncoder']],
    ['no class, no crypto and no btoa', ['TextEncoder', 'TextDecoder', 'crypto', 'btoa']],
  ] as const)('with %s to make bytes with, what differs is still told apart', async (_name, names) => {
    const { run } = load(format, without(...names));
    run(`var user = ''; var http = create(ofText, { partition: () => user, allowedMethods: ['GET', 'POST'] });
      var of = async (name) => { user = name; return (await http.get('/me')).cached; };
      var post = async (body) => { user = 'x'; return (await http.post('/search', body)).cached; };
      var basic = create(ofText);
      var as = async (username) => (await basic.get('/me', { auth: { username, password: 'é' } })).cached;`);
    const cachedFor = async (call: string, values: readonly string[]): Promise<unknown[]> => {
      const cached: unknown[] = [];
      for (const value of [...values, ...values]) cached.push(await run(`${call}(${JSON.stringify(value)})`));
      return cached;
    };
    const values = ['ß', 'ss', 'é', 'e\u0301', 'å', '漢', '😀', '😁'];
    const once = [...values.map(() => false), ...values.map(() => true)];
    expect(await cachedFor('of', values)).toEqual(once);
    expect(await cachedFor('post', values)).toEqual(once);
    expect(await cachedFor('as', values)).toEqual(once);
  });
});

test.each([
  ['is missing', 'delete globalThis.setInterval; delete globalThis.clearInterval;'],
  ['throws outside of a request', "globalThis.setInterval = () => { throw new Error('not in the global scope'); };"],
])('where setInterval %s, deleteExpiredEvery does no harm', async (_what, change) => {
  const { run } = load('script for browsers', without());
  run(change);
  run("var http = create(ofText, { deleteExpiredEvery: '1m' });");
  expect(await run(`${TWICE}(http)`)).toBe(CACHED);
  await run('http.cache.close()');
});

test.each([
  ['every global of a page', without()],
  ['none', {}],
])('importing reads no global that may be missing, and nothing of axios but its default export: with %s', (_name, globals) => {
  const { run } = scopeWith('script for browsers', {}, 'var axios = {};');
  expect(run('typeof setupCache')).toBe('function');
  const read: string[] = [];
  const watched = Object.fromEntries(
    ['TextEncoder', 'TextDecoder', 'crypto', 'Response', 'URL'].map((name) => [
      name,
      new Proxy(class {}, {
        get: (_target, member) => read.push(`${name}.${String(member)}`),
        construct: () => {
          read.push(`new ${name}`);
          return {};
        },
      }),
    ]),
  );
  scopeWith('script for browsers', { ...globals, ...watched }, 'var axios = {};');
  scopeWith('CommonJS for Node', { ...globals, ...watched }, 'var axios = {};');
  expect(read).toEqual([]);
});
