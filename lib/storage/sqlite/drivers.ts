/** Which package reaches SQLite: the one asked for, else `sqlite3` where it is installed, else `node:sqlite`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CacheError } from '../../api/errors.js';
import {
  type CallbackDatabase,
  type CallbackPackage,
  openCallbackDatabase,
  useCallbackDatabase,
} from './callback-driver.js';
import type { SqliteDatabase, SqliteDriver, SqliteDriverName } from './database.js';
import { type DirectDatabase, type DirectPackage, openDirectDatabase, useDirectDatabase } from './direct-driver.js';

/** How to load each, in the order of preference; `undefined`: it is not there. */
const LOADERS: Readonly<Record<SqliteDriverName, () => SqliteDriver | undefined>> = {
  sqlite3: () => {
    const loaded = requirePackage('sqlite3') as CallbackPackage | undefined;
    return loaded && { open: (path) => openCallbackDatabase(loaded, path) };
  },
  'node:sqlite': () => {
    const loaded = (process as Partial<NodeJS.Process>).getBuiltinModule?.('node:sqlite') as DirectPackage | undefined;
    return loaded && { open: (path) => openDirectDatabase(loaded, path) };
  },
};

export const DRIVER_NAMES = Object.keys(LOADERS) as readonly SqliteDriverName[];

export const REMEDY = 'Run "npm install sqlite3", or use Node 22.13 or newer, which has node:sqlite.';

/**
 * Loads a driver at once, so that a missing one is known before the first request.
 * @throws CacheError `ERR_CACHE_DRIVER` that says what to install.
 */
export function loadDriver(wanted: SqliteDriverName | undefined): SqliteDriver {
  const names = wanted === undefined ? DRIVER_NAMES : [wanted];
  let unloadable: { readonly cause?: unknown } = {};
  for (const name of names) {
    try {
      const driver = LOADERS[name]();
      if (driver !== undefined) return driver;
    } catch (cause) {
      unloadable = { cause };
    }
  }
  // It is there and does not load: most often its install script did not run.
  const hint = 'cause' in unloadable ? ' (sqlite3 is installed but does not load; "npm rebuild sqlite3" may help)' : '';
  const message = `SqliteStorage found no ${names.join(' and no ')} to use${hint}. ${REMEDY}`;
  throw new CacheError('ERR_CACHE_DRIVER', message, unloadable);
}

/** As this package resolves it, and where it is linked from elsewhere, as the program does. */
function requirePackage(name: string): unknown {
  for (const from of [ownFile(), programFile()]) {
    const load = createRequire(from);
    if (canResolve(load, name)) return load(name);
  }
  return undefined;
}

function canResolve(require: NodeJS.Require, name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Any name in the folder where the program was started. */
const programFile = (): string => join(process.cwd(), 'program.js');

/** Where this code is, whether it runs as an ES module, as CommonJS or in a bundle: as V8 names the function's file. */
function ownFile(): string {
  const traces = Error as { prepareStackTrace?: unknown };
  const { prepareStackTrace } = traces;
  try {
    traces.prepareStackTrace = (_error: Error, sites: unknown) => sites;
    const [site] = new Error().stack as unknown as readonly NodeJS.CallSite[];
    return site?.getFileName() ?? programFile();
  } finally {
    traces.prepareStackTrace = prepareStackTrace;
  }
}

/** A row a kind of database that a user may pass; the first whose methods are all there. */
const SHAPES: readonly (readonly [methods: readonly string[], use: (database: object) => SqliteDatabase])[] = [
  [
    // Only sqlite3 has `all` on the database itself.
    ['prepare', 'exec', 'all', 'parallelize'],
    (database) => useCallbackDatabase(database as CallbackDatabase, { closes: false }),
  ],
  [['prepare', 'exec', 'close'], (database) => useDirectDatabase(database as DirectDatabase, { closes: false })],
];

/** A database that the user opened and closes; `undefined`: not one of the three kinds. */
export function adoptDatabase(database: object): SqliteDatabase | undefined {
  const has = (name: string): boolean => typeof (database as Readonly<Record<string, unknown>>)[name] === 'function';
  // The package "sqlite" looks like sqlite3, which it wraps, but never calls back.
  if (has('getDatabaseInstance')) return undefined;
  return SHAPES.find(([methods]) => methods.every(has))?.[1](database);
}
