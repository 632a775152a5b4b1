/** SQLite by each of its drivers: the storage against one SELECT and one INSERT, and against axios alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setupCache } from 'axios-client-cache';
import { SqliteStorage, type SqliteDriverName } from 'axios-client-cache/sqlite';
import { Absent } from '../candidates/candidate.js';
import { axiosHit, instanceOverOrigin } from './on-axios.js';
import { rawHit, rawMiss, rawSet, type RawStore } from './on-raw.js';
import { hitOn, missOn, setOn } from './on-storage.js';
import { atMost, type Group, inBothModes, type OpenGroup, OURS } from './scenario.js';
import { driverVersion } from './versions.js';

const TITLE = 'SqliteStorage';
const SELECT = 'SELECT body FROM raw WHERE key = ?';
const WRITE = 'INSERT OR REPLACE INTO raw (key, body) VALUES (?, ?)';
/** The settings with which the storage opens a file: they decide what a write costs. */
const SETTINGS = ['PRAGMA journal_mode = WAL', 'PRAGMA synchronous = NORMAL'];
const TABLE = 'CREATE TABLE raw (key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID';

interface Row {
  readonly body: Uint8Array;
}

interface OpenStore extends RawStore {
  readonly version: string;
  readonly close: () => Promise<void>;
}

/** The part of sqlite3 that is used, which has no types of its own. */
interface Sqlite3 {
  readonly Database: new (path: string) => {
    run(sql: string, done: (error: Error | null) => void): void;
    prepare(sql: string): {
      get(key: string, done: (error: Error | null, row: Row | undefined) => void): void;
      run(key: string, body: Buffer, done: (error: Error | null) => void): void;
      finalize(done: () => void): void;
    };
    close(done: (error: Error | null) => void): void;
  };
}

/** The part of node:sqlite that is used, which has types only on newer versions of Node. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => {
    exec(sql: string): void;
    prepare(sql: string): { get(key: string): Row | undefined; run(key: string, body: Buffer): unknown };
    close(): void;
  };
}

type Done<T> = (error: Error | null, value?: T) => void;

const promised = <T>(call: (done: Done<T>) => void): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null) resolve(value);
      else reject(error);
    });
  });

async function openSqlite3(path: string): Promise<OpenStore> {
  const { Database } = createRequire(import.meta.url)('sqlite3') as Sqlite3;
  const database = new Database(path);
  for (const sql of [...SETTINGS, TABLE]) await promised((done) => { database.run(sql, done); });
  const [select, write] = [database.prepare(SELECT), database.prepare(WRITE)];
  return {
    version: `sqlite3 ${driverVersion('sqlite3')}`,
    read: async (key) => (await promised<Row>((done) => { select.get(key, done); }))?.body,
    write: (key, body) => promised((done) => { write.run(key, body, done); }),
    close: async () => {
      for (const each of [select, write]) await promised((done) => { each.finalize(() => { done(null); }); });
      await promised((done) => { database.close(done); });
    },
  };
}

function openNodeSqlite(path: string): OpenStore {
  const { DatabaseSync } = loadNodeSqlite();
  const database = new DatabaseSync(path);
  for (const sql of [...SETTINGS, TABLE]) database.exec(sql);
  const [select, write] = [database.prepare(SELECT), database.prepare(WRITE)];
  return {
    version: `node:sqlite of Node ${process.version}`,
    read: async (key) => select.get(key)?.body,
    write: async (key, body) => write.run(key, body),
    close: async () => { database.close(); },
  };
}

function loadNodeSqlite(): NodeSqlite {
  const loaded = process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite | undefined;
  if (loaded === undefined) throw new Absent(`node:sqlite is not in Node ${process.version}`);
  return loaded;
}

const groupOf = (
  name: string,
  driver: SqliteDriverName,
  openRaw: (path: string) => OpenStore | Promise<OpenStore>,
  bound: number,
): Group => ({
  name,
  title: `SQLite by ${driver}`,
  about:
    'The driver does one `SELECT` or one `INSERT` of a row that has the body, by its key. Through axios the storage ' +
    'is compared with axios alone, whose adapter answers the same text at once.',
  open: async (): Promise<OpenGroup> => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-sqlite-'));
    const raw = await openRaw(join(folder, 'raw.sqlite'));
    const storage = new SqliteStorage({ path: join(folder, 'cache.sqlite'), driver, maxBytes: Infinity });
    const cached = setupCache(instanceOverOrigin(), { storage });
    return {
      engine: raw.version,
      close: async () => {
        await cached.cache.close();
        await raw.close();
        rmSync(folder, { recursive: true, force: true });
      },
      scenarios: [
        ...inBothModes(`${name}-hit`, 'A hit in SQLite', [await rawHit('SELECT', raw), await hitOn(TITLE, storage)]),
        ...inBothModes(`${name}-set`, 'A write to SQLite', [rawSet('INSERT', raw), setOn(TITLE, storage)]),
        ...inBothModes(`${name}-miss`, 'A miss in SQLite', [
          rawMiss('SELECT, then INSERT', raw),
          missOn(TITLE, storage),
        ]),
        ...inBothModes(
          `${name}-axios-hit`,
          'A hit in SQLite through axios',
          [
            await axiosHit('axios', 'axios, no cache', instanceOverOrigin()),
            await axiosHit(OURS, 'axios-client-cache, SqliteStorage', cached),
          ],
          atMost('processor', bound),
        ),
      ],
    };
  },
});

export const sqlite3 = groupOf('sqlite3', 'sqlite3', openSqlite3, 1.9);
export const nodeSqlite = groupOf('node-sqlite', 'node:sqlite', openNodeSqlite, 1.2);
