/** SqliteStorage's constructor, databases that the user opened, and the program around it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import axios from 'axios';
import sqlite3 from 'sqlite3';
import { type CacheEvent, setupCache } from '../../../lib/index.js';
import { FUTURE_MS, sample, samples, setAll } from '../../../lib/storage/contract/rule.js';
import { resolvePath } from '../../../lib/storage/sqlite/file.js';
import { SqliteStorage } from '../../../lib/storage/sqlite/sqlite.js';
import type { SqliteStorageOptions } from '../../../lib/storage/sqlite/options.js';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { having, startCached, told } from '../../support/cached-instance.js';
import { startOrigin } from '../../support/origin.js';
import { DRIVERS, filesBy, found, newPath, openStorage } from '../../support/sqlite.js';
import { describeStorage } from '../contract/describe-storage.js';
import { root } from '../../support/root.js';


interface Thrown {
  readonly code: string;
  readonly option: string | undefined;
  readonly message: string;
}

function thrownBy(options: unknown): Thrown {
  try {
    new SqliteStorage(options as SqliteStorageOptions);
  } catch (error) {
    return error as Thrown;
  }
  throw new Error('nothing was thrown');
}

const METHODS = ['prepare', 'exec', 'all', 'close', 'parallelize'];
const withMethods = (...names: string[]): object => Object.fromEntries(names.map((name) => [name, () => undefined]));

describe('wrong options are errors of the constructor', () => {
  const takes = 'takes a path, or an object with path, database, driver, maxBytes, busyTimeout, namespace, ';

  test.each<[name: string, options: unknown, option: string, message: string]>([
    ['nothing', undefined, 'path', takes],
    ['no path', {}, 'path', 'path must be the path of a file, or ":memory:"; got undefined'],
    ['an empty path', '', 'path', 'got ""'],
    ['a database in the place of the path', new sqlite3.Database(':memory:'), 'path', 'goes into { database }'],
    ['a name that there is not', { path: 'x', file: 'x' }, 'file', `unknown option "file": SqliteStorage ${takes}`],
    ['a bound that this storage has not', { path: ':memory:', maxEntries: 10 }, 'maxEntries', takes],
    ['a short key', { path: ':memory:', signingKeys: ['short'] }, 'signingKeys[0]', '16 characters or more'],
    ['path and database', { path: ':memory:', database: {} }, 'path', 'give path or database, not both'],
    ['a driver for a database', { database: {}, driver: 'sqlite3' }, 'driver', 'a database is open already'],
    ['another driver', { path: 'x', driver: 'bun' }, 'driver', 'sqlite3 or node:sqlite; got "bun"'],
    ['something else as database', { database: withMethods('query') }, 'database', 'no wrapper'],
    ['a wrapper as database', { database: withMethods('getDatabaseInstance', ...METHODS) }, 'database', 'no wrapper'],
    ['a text as database', { database: 'cache.sqlite' }, 'database', 'got "cache.sqlite"'],
    ['an empty namespace', { path: ':memory:', namespace: '' }, 'namespace', 'not empty'],
    ['no room', { path: ':memory:', maxBytes: 0 }, 'maxBytes', 'a whole number of at least 1, or Infinity; got 0'],
    ['room as text', { path: ':memory:', maxBytes: '1 GB' }, 'maxBytes', 'got "1 GB"'],
    ['a wrong duration', { path: ':memory:', busyTimeout: '5 parsecs' }, 'busyTimeout', 'is not a duration'],
    ['a URL with parameters', 'file:cache.sqlite?mode=ro', 'path', 'no parameters'],
    ['a relative URL', 'file:cache.sqlite', 'path', 'must begin with file://'],
  ])('%s', (_name, options, option, message) => {
    expect(thrownBy(options)).toMatchObject({
      code: 'ERR_CACHE_OPTION',
      option,
      message: expect.stringContaining(message) as string,
    });
  });

  test('a path below a file, and a folder, cannot be written: the system says why', () => {
    const file = newPath();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
    for (const [path, reason] of [[join(file, 'cache.sqlite'), 'EEXIST'], [dirname(file), 'it is a folder']] as const) {
      const { code, option, message } = thrownBy(path);
      expect([code, option]).toEqual(['ERR_CACHE_OPTION', 'path']);
      expect(message).toContain(reason);
      expect(message).toContain('Give a path in a folder that this process may write to');
    }
  });

  test('a device is no file', () => {
    const { code, option, message } = thrownBy('/dev/null');
    expect([code, option]).toEqual(['ERR_CACHE_OPTION', 'path']);
    expect(message).toContain('it is no file');
  });

  if (!DRIVERS.includes('node:sqlite')) {
    test('a driver that this Node has not', () => {
      expect(thrownBy({ path: ':memory:', driver: 'node:sqlite' })).toMatchObject({
        code: 'ERR_CACHE_DRIVER',
        message: expect.stringContaining('use Node 22.13 or newer') as string,
      });
    });
  }
});

describe('a path', () => {
  test.each([
    [':memory:', ':memory:'],
    ['/var/cache/http.sqlite', '/var/cache/http.sqlite'],
    ['cache/http.sqlite', join(process.cwd(), 'cache/http.sqlite')],
    ['~/http.sqlite', join(homedir(), 'http.sqlite')],
    ['~user/http.sqlite', join(process.cwd(), '~user/http.sqlite')],
    ['demo_cache', join(process.cwd(), 'demo_cache.sqlite')],
    ['~/demo.cache/http', join(homedir(), 'demo.cache/http.sqlite')],
    ['/var/cache/.http', '/var/cache/.http'],
    [pathToFileURL('/var/a b.sqlite').href, '/var/a b.sqlite'],
    [pathToFileURL('/var/http').href, '/var/http'],
  ])('%s is %s', (path, expected) => {
    expect(resolvePath(path)).toBe(expected);
  });

  test('without a dot is taken as it is where there is such a file, which a former version has made', async () => {
    const bare = newPath().replace(/\.[^./]+$/, '');
    mkdirSync(dirname(bare), { recursive: true });
    writeFileSync(bare, '');
    const storage = new SqliteStorage(bare);
    await storage.set(sample());
    await storage.close();
    expect([existsSync(`${bare}.sqlite`), statSync(bare).size > 0]).toEqual([false, true]);
  });
});

describe.each(DRIVERS)('a database that the user opened with %s', (driver) => {
  interface UserDatabase {
    readonly database: object;
    readonly close: () => Promise<void>;
  }

  async function openDatabase(path: string): Promise<UserDatabase> {
    if (driver === 'sqlite3') {
      const database = new sqlite3.Database(path);
      return { database, close: promisify(database.close.bind(database)) };
    }
    const { DatabaseSync } = process.getBuiltinModule(driver as 'node:fs') as unknown as {
      DatabaseSync: new (path: string, options: object) => { close(): void };
    };
    const database = new DatabaseSync(path, { returnArrays: true, readBigInts: true });
    return { database, close: async () => { database.close(); } };
  }

  let opened: UserDatabase[] = [];
  afterEach(async () => {
    const closing = opened;
    opened = [];
    // Fails where the storage has left a statement behind.
    for (const { close } of closing) await close();
  });

  async function newDatabase(path = ':memory:'): Promise<object> {
    const database = await openDatabase(path);
    opened.push(database);
    return database.database;
  }

  const databases = new WeakMap<CacheStorage, object>();
  const open = (database: object, options: SqliteStorageOptions = {}): SqliteStorage => {
    const storage = new SqliteStorage({ database, ...options });
    databases.set(storage, database);
    return storage;
  };
  const reopen = (storage: CacheStorage): CacheStorage => open(databases.get(storage) ?? {});
  describeStorage(`SQLite in the user's database`, async () => open(await newDatabase()), {
    reopen,
    openOnSameClient: reopen,
    openOtherNamespace: (storage) => open(databases.get(storage) ?? {}, { namespace: 'other' }),
    reopenLimited: (storage) => open(databases.get(storage) ?? {}, { maxBytes: 50_000 }),
  });

  test('keeps its settings and its tables', async () => {
    const path = newPath();
    mkdirSync(dirname(path), { recursive: true });
    const storage = open(await newDatabase(path));
    await storage.set(sample());
    await storage.clear();
    await storage.close();
    const { query } = filesBy(driver);
    expect(await query(path, 'PRAGMA journal_mode')).toEqual([{ journal_mode: 'delete' }]);
    expect(await query(path, 'PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 0 }]);
  });

  test('takes entries within a transaction of the user, who can take them back', async () => {
    const path = newPath();
    mkdirSync(dirname(path), { recursive: true });
    const database = await newDatabase(path);
    const exec = async (sql: string): Promise<void> => {
      if (database instanceof sqlite3.Database) await promisify(database.exec.bind(database))(sql);
      else (database as { exec(sql: string): void }).exec(sql);
    };
    const storage = open(database);
    await found(storage, 'key');
    await exec('BEGIN');
    await setAll(storage, samples(3));
    await exec('ROLLBACK');
    expect(await found(storage, 'key 0')).toEqual([]);
    await storage.close();
  });
});

test('a sqlite3 database that is still being opened is waited for', async () => {
  const database = new sqlite3.Database(':memory:');
  const storage = new SqliteStorage({ database });
  expect(await found(storage, 'key')).toEqual([]);
  await storage.close();
  await promisify(database.close.bind(database))();
});

describe('a storage that can no longer be written', () => {
  /** A database that takes `pages` of 4 kB. */
  async function smallStorage(pages: number): Promise<SqliteStorage> {
    const database = new sqlite3.Database(':memory:');
    await new Promise((resolve) => database.exec(`PRAGMA max_page_count = ${pages}`, resolve));
    return openStorage({ database });
  }
  const failuresIn = (events: readonly CacheEvent[]): string[] =>
    events.flatMap((event) => (event.type === 'storage-error' ? [`${event.operation} ${event.error.code}`] : []));

  test('full: the origin answers, and an event tells', async () => {
    const storage = await smallStorage(30);
    const routes = { '/': { body: 'x'.repeat(500_000) } };
    const { http, origin, events } = await startCached(routes, { storage, expireAfter: '1h' });
    for (const time of [1, 2]) {
      const response = await http.get('/');
      expect(response.data).toHaveLength(500_000);
      expect([response.cached, response.cache.notStored]).toEqual([false, 'storage-error']);
      expect(origin.count()).toBe(time);
    }
    expect(failuresIn(events)).toEqual(['set ERR_CACHE_STORAGE', 'set ERR_CACHE_STORAGE']);
  });

  test('read-only: what it has is served, and the rest comes from the origin', async () => {
    const path = newPath();
    const writable = openStorage({ path, driver: 'sqlite3' });
    const routes = { '/old': { body: 'old' }, '/new': { body: 'new' } };
    const first = await startCached(routes, { storage: writable, expireAfter: '1h' });
    await first.http.get(`${first.origin.url}/old`);
    const database = new sqlite3.Database(path, sqlite3.OPEN_READONLY);
    const second = await startCached(routes, { storage: openStorage({ database }), expireAfter: '1h' });
    expect(told(await second.http.get(`${first.origin.url}/old`))).toBe('hit fresh');
    expect(told(await second.http.get('/new'))).toBe('miss uri-miss');
    expect((await second.http.get('/new')).data).toBe('new');
    expect(failuresIn(second.events)).toEqual(['set ERR_CACHE_STORAGE', 'set ERR_CACHE_STORAGE']);
  });

  test('read-only from now on: what is deleted or changed is no hit any more, though it is still there', async () => {
    const database = new sqlite3.Database(':memory:');
    const execute = (sql: string) => new Promise((resolve) => database.exec(sql, resolve));
    const storage = openStorage({ database });
    const routes = { '/a': { body: 'a' }, '/b': { body: 'b' } };
    const { http, events, clock } = await startCached(routes, { storage, expireAfter: '1h' });
    for (const url of ['/a', '/b']) await http.get(url);
    await execute('PRAGMA query_only = ON');
    await expect(http.cache.delete('/a')).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
    await http.put('/b');
    for (const url of ['/a', '/b']) expect((await http.get(url)).cached).toBe(false);
    expect(failuresIn(events)).toContain('delete ERR_CACHE_STORAGE');
    await execute('PRAGMA query_only = OFF');
    // The storage is left alone for some seconds after five failures.
    clock.advance(10);
    await http.cache.delete('/a');
    expect((await http.get('/a')).cached).toBe(false);
    expect((await http.get('/a')).cached).toBe(true);
  });

  test('full: an invalidation for which there is no room rejects', async () => {
    const storage = await smallStorage(40);
    let refusal: unknown;
    for (let index = 0; index < 1000 && refusal === undefined; index += 1) {
      const resource = `${index}`.padEnd(2000, 'x');
      refusal = await storage.delete({ resource }).then(() => undefined, (error: unknown) => error);
    }
    expect(String(refusal)).toContain('SQLITE_FULL');
  });

  test('damaged: the cache starts afresh, and an event tells', async () => {
    const path = newPath();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'SQLite format 3\0'.padEnd(5000, 'no database'));
    const storage = openStorage(path);
    const { http, events } = await startCached({ '/': { body: 'x' } }, { storage, expireAfter: '1h' });
    expect(told(await http.get('/'))).toBe('miss uri-miss');
    expect(told(await http.get('/'))).toBe('hit fresh');
    expect(failuresIn(events)).toEqual(['meta ERR_CACHE_STORAGE']);
  });
});

test('the next run begins with what the last one stored, each user with their own', async () => {
  const path = newPath();
  const origin = await startOrigin({ '/me': { body: { text: 'me' } } });
  const run = async (token: string): Promise<string> => {
    const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), {
      storage: new SqliteStorage(path),
      expireAfter: '1h',
    });
    const response = await http.get('/me', having({ Authorization: token }));
    await http.cache.close();
    return told(response);
  };
  try {
    expect(await run('Bearer a')).toBe('miss uri-miss');
    expect(await run('Bearer a')).toBe('hit fresh');
    expect(await run('Bearer b')).toBe('miss uri-miss');
    expect(origin.count()).toBe(2);
  } finally {
    await origin.close();
  }
});

describe('a program', () => {
  /** The storage as one file, far from any installed package. */
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-program-'));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  const FORMATS = {
    esm: { bundle: 'sqlite.mjs', program: 'program.mjs', load: "import { SqliteStorage } from './sqlite.mjs';" },
    cjs: { bundle: 'sqlite.cjs', program: 'program.cjs', load: "const { SqliteStorage } = require('./sqlite.cjs');" },
  };

  /** What `code` prints, as JSON. */
  function runProgram(format: keyof typeof FORMATS, code: string, cwd: string): unknown {
    const { bundle, program, load } = FORMATS[format];
    const esbuild = join(root, 'node_modules', 'esbuild', 'bin', 'esbuild');
    const source = join(root, 'lib', 'sqlite.ts');
    const options = ['--bundle', '--platform=node', '--log-level=error', `--format=${format}`];
    execFileSync(process.execPath, [esbuild, source, ...options, `--outfile=${join(folder, bundle)}`]);
    writeFileSync(join(folder, program), `${load}\n${code}`);
    const args = ['--no-warnings', join(folder, program)];
    return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 20_000 }));
  }

  test.each(['esm', 'cjs'] as const)('without a driver (%s): the constructor says what to install', (format) => {
    const code = `
      const outcomes = ['sqlite3', 'node:sqlite', undefined].map((driver) => {
        try { new SqliteStorage({ path: ':memory:', driver }); return 'opened'; }
        catch ({ code, message }) { return code + ': ' + message; }
      });
      console.log(JSON.stringify(outcomes));`;
    const remedy = 'Run "npm install sqlite3", or use Node 22.13 or newer, which has node:sqlite.';
    const missing = (names: string): string =>
      `ERR_CACHE_DRIVER: axios-client-cache: SqliteStorage found no ${names} to use. ${remedy}`;
    const present = DRIVERS.includes('node:sqlite');
    expect(runProgram(format, code, folder)).toEqual([
      missing('sqlite3'),
      present ? 'opened' : missing('node:sqlite'),
      present ? 'opened' : missing('sqlite3 and no node:sqlite'),
    ]);
  });

  test('with a driver that was not built: the constructor says so, or takes the other', () => {
    const broken = join(folder, 'broken', 'node_modules', 'sqlite3');
    mkdirSync(broken, { recursive: true });
    writeFileSync(join(broken, 'index.js'), "throw new Error('Could not locate the bindings file');");
    const code = `
      try { new SqliteStorage(':memory:'); console.log(JSON.stringify('opened')); }
      catch ({ message, cause }) { console.log(JSON.stringify([message, cause.message])); }`;
    const outcome = runProgram('esm', code, join(folder, 'broken'));
    if (DRIVERS.includes('node:sqlite')) expect(outcome).toBe('opened');
    else {
      const message = expect.stringContaining('sqlite3 is installed but does not load') as unknown;
      expect(outcome).toEqual([message, 'Could not locate the bindings file']);
    }
  });

  test.each(DRIVERS)('survives that its file is cut off in use, and begins anew (%s)', (driver) => {
    const code = `
      const { truncateSync } = await import('node:fs');
      const options = { path: ${JSON.stringify(newPath())}, driver: '${driver}' };
      const sample = ${JSON.stringify(sample({ purgeAtMs: FUTURE_MS }))};
      const entry = { ...sample, body: new Uint8Array(100_000) };
      let storage = new SqliteStorage(options);
      await storage.set(entry);
      await storage.close();
      storage = new SqliteStorage(options);
      await storage.meta('a', () => 'a');
      truncateSync(options.path, 4096);
      const read = async () => (await storage.get(entry.key, { resource: entry.resource, tags: [] })).entries;
      const cut = await read();
      await storage.set(entry);
      console.log(JSON.stringify([cut.length, (await read()).length]));
      await storage.close();`;
    expect(runProgram('esm', code, root)).toEqual([0, 1]);
  });

  test.each(['esm', 'cjs'] as const)('ends by itself (%s) with a storage left open, and has lost nothing', (format) => {
    const path = newPath();
    const code = `
      const storage = new SqliteStorage(${JSON.stringify(path)});
      const sample = ${JSON.stringify(sample({ purgeAtMs: FUTURE_MS }))};
      const body = new Uint8Array(3);
      Promise.all(Array.from({ length: 50 }, (_, index) => storage.set({ ...sample, key: 'key ' + index, body })))
        .then(() => storage.get('key 7', { resource: 'resource', tags: [] }))
        .then(({ entries }) => console.log(JSON.stringify(entries.length)));`;
    expect(runProgram(format, code, root)).toBe(1);
    const listed = filesBy('sqlite3').query(path, 'SELECT count(*) AS count FROM axios_cache_v3_entries');
    return expect(listed).resolves.toEqual([{ count: 50 }]);
  });
});
