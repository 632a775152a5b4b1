/** The command line as a process of its own, on real storages: what it prints, to whom, and how it ends. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { type CacheStorage, setupCache } from '../../lib/index.js';
import { FilesystemStorage } from '../../lib/filesystem.js';
import { MongoStorage } from '../../lib/mongo.js';
import { RedisStorage } from '../../lib/redis.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { fillFrom, PAGES, PLACES, SECRET } from '../support/command-line-caches.js';
import { commandLine, type Ended } from '../support/command-line.js';
import { type Origin, startOrigin } from '../support/origin.js';
import { describeService } from '../support/services.js';
import type { ServiceName } from '../../services/services.js';

const { program, run: runIn, start } = commandLine();
let folder: string;
let origin: Origin;

const run = (...args: string[]): Promise<Ended> => runIn(folder, ...args);

const objectsIn = (out: string) =>
  out.trim().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);

/** Fills a storage as a program does, and closes it. */
const fill = (storage: CacheStorage, paths?: readonly string[]): Promise<void> => fillFrom(origin, storage, paths);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
  origin = await startOrigin(PAGES);
});
afterEach(async () => {
  await origin.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string): string => join(folder, name);

describe.each(Object.entries(PLACES))('%s', (place, create) => {
  test('ls, show, stats, verify, purge', async () => {
    await fill(create(at(place)));
    const listed = await run('ls', place);
    expect(listed).toMatchObject({ code: 0, err: '' });
    expect(listed.out).toContain(`GET     ${origin.url}/users`);
    expect(listed.out).toMatch(/20 kB +200/);
    expect(objectsIn((await run('ls', place, '--json', '--sort', 'size')).out)[0]).toMatchObject({
      url: `${origin.url}/large`, method: 'GET', status: 200, bytes: 20_000, stale: false,
    });
    const shown = await run('show', place, `${origin.url}/users`);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('"name": "Ada"');
    expect(shown.out + listed.out).not.toContain(SECRET);
    expect((await run('show', place, `${origin.url}/large`, '--body')).out).toBe('x'.repeat(20_000));
    const stats = await run('stats', place);
    expect(stats.out).toContain('3 entries, 20 kB');
    expect(stats.out).toContain('█');
    expect(await run('verify', place)).toMatchObject({ code: 0, out: `3 entries of ${place} read whole, 0 damaged\n` });
    expect((await run('purge', place, '--url', '*/old', '--dry-run')).out).toBe('1 entry would be deleted\n');
    expect((await run('purge', place, '--url', '*/old')).out).toBe('1 entry deleted\n');
    expect(await run('ls', place, '--url', '*/old')).toMatchObject({ code: 1, out: '' });
    expect(await run('purge', place, '--all')).toMatchObject({ code: 2, out: '' });
    expect((await run('purge', place, '--all', '--yes')).out).toBe('2 entries deleted\n');
    expect((await run('ls', place)).code).toBe(1);
  });
});

test('show says who gave the lifetime, and reveals secrets only when it is asked to', async () => {
  await fill(new SqliteStorage(at('cache.sqlite')));
  const { out } = await run('show', 'cache.sqlite', `${origin.url}/users`);
  expect(out).toMatch(/fresh until .*, because of max-age=3600 in the response; then kept 30d for its ETag/);
  expect(out).toContain('set-cookie: ***');
  expect(out).toContain('tags: pages');
  expect((await run('show', 'cache.sqlite', `${origin.url}/users`, '--reveal')).out).toContain(SECRET);
  expect((await run('show', 'cache.sqlite', `${origin.url}/large`)).out).toContain('expireAfter of the session said so');
  expect((await run('show', 'cache.sqlite', 'http://nowhere.test/')).code).toBe(1);
});

test('conditions of ls: host, port, tag, staleness, age, method', async () => {
  await fill(new SqliteStorage(at('cache.sqlite')));
  const count = async (...args: string[]) => objectsIn((await run('ls', 'cache.sqlite', '--json', ...args)).out).length;
  const { host, hostname } = new URL(origin.url);
  expect(await count('--host', hostname)).toBe(3);
  expect(await count('--host', host)).toBe(3);
  expect(await count('--host', `${hostname}:1`)).toBe(0);
  expect(await count('--tag', 'pages')).toBe(3);
  expect(await count('--tag', 'others')).toBe(0);
  expect(await count('--stale')).toBe(1);
  expect(await count('--older-than', '1h')).toBe(0);
  expect(await count('--method', 'get')).toBe(3);
  expect(await count('--older-than', '0')).toBe(3);
  for (const [option, value] of [['--older-than', 'soon'], ['--method', 'FETCH']] as const) {
    const { code, err } = await run('ls', 'cache.sqlite', option, value);
    expect([code, err]).toEqual([2, expect.stringContaining(`axios-client-cache: ${option}`)]);
  }
});

describe('copy, export, import, diff', () => {
  test.each([
    ['cache.sqlite', 'other-folder'],
    ['cache-folder', 'other.sqlite'],
    ['cache.har', 'other.sqlite'],
    ['cache.sqlite', 'other.har'],
    ['cache.sqlite', 'other.ndjson'],
  ])('%s to %s and on to a cache, in which a program finds it', async (from, to) => {
    await fill((PLACES[from] as (path: string) => CacheStorage)(at(from)), ['/users', '/large']);
    const command = to.endsWith('.ndjson') ? 'export' : 'copy';
    expect(await run(command, from, to)).toMatchObject({ code: 0, err: '' });
    const [back, target] = to.endsWith('.sqlite') ? ['copy', 'last-folder'] : ['import', 'last.sqlite'];
    expect(await run(to.endsWith('folder') ? 'copy' : back, to, target)).toMatchObject({ code: 0, err: '' });
    expect((await run('diff', from, target)).out).toContain('equal, 0 different');
    const storage = target.endsWith('.sqlite') ? new SqliteStorage(at(target)) : new FilesystemStorage(at(target));
    const http = setupCache(axios.create({ baseURL: origin.url }), { storage, expireAfter: '1 day' });
    expect((await http.get('/users')).cached).toBe(true);
    await http.cache.close();
  });

  test('entries of users go along into an empty cache, and stay behind where the other one has its own', async () => {
    const ask = async (storage: CacheStorage, Authorization: string) => {
      const http = setupCache(axios.create({ baseURL: origin.url }), { storage, expireAfter: '1 day' });
      const { cached } = await http.get('/users', { headers: { Authorization } });
      await http.cache.close();
      return cached;
    };
    await ask(new SqliteStorage(at('cache.sqlite')), 'Bearer one');
    expect((await run('copy', 'cache.sqlite', 'empty.sqlite')).out).toContain('1 entry copied');
    expect(await ask(new SqliteStorage(at('empty.sqlite')), 'Bearer one')).toBe(true);
    await fill(new SqliteStorage(at('other.sqlite')), ['/large']);
    const copied = await run('copy', 'cache.sqlite', 'other.sqlite');
    expect(copied).toMatchObject({ code: 1 });
    expect(copied.out).toContain('0 entries copied');
    expect(copied.out).toContain('left: 1 entry told apart by a secret, as those of users are');
    expect(objectsIn((await run('copy', 'cache.sqlite', 'empty.sqlite', '--json')).out)).toEqual([
      {
        copied: 0, failed: 0, bytes: 0,
        skipped: { 'not-findable': 0, expired: 0, gone: 0, newer: 1, 'too-large': 0 },
      },
    ]);
  });

  test('entries of users come back from a file of lines into their own cache, and into no other', async () => {
    const ask = async (place: string, Authorization: string) => {
      const http = setupCache(axios.create({ baseURL: origin.url }), { storage: new SqliteStorage(at(place)) });
      const { cached } = await http.get('/users', { headers: { Authorization } });
      await http.cache.close();
      return cached;
    };
    await ask('cache.sqlite', 'Bearer one');
    await run('export', 'cache.sqlite', 'entries.ndjson');
    expect(readFileSync(at('entries.ndjson'), 'utf8')).not.toContain('Bearer one');
    await run('purge', 'cache.sqlite', '--all', '--yes');
    expect((await run('import', 'entries.ndjson', 'cache.sqlite')).out).toContain('1 entry read');
    expect(await ask('cache.sqlite', 'Bearer one')).toBe(true);
    expect(await run('import', 'entries.ndjson', 'other.sqlite')).toMatchObject({ code: 1 });
    expect(await run('ls', 'other.sqlite')).toMatchObject({ code: 1, out: '' });
  });

  test('a file of requests has no users, so that what is theirs is given to nobody', async () => {
    const http = setupCache(axios.create({ baseURL: origin.url }), { storage: new SqliteStorage(at('cache.sqlite')) });
    await http.get('/users', { headers: { Authorization: 'Bearer one' } });
    await http.get('/large');
    await http.cache.close();
    expect((await run('export', 'cache.sqlite', 'cache.har')).out).toContain('1 entry copied');
    expect(readFileSync(at('cache.har'), 'utf8')).not.toContain('Ada');
    await run('import', 'cache.har', 'other.sqlite');
    const other = setupCache(axios.create({ baseURL: origin.url }), { storage: new SqliteStorage(at('other.sqlite')) });
    expect((await other.get('/users')).cached).toBe(false);
    await other.cache.close();
  });

  test('a newer answer of the other storage stays', async () => {
    await fill(new SqliteStorage(at('cache.sqlite')), ['/large']);
    await fill(new SqliteStorage(at('newer.sqlite')), ['/large']);
    const { code, out } = await run('copy', 'cache.sqlite', 'newer.sqlite');
    expect([code, out]).toEqual([1, expect.stringContaining('left: 1 entry that the other storage has already')]);
  });

  test('diff tells what is only here, only there, and of another body', async () => {
    await fill(new SqliteStorage(at('one.sqlite')), ['/users', '/large']);
    const changed = await startOrigin(() => ({ body: 'changed', headers: { 'Content-Type': 'text/plain' } }));
    const http = setupCache(axios.create({ baseURL: origin.url }), {
      storage: new SqliteStorage(at('two.sqlite')), expireAfter: '1 day',
    });
    const proxy = { host: '127.0.0.1', port: Number(new URL(changed.url).port), protocol: 'http' };
    await http.get('/users', { proxy });
    await http.get('/new', { proxy });
    await http.cache.close();
    await changed.close();
    const { code, out } = await run('diff', 'one.sqlite', 'two.sqlite');
    expect(code).toBe(1);
    expect(out).toContain(`- GET ${origin.url}/large  (only in one.sqlite)`);
    expect(out).toContain(`+ GET ${origin.url}/new  (only in two.sqlite)`);
    expect(out).toContain(`~ GET ${origin.url}/users`);
  });

  test('a line that is no entry is named', async () => {
    writeFileSync(at('broken.ndjson'), '{}\n');
    const { code, err } = await run('import', 'broken.ndjson', 'new.sqlite');
    expect([code, err]).toEqual([2, 'axios-client-cache: line 1 of broken.ndjson is no entry; 0 were read.\n']);
    expect((await run('export', 'new.sqlite', 'entries.csv')).code).toBe(2);
  });
});

describe('why', () => {
  test.each([
    ['max-age', { 'Cache-Control': 'max-age=600' }, 0, 'fresh for 10m. The response says max-age=600.'],
    ['no-store', { 'Cache-Control': 'no-store' }, 1, 'server: Where the answer may be kept'],
    ['nothing', {}, 1, 'server: Send `Cache-Control: max-age=…`, or an ETag'],
    ['an ETag', { ETag: '"1"' }, 0, 'has to ask each time'],
  ])('an answer with %s', async (_name, headers, code, said) => {
    const server = await startOrigin(() => ({ headers: { 'Content-Type': 'text/plain', ...headers }, body: 'text' }));
    const told = await run('why', `${server.url}/page`);
    const json = await run('why', `${server.url}/page`, '--json');
    expect(server.count()).toBe(2);
    await server.close();
    expect(told.out).toContain(said);
    expect([told.code, json.code]).toEqual([code, code]);
    expect(objectsIn(json.out)[0]).toMatchObject({ status: 200, stored: code === 0 });
  });

  test('sends what --header and --method say', async () => {
    const server = await startOrigin(() => ({ headers: { 'Cache-Control': 'max-age=60' } }));
    await run('why', server.url, '--header', 'X-One: 1', '--header', 'X-Two: 2', '--method', 'head');
    const [request] = server.requests;
    await server.close();
    expect(request?.method).toBe('HEAD');
    expect(request?.headers).toMatchObject({ 'x-one': '1', 'x-two': '2' });
  });

  test('a server that is not there is one line and exit code 2', async () => {
    const { code, out, err } = await run('why', 'http://user:secret@127.0.0.1:1/');
    expect([code, out, err.split('\n').length]).toEqual([2, '', 2]);
    expect(err).not.toContain('secret');
  });
});

describe('faults are one line on stderr, exit code 2 and no stack', () => {
  test.each([
    ['no such file', ['ls', 'nothing.sqlite'], 'there is no nothing.sqlite.'],
    ['a file that is no cache', ['ls', 'text.sqlite'], 'text.sqlite is no SQLite file.'],
    ['a folder that is no cache', ['ls', '.'], '. holds no cache.'],
    ['a broken HAR file', ['ls', 'broken.har'], 'broken.har is no HAR file'],
    ['another protocol', ['ls', 'ftp://user:pass@host/'], 'ftp://***@host/ is no storage'],
    ['a module without a cache', ['ls', 'module.mjs'], 'exports no axios instance with a cache'],
    ['an unknown command', ['list'], 'there is no command list'],
    ['an unknown option', ['ls', '--what'], 'Unknown option'],
    ['a missing argument', ['show'], 'missing required args'],
    ['purge without a condition', ['purge', 'cache.sqlite'], 'purge takes --all, or conditions'],
    ['an order that is none', ['ls', 'cache.sqlite', '--sort', 'name'], '--sort takes'],
    ['no cache in the usual places', [], 'no cache in the usual places'],
  ])('%s', async (_name, args, message) => {
    writeFileSync(at('text.sqlite'), 'this is text');
    writeFileSync(at('broken.har'), '{');
    writeFileSync(at('module.mjs'), 'export default {};');
    if (args.includes('cache.sqlite')) await fill(new SqliteStorage(at('cache.sqlite')), ['/users']);
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(at('text.sqlite'), 'utf8')).toBe('this is text');
  });
});

test('a module that exports an instance is a storage too', async () => {
  const cache = `{ storage: { entries: async function* () {}, close() {} }, close() {} }`;
  writeFileSync(at('http.mjs'), `export const http = { cache: ${cache} };`);
  expect(await run('stats', 'http.mjs')).toMatchObject({ code: 1, out: 'http.mjs: 0 entries, 0 B\n', err: '' });
});

test('stats --watch counts again and again, until it is interrupted', async () => {
  await fill(new SqliteStorage(at('cache.sqlite')), ['/users']);
  const { lines, end } = start(folder, 'stats', 'cache.sqlite', '--watch', '0.05', '--json');
  const next = async () => JSON.parse((await lines.next()).value ?? '{}') as Record<string, unknown>;
  expect(await next()).toMatchObject({ entries: 1, bytes: 16 });
  await fill(new SqliteStorage(at('cache.sqlite')), ['/large']);
  let last = await next();
  while (last['entries'] !== 2) last = await next();
  expect(last).toMatchObject({ entries: 2, bytes: 20_016 });
  expect(await end('SIGINT')).toBe(0);
  for (const wrong of ['0', 'often', '-1']) {
    expect(await run('stats', 'cache.sqlite', `--watch=${wrong}`)).toMatchObject({ code: 2, out: '' });
  }
});

test('stats --watch draws in the place of what it drew before on a terminal', async () => {
  await fill(new SqliteStorage(at('cache.sqlite')), ['/users']);
  const command = `stty cols 60 rows 12; timeout -s INT 3 ${process.execPath} ${program} stats cache.sqlite --watch 0.05`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder, encoding: 'utf8' });
  const drawn = stdout.split('\u001b[H').slice(1);
  expect(drawn.length).toBeGreaterThan(1);
  for (const each of drawn) expect(each).toContain('cache.sqlite: 1 entry, 16 B');
  expect(Math.max(...drawn.map((each) => each.split('\n').length))).toBeLessThanOrEqual(12);
});

test('without a storage the caches in the usual places are listed', async () => {
  await fill(new SqliteStorage(at('http-cache.sqlite')));
  expect(await run()).toMatchObject({ code: 0, out: 'http-cache.sqlite\n' });
  expect(await run('ls')).toMatchObject({ code: 0, out: 'http-cache.sqlite\n' });
});

test('verify finds damage', async () => {
  const folderCache = new FilesystemStorage(at('cache-folder'));
  await fill(folderCache);
  const files = execFileSync('find', [at('cache-folder'), '-size', '+15k', '-type', 'f'], { encoding: 'utf8' });
  for (const file of files.trim().split('\n')) writeFileSync(file, 'damaged');
  const { code, out } = await run('verify', 'cache-folder');
  expect(code).toBe(1);
  expect(out).toContain('1 damaged');
});

test('colours and cut lines on a terminal alone', async () => {
  await fill(new SqliteStorage(at('cache.sqlite')));
  expect((await run('ls', 'cache.sqlite')).out).not.toContain('\u001b[');
  const command = `stty cols 60; ${process.execPath} ${program} ls cache.sqlite`;
  const seen = execFileSync('script', ['-qec', command, '/dev/null'], {
    cwd: folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: undefined, TERM: 'xterm' },
  });
  expect(seen).toContain('\u001b[');
  // eslint-disable-next-line no-control-regex -- Colours alone are taken out.
  const lines = seen.replace(/\u001b\[\d+m|\r/g, '').split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});

describe.each<[ServiceName, (options: { url: string; namespace: string }) => CacheStorage]>([
  ['redis', (options) => new RedisStorage(options)],
  ['mongo', (options) => new MongoStorage(options)],
])('servers', (service, open) => describeService(service, (engine) => {
  test('ls, show, verify, copy and purge by the URL of the server', async () => {
    const { url } = engine();
    const namespace = `cli-${process.pid}`;
    await fill(open({ url, namespace }));
    const namespaced = (...args: string[]) => run(...args, '--namespace', namespace);
    expect((await namespaced('show', url, `${origin.url}/users`)).out).toContain('"name": "Ada"');
    expect((await namespaced('verify', url)).out).toMatch(/^3 entries of .* read whole, 0 damaged$/m);
    expect((await namespaced('copy', url, 'copied.sqlite')).out).toMatch(/^3 entries copied from /);
    expect((await namespaced('copy', 'copied.sqlite', url)).out).toContain('left: 3 entries that the other storage');
    expect(objectsIn((await namespaced('ls', url, '--json')).out)).toHaveLength(3);
    expect((await namespaced('purge', url, '--all', '--yes')).out).toBe('3 entries deleted\n');
  });
}));
