/** The direction of imports in lib/: a list of folders, each above what it may use, for code and types alike. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { root } from './support/root.js';

interface Import {
  readonly from: string;
  /** A file of lib/ such as `rfc9111/model.ts`, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}

/**
 * A folder and its rooms, from the top down. A room imports itself and the floors below its own, never a room on the
 * same floor. A file that stands in no other room of its folder is in the room of its own name.
 */
type Floors = readonly (readonly string[])[];

const HOUSE: Floors = [
  ['cli'],
  [
    'index', 'sqlite', 'redis', 'mongo', 'filesystem', 'dynamo', 'tiered', 'indexeddb', 'storage-contract', 'devtools',
    'otel', 'testing', 'migrate',
  ],
  ['setup-cache'],
  ['axios'],
  ['manager'],
  ['session'],
  ['engine'],
  ['storage'],
  ['options', 'entries', 'events'],
  ['api'],
  ['rfc9111', 'support'],
];
const ROOMS: Readonly<Record<string, Floors>> = {
  'axios/': [
    ['install'],
    ['adapter'],
    ['manage', 'trace'],
    ['send'],
    ['redirects', 'respond'],
    ['request'],
    ['native'],
  ],
  'engine/': [
    ['engine'],
    ['expire', 'fetch', 'foresee', 'refresh', 'seed', 'update'],
    ['sharing'],
    ['storing'],
    ['invalidation'],
    ['reading', 'flights'],
    ['exchange'],
  ],
  'storage/': [
    ['sqlite', 'memory', 'contract', 'key-value', 'redis', 'mongo', 'filesystem', 'dynamo', 'tiered', 'indexeddb'],
    ['calls'],
    ['reports'],
    ['record', 'guard', 'sweep', 'seen-fences'],
    ['circuit', 'entry-shape', 'closed', 'repeated'],
  ],
};

/** What loading the main entry must not load, however far down. */
const NOT_IN_MAIN = /^node:|^(sqlite3|redis|mongoose)(\/|$)|^@(aws-sdk|opentelemetry)\//;
/** What no browser has. OpenTelemetry runs in one. */
const NOT_IN_BROWSERS = /^node:|^(sqlite3|redis|mongoose)(\/|$)|^@aws-sdk\//;
/**
 * Which rooms may import a package at all. One file has the code of axios, so that the package loads where a test has
 * replaced it; `api/` names axios' types in what a user writes.
 */
const PACKAGES: readonly { readonly name: RegExp; readonly in: RegExp; readonly typesIn?: RegExp }[] = [
  {
    name: /^axios$/,
    in: /^axios\/native\/library\.ts$|^cli\//,
    typesIn: /^(api|axios|manager|otel|testing)\/|^(manager|setup-cache)\.ts$/,
  },
  // The command line is a program of its own, which uses the package as others do.
  { name: /^(axios-client-cache(\/\w+)?|cac|cli-table3|picocolors)$/, in: /^cli\// },
  { name: /^@opentelemetry\/api$/, in: /^otel\// },
  { name: /^lru-cache$/, in: /^storage\/memory\// },
  { name: /^node:/, in: /^storage\/(sqlite|filesystem|dynamo|redis|mongo)\/|^(testing|cli)\// },
  { name: /^sqlite3$/, in: /^storage\/sqlite\// },
  { name: /^redis$/, in: /^storage\/redis\// },
  { name: /^mongoose$/, in: /^storage\/mongo\// },
  { name: /^@aws-sdk\/client-dynamodb$/, in: /^storage\/dynamo\// },
];

const lib = join(root, 'lib');
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
const entries = readJson('rollup.entries.json') as Record<string, string>;
const { exports: subpaths } = readJson('package.json') as { exports: Record<string, object> };
const otherEntries = Object.values(entries)
  .map((path) => path.replace(/^lib\//, ''))
  .filter((path) => path !== 'index.ts');

/** `verbatimModuleSyntax` keeps every import but `import type` and `export type`, so the statement's head decides. */
function importsIn(from: string, source: string): Import[] {
  return ts.preProcessFile(source).importedFiles.map(({ fileName, pos }) => {
    const statement = source.slice(0, pos).split(/\b(?=(?:import|export|declare)\b)/).at(-1) ?? '';
    return {
      from,
      to: fileName.startsWith('.') ? posix.join(posix.dirname(from), fileName.replace(/\.js$/, '.ts')) : fileName,
      typeOnly: /^((import|export)\s+type|declare)\s/.test(statement),
    };
  });
}

const filesOfLib = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'));
const graph = filesOfLib.flatMap((path) => importsIn(path, readFileSync(join(lib, path), 'utf8')));

const roomOf = (path: string): string => path.replace(/\.ts$/, '').split('/')[0] ?? '';

/** Imports between the rooms of one folder that do not run downwards. */
function upwards(imports: readonly Import[], folder: string, floors: Floors): string[] {
  const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));
  return imports.flatMap(({ from, to }) => {
    if (!from.startsWith(folder) || !to.startsWith(folder) || !to.endsWith('.ts')) return [];
    const [above, below] = [roomOf(from.slice(folder.length)), roomOf(to.slice(folder.length))];
    const unlisted = [above, below].filter((room) => floorOf(room) === -1);
    if (unlisted.length > 0) return `${from} -> ${to}: no floor is listed for ${unlisted.join(' and ')}`;
    if (above === below || floorOf(above) < floorOf(below)) return [];
    return `${from} -> ${to}: ${below} is not below ${above}`;
  });
}

function strangers(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    if (to.endsWith('.ts')) return [];
    const rule = PACKAGES.find(({ name }) => name.test(to));
    const known = rule !== undefined && (rule.in.test(from) || (typeOnly && rule.typesIn?.test(from) === true));
    return known ? [] : `${from} -> ${to}: this package is not for this room`;
  });
}

/** A circle of files, types included, as the path that closes it. */
function circle(imports: readonly Import[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const each of next.get(file) ?? []) {
      const found = walk(each, [...path, file]);
      if (found !== undefined) return found;
    }
    done.add(file);
    return undefined;
  };
  return [...next.keys()].map((file) => walk(file, [])).find((found) => found !== undefined);
}

/** Everything that loading `entry` loads. */
function reached(imports: readonly Import[], entry: string, seen = new Set<string>()): Set<string> {
  for (const { from, to, typeOnly } of imports) {
    if (from !== entry || typeOnly || seen.has(to)) continue;
    seen.add(to);
    reached(imports, to, seen);
  }
  return seen;
}

function reachedMatching(imports: readonly Import[], entry: string, forbidden: RegExp): string[] {
  return [...reached(imports, entry)].filter((name) => forbidden.test(name));
}

describe('lib/', () => {
  test.each([['', HOUSE] as const, ...Object.entries(ROOMS)])('imports in lib/%s run downwards', (folder, floors) => {
    expect(upwards(graph, folder, floors)).toEqual([]);
  });

  test('no file is in a circle, types included', () => {
    expect(circle(graph)).toBeUndefined();
  });

  test('a package is imported where it belongs', () => {
    expect(strangers(graph)).toEqual([]);
  });

  test('rfc9111/ imports only itself', () => {
    expect(graph.filter(({ from, to }) => from.startsWith('rfc9111/') && !to.startsWith('rfc9111/'))).toEqual([]);
  });

  test('besides the entries at most six files lie flat', () => {
    const flat = filesOfLib.filter((path) => !path.includes('/') && !otherEntries.includes(path));
    expect(flat.length).toBeLessThanOrEqual(6);
  });

  test('the main entry reaches no node: module, no driver and no other entry', () => {
    expect(reachedMatching(graph, 'index.ts', NOT_IN_MAIN)).toEqual([]);
    expect([...reached(graph, 'index.ts')].filter((name) => otherEntries.includes(name))).toEqual([]);
  });

  test.each(otherEntries)('%s has a form of its own for Node where it reaches a node: module or a driver', (file) => {
    const needsNode = reachedMatching(graph, file, NOT_IN_BROWSERS).length > 0;
    expect('node' in (subpaths[`./${file.replace('.ts', '')}`] ?? {})).toBe(needsNode);
  });
});

describe('the rules catch', () => {
  test.each([
    ['rfc9111/vary.ts', "import { CacheError } from '../api/errors.js';"],
    ['support/digest.ts', "import { decideReuse } from '../rfc9111/decide-reuse.js';"],
    ['api/errors.ts', "import { makeEntry } from '../entries/entry.js';"],
    ['options/policy.ts', "import type { Entry } from '../entries/entry.js';"],
    ['storage/redis/redis.ts', "import type { Engine } from '../../engine/engine.js';"],
    ['manager.ts', "export { setupCache } from './index.js';"],
    ['engine/engine.ts', "import { resolve } from '../axios/adapter.js';"],
    ['unheard-of/file.ts', "import type { CacheError } from '../api/errors.js';"],
  ])('an import that runs upwards: %s: %s', (from, source) => {
    expect(upwards(importsIn(from, source), '', HOUSE)).not.toEqual([]);
  });

  test.each([
    ['engine/', 'engine/exchange/answer.ts', "import type { Trail } from '../flights/trail.js';"],
    ['engine/', 'engine/flights/flights.ts', "import { lookUp } from '../reading/look-up.js';"],
    ['axios/', 'axios/native/headers.ts', "import { respond } from '../respond/respond.js';"],
    ['storage/', 'storage/guard.ts', "import { MemoryStorage } from './memory/memory.js';"],
  ])('one between the rooms of %s %s: %s', (folder, from, source) => {
    expect(upwards(importsIn(from, source), folder, ROOMS[folder] ?? [])).not.toEqual([]);
  });

  test.each([
    ['rfc9111/vary.ts', "import type { AxiosHeaders } from 'axios';"],
    ['engine/engine.ts', "import type { AxiosRequestConfig } from 'axios';"],
    ['manager.ts', "import { isAxiosError } from 'axios';"],
    ['manager.ts', "const { default: axios } = await import('axios');"],
    ['axios/native/headers.ts', "import { AxiosHeaders } from 'axios';"],
    ['axios/adapter.ts', "import { readFile } from 'node:fs/promises';"],
    ['support/memo.ts', "import { something } from 'a-package-nobody-listed';"],
  ])('a package out of place: %s: %s', (from, source) => {
    expect(strangers(importsIn(from, source))).not.toEqual([]);
  });

  test.each([
    ['axios/redirects/follow.ts', "import { canonicalUrl } from '../request/url.js';"],
    ['engine/storing/store.ts', "import type { CacheEvent } from '../../api/events.js';"],
    ['storage/sqlite/file.ts', "import { open } from 'node:fs/promises';"],
    ['api/instance.ts', "import type { CacheInfo } from './response.js';\ndeclare module 'axios' { interface A {} }"],
    ['setup-cache.ts', "import type { AxiosInstance } from 'axios';"],
    ['axios/native/library.ts', "import * as library from 'axios';"],
  ])('but allow %s: %s', (from, source) => {
    const imports = importsIn(from, source);
    const inRooms = Object.entries(ROOMS).flatMap(([folder, floors]) => upwards(imports, folder, floors));
    expect([...upwards(imports, '', HOUSE), ...inRooms, ...strangers(imports)]).toEqual([]);
  });

  test('a circle that only types close', () => {
    const imports = [
      ...importsIn('options/a.ts', "import { b } from './b.js';"),
      ...importsIn('options/b.ts', "import { c } from './c.js';\nimport { d } from './d.js';"),
      ...importsIn('options/d.ts', "import type { A } from './a.js';"),
    ];
    expect(circle(imports)).toEqual(['options/a.ts', 'options/b.ts', 'options/d.ts', 'options/a.ts']);
    expect(circle(imports.slice(0, 3))).toBeUndefined();
  });

  test('what is reached through others, but not through a type', () => {
    const imports = [
      ...importsIn('index.ts', "export { setupCache } from './setup-cache.js';"),
      ...importsIn('setup-cache.ts', "import { SqliteStorage } from './sqlite.js';"),
      ...importsIn('setup-cache.ts', "import type { RedisStorage } from './redis.js';"),
      ...importsIn('sqlite.ts', "import { join } from 'node:path';\nvoid import('sqlite3');"),
      ...importsIn('redis.ts', "import { createClient } from 'redis';"),
    ];
    expect(reachedMatching(imports, 'index.ts', NOT_IN_MAIN)).toEqual(['node:path', 'sqlite3']);
    expect(reached(imports, 'index.ts')).not.toContain('redis.ts');
  });
});
