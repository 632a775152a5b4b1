/** The server of `ui`: whom it answers, what it shows and changes on real storages, and how it ends. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import axios from 'axios';
import { answersOf } from '../../lib/cli/ui/answers.js';
import type { EntryView } from '../../lib/cli/ui/entry.js';
import type { Listing } from '../../lib/cli/ui/listing.js';
import { type CacheStorage, MemoryStorage, setupCache } from '../../lib/index.js';
import { MongoStorage } from '../../lib/mongo.js';
import { RedisStorage } from '../../lib/redis.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { fillFrom, PLACES, PAGES, SECRET } from '../support/command-line-caches.js';
import { commandLine, type Running } from '../support/command-line.js';
import { type Origin, startOrigin } from '../support/origin.js';
import { root } from '../support/root.js';
import { describeService } from '../support/services.js';

const { start, run } = commandLine();
let folder: string;
let origin: Origin;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ui-'));
  origin = await startOrigin(PAGES);
});
afterEach(async () => {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
type Headers = Readonly<Record<string, string>>;
interface Asking {
  readonly method?: string;
  readonly headers?: Headers;
  readonly body?: string;
}

/** What a browser would not send as it is told to, such as Host, this does. */
const ask = (url: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      text(response).then((told) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: told });
      }, reject);
    });
    asked.on('error', reject).end(body);
  });

interface Ui {
  readonly command: Running;
  /** With the token in it. */
  readonly url: string;
  readonly origin: string;
  readonly cookie: string;
  readonly get: <T>(path: string) => Promise<T>;
  readonly post: (path: string, sent: object, headers?: Headers) => Promise<Reply>;
}

/** Starts the command, and visits its page once, as a browser does. */
async function startUi(...args: string[]): Promise<Ui> {
  const command = start(folder, 'ui', ...args, '--json');
  const { value } = await command.lines.next();
  const { url } = JSON.parse(value ?? '{}') as { url: string };
  const visit = await ask(url);
  const [cookie = ''] = String(visit.headers['set-cookie']).split(';');
  const { origin: own } = new URL(url);
  const get = async <T>(path: string): Promise<T> =>
    JSON.parse((await ask(own + path, { headers: { cookie } })).body) as T;
  const { changeToken } = await get<{ changeToken: string }>('/api/about');
  const post: Ui['post'] = (path, sent, headers = {}) => {
    const usual = { cookie, 'content-type': 'application/json', 'x-change-token': changeToken, origin: own };
    return ask(own + path, { method: 'POST', headers: { ...usual, ...headers }, body: JSON.stringify(sent) });
  };
  return { command, url, origin: own, cookie, get, post };
}

const changedBy = (reply: Reply): unknown => JSON.parse(reply.body);

/** Looks, makes stale and deletes, and ends the command; what was changed is in the storage then. */
async function usesAll(args: readonly string[], isFile = false): Promise<void> {
  const { command, get, post } = await startUi(...args);
  const listing = await get<Listing>('/api/entries?sort=size&direction=down');
  // A recording has no lifetimes: all of it can be used.
  expect(listing).toMatchObject({ entries: 3, fresh: isFile ? 3 : 2, from: 0 });
  expect(listing.bytes).toBeGreaterThan(20_000);
  expect(listing.hosts).toEqual([{ host: new URL(origin.url).host, entries: 3, bytes: listing.bytes }]);
  expect(listing.rows.map(({ url }) => new URL(url).pathname)).toEqual(['/large', '/users', '/old']);
  const [large, users, old] = listing.rows.map(({ id }) => id);
  const view = await get<EntryView>(`/api/entry?id=${users}`);
  expect(view.preview).toEqual({ kind: 'text', text: JSON.stringify([{ name: 'Ada' }], undefined, 2), isCut: false });
  expect(view.lifetime).toContain(isFile ? 'fresh' : 'because of max-age=3600 in the response');
  expect(JSON.stringify([listing, view])).not.toContain(SECRET);
  expect((await get<{ text: string }>(`/api/explain?id=${users}`)).text).toContain('stored');
  const expired = await post('/api/expire', { id: users });
  expect([expired.status, expired.body]).toEqual(
    isFile ? [400, '{"error":"a file of requests has no lifetimes."}'] : [200, '{"count":1}'],
  );
  expect((await get<Listing>('/api/entries?state=fresh')).entries).toBe(isFile ? 3 : 1);
  expect(changedBy(await post('/api/delete', { id: large }))).toEqual({ count: 1 });
  expect(changedBy(await post('/api/delete-matching', { url: '/old' }))).toEqual({ count: 1 });
  expect((await post('/api/delete', { id: old })).body).toBe('{"count":0}');
  expect(await command.end()).toBe(0);
  const { out } = await run(folder, 'ls', ...args, '--json');
  const left = out.trim().split('\n').map((line) => JSON.parse(line) as { url: string; stale: boolean });
  expect(left).toEqual([expect.objectContaining({ url: `${origin.url}/users`, stale: !isFile })]);
}

describe.each(Object.entries(PLACES))('%s', (place, create) => {
  test('lists, shows, explains, makes stale and deletes', async () => {
    await fillFrom(origin, create(join(folder, place)));
    await usesAll([place], place.endsWith('.har'));
  });
});

/** A module of a user's with an instance on an SQLite file, made from source, so that the package need not be built. */
function buildModule(database: string): string {
  const program = join(folder, 'http.ts');
  const module = join(root, `node_modules/.cache/axios-client-cache/ui-${process.pid}.mjs`);
  writeFileSync(program, `
    import axios from 'axios';
    import { setupCache } from 'axios-client-cache';
    import { SqliteStorage } from 'axios-client-cache/sqlite';
    const storage = new SqliteStorage(${JSON.stringify(database)});
    export const http = setupCache(axios.create(), { storage, expireAfter: '7m' });
  `);
  const build = `import { bundle } from ${JSON.stringify(pathToFileURL(join(root, 'scripts/bundle.mjs')).href)};
    await bundle(${JSON.stringify({ entryPoints: [program], outfile: module })});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', build]);
  return module;
}

test('a module that exports an instance has a page', async () => {
  const database = join(folder, 'cache.sqlite');
  await fillFrom(origin, new SqliteStorage(database));
  const module = buildModule(database);
  try {
    await usesAll([module]);
  } finally {
    rmSync(module);
  }
});

describe.each<['redis' | 'mongo', (url: string, namespace: string) => CacheStorage]>([
  ['redis', (url, namespace) => new RedisStorage({ url, namespace })],
  ['mongo', (url, namespace) => new MongoStorage({ url, namespace })],
])('%s', (name, create) => {
  describeService(name, (engine) => {
    test('lists, shows, explains, makes stale and deletes', async () => {
      const namespace = `ui-${process.pid}`;
      await fillFrom(origin, create(engine().url, namespace));
      await usesAll([engine().url, '--namespace', namespace]);
      await run(folder, 'purge', engine().url, '--namespace', namespace, '--all', '--yes');
    });
  });
});

describe('who is refused', () => {
  const startFilled = async (): Promise<Ui> => {
    await fillFrom(origin, new SqliteStorage(join(folder, 'cache.sqlite')));
    return startUi('cache.sqlite');
  };

  test('everybody without the token or its cookie, another Host, another Origin, another page', async () => {
    const { origin: own, url, cookie, get } = await startFilled();
    const { port } = new URL(own);
    const refused: [string, string, Asking][] = [
      ['no token', '/', {}],
      ['no token for what the page asks', '/api/entries', {}],
      ['another token', '/?token=guessed', {}],
      ['another cookie', '/', { headers: { cookie: `${cookie}x` } }],
      ['the cookie of another port', '/', { headers: { cookie: cookie.replace(port, '1') } }],
      ['a name that leads to this address', '/', { headers: { cookie, host: `evil.test:${port}` } }],
      ['the same by the URL of the page', new URL(url).search, { headers: { host: `evil.test:${port}` } }],
      ['another port', '/', { headers: { cookie, host: '127.0.0.1:1' } }],
      ['another Origin', '/api/entries', { headers: { cookie, origin: 'http://evil.test' } }],
      ['the Origin null', '/api/entries', { headers: { cookie, origin: 'null' } }],
      ['a page of another site', '/api/entries', { headers: { cookie, 'sec-fetch-site': 'cross-site' } }],
      ['a page on another port', '/api/entries', { headers: { cookie, 'sec-fetch-site': 'same-site' } }],
      ['a method that is none here', '/api/entries', { method: 'DELETE', headers: { cookie } }],
    ];
    for (const [what, path, asking] of refused) {
      const { status, body, headers } = await ask(own + (path.startsWith('/') ? path : `/${path}`), asking);
      expect([what, status, headers['set-cookie']]).toEqual([what, 403, undefined]);
      expect(body).not.toContain(origin.url);
    }
    expect((await ask(own, { headers: { cookie, host: `localhost:${port}` } })).status).toBe(200);
    expect((await get<Listing>('/api/entries')).entries).toBe(3);
  });

  test('changes without the token that only the page has, or by a form of another page', async () => {
    const { get, post } = await startFilled();
    const [row] = (await get<Listing>('/api/entries')).rows;
    const changes: [string, object, Headers][] = [
      ['no token', { id: row?.id }, { 'x-change-token': '' }],
      ['another token', { id: row?.id }, { 'x-change-token': 'guessed' }],
      ['another Origin', { id: row?.id }, { origin: 'http://evil.test' }],
    ];
    for (const [what, sent, headers] of changes) {
      expect([what, (await post('/api/delete', sent, headers)).status]).toEqual([what, 403]);
    }
    for (const [path, sent, headers] of [
      ['/api/delete', { id: row?.id }, { 'content-type': 'text/plain' }],
      ['/api/delete-matching', {}, {}],
      ['/api/delete-matching', { url: '', state: '' }, {}],
      ['/api/delete-matching', { url: { $ne: 1 } }, {}],
    ] as const) {
      expect((await post(path, sent, headers)).status).toBe(400);
    }
    expect((await post('/api/delete', { id: 'unknown' })).status).toBe(404);
    expect((await post('/api/drop', {})).status).toBe(404);
    expect((await get<Listing>('/api/entries')).entries).toBe(3);
  });

  test('changes where the command was given --read-only', async () => {
    await fillFrom(origin, PLACES['cache.har']?.(join(folder, 'cache.har')) as CacheStorage);
    const file = readFileSync(join(folder, 'cache.har'), 'utf8');
    const { get, post, command } = await startUi('cache.har', '--read-only');
    expect(await get('/api/about')).toMatchObject({ readOnly: true, place: 'cache.har' });
    const [row] = (await get<Listing>('/api/entries')).rows;
    for (const what of ['delete', 'expire']) {
      const { status, body } = await post(`/api/${what}`, { id: row?.id });
      expect([status, body]).toEqual([400, expect.stringContaining('--read-only')]);
    }
    expect((await get<Listing>('/api/entries')).entries).toBe(3);
    expect(await command.end('SIGINT')).toBe(0);
    expect(readFileSync(join(folder, 'cache.har'), 'utf8')).toBe(file);
  });
});

test('every answer forbids scripts, frames, guessed types and copies in caches', async () => {
  await fillFrom(origin, new SqliteStorage(join(folder, 'cache.sqlite')), ['/users']);
  const { origin: own, url, cookie, get } = await startUi('cache.sqlite');
  const [row] = (await get<Listing>('/api/entries')).rows;
  for (const target of [url, `${own}/nowhere`, `${own}/`, `${own}/api/body?id=${row?.id}`, `${own}/api/entries`]) {
    const { headers } = await ask(target, { headers: { cookie } });
    const policy = headers['content-security-policy'];
    expect(policy).toMatch(/default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
  const body = await ask(`${own}/api/body?id=${row?.id}`, { headers: { cookie } });
  const asBytes = { 'content-type': 'application/octet-stream', 'content-disposition': 'attachment' };
  expect(body.headers).toMatchObject(asBytes);
  expect(body.body).toBe('[{"name":"Ada"}]');
});

test('it ends with one line where it is used wrongly', async () => {
  await fillFrom(origin, new SqliteStorage(join(folder, 'cache.sqlite')), ['/users']);
  const taken = new URL(origin.url).port;
  for (const [args, message] of [
    [['nothing.sqlite'], 'there is no nothing.sqlite'],
    [['cache.sqlite', '--port', '70000'], '--port takes'],
    [['cache.sqlite', '--port', 'http'], '--port takes'],
    [['cache.sqlite', '--port', taken], `port ${taken} cannot be used`],
  ] as const) {
    const { code, out, err } = await run(folder, 'ui', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
  }
});

test('it says where the page is, on the port that was asked for', async () => {
  await fillFrom(origin, new SqliteStorage(join(folder, 'cache.sqlite')), ['/users']);
  const free = await startOrigin({});
  const { port } = new URL(free.url);
  await free.close();
  const { lines } = start(folder, 'ui', 'cache.sqlite', '--port', port);
  expect((await lines.next()).value).toBe('cache.sqlite is shown at');
  expect((await lines.next()).value).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/\\?token=[\\w-]{32}$`));
});

describe('in the process', () => {
  async function answers(storage: CacheStorage = new MemoryStorage()) {
    const http = setupCache(axios.create({ baseURL: origin.url }), { storage, expireAfter: '1 day' });
    const opened = { storage, place: 'memory', manager: http.cache, close: () => http.cache.close() };
    const { questions, changes } = answersOf(opened, http.cache, { readOnly: false, onChange: () => undefined });
    const asking = async <T>(path: string, query: Headers = {}): Promise<T> =>
      (await questions.get(path)?.(query)) as T;
    return { http, asking, changes };
  }

  test('keys in memory, which hold credentials, are not shown', async () => {
    const { http, asking } = await answers();
    const headers = { Authorization: 'Bearer hidden-credential', Cookie: 'sid=hidden-credential' };
    await http.get('/users', { headers });
    const listing = await asking<Listing>('/api/entries');
    const [row] = listing.rows;
    const view = await asking('/api/entry', { id: row?.id ?? '' });
    const explained = await asking<{ text: string }>('/api/explain', { id: row?.id ?? '' });
    expect(listing.entries).toBe(1);
    expect(JSON.stringify([listing, view, explained])).not.toContain('hidden-credential');
    expect(explained.text).toContain('This entry is for another request of its URL: for a user');
  });

  test('what was copied into memory can be made stale', async () => {
    const from = setupCache(axios.create({ baseURL: origin.url }), {
      storage: new SqliteStorage(join(folder, 'cache.sqlite')), expireAfter: '1 day',
    });
    await from.get('/large');
    const storage = new MemoryStorage();
    expect(await from.cache.copyTo(storage)).toMatchObject({ copied: 1 });
    await from.cache.close();
    const { asking, changes } = await answers(storage);
    const [row] = (await asking<Listing>('/api/entries')).rows;
    expect(await changes.get('/api/expire')?.({ id: row?.id })).toEqual({ count: 1 });
  });

  test('variants of one request are told by what chose them', async () => {
    const server = await startOrigin(({ headers }) => ({
      headers: { 'Cache-Control': 'max-age=60', Vary: 'Accept-Language, X-None' }, body: headers['accept-language'],
    }));
    const { http, asking } = await answers();
    for (const language of ['de', 'en', 'fr']) {
      await http.get(server.url, { headers: { 'Accept-Language': language }, cache: { includeHeaders: [] } });
    }
    await server.close();
    const { rows } = await asking<Listing>('/api/entries');
    const view = await asking<EntryView>('/api/entry', { id: rows[0]?.id ?? '' });
    expect(view.varies).toEqual(['accept-language', 'no x-none']);
    expect(view.variants.map(({ row }) => row.id).sort()).toEqual(rows.slice(1).map(({ id }) => id).sort());
  });

  test('lists are paged, and each order is one over all of it', async () => {
    const server = await startOrigin(({ path }) => ({ body: 'x'.repeat(Number(path.slice(1)) % 7) }));
    const { http, asking } = await answers();
    for (let at = 0; at < 1203; at += 1) await http.cache.set(`${server.url}/${at}`, { data: 'x' });
    await server.close();
    const seen: string[] = [];
    for (const from of [0, 500, 1000]) {
      const listing = await asking<Listing>('/api/entries', { from: String(from), direction: 'down' });
      expect([listing.entries, listing.from]).toEqual([1203, from]);
      seen.push(...listing.rows.map(({ url }) => url));
    }
    expect(seen).toHaveLength(1203);
    expect(seen).toEqual([...seen].sort().reverse());
    expect((await asking<Listing>('/api/entries', { from: '5000' })).rows).toEqual([]);
    await expect(asking('/api/entries', { sort: 'constructor' })).rejects.toThrow('there is no order by constructor');
    await expect(asking('/api/entries', { status: 'ok' })).rejects.toThrow('--status takes');
  });
});

test('ls takes --fresh and --status, and sorts by status', async () => {
  await fillFrom(origin, new SqliteStorage(join(folder, 'cache.sqlite')));
  const count = async (...args: string[]) =>
    (await run(folder, 'ls', 'cache.sqlite', '--json', ...args)).out.split('\n').filter((line) => line !== '').length;
  expect(await count('--fresh')).toBe(2);
  expect(await count('--status', '200')).toBe(3);
  expect(await count('--status', '2xx', '--sort', 'status')).toBe(3);
  expect(await count('--status', '4xx')).toBe(0);
  expect((await run(folder, 'ls', 'cache.sqlite', '--status', 'ok')).code).toBe(2);
});

test('a server that is not there is told before a page is, and its password is not', async () => {
  const { code, out, err } = await run(folder, 'ui', 'redis://user:hidden@127.0.0.1:1/');
  expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1]);
  expect(err).not.toContain('hidden');
});
