/** The direction of imports in lib/, as rules over the graph that the sources spell out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

interface Import {
  readonly from: string;
  /** A file of lib/ such as `rfc9111/model.ts`, or a package. */
  readonly to: string;
  readonly typeOnly: boolean;
}
interface Rule {
  readonly name: string;
  /** The files the rule speaks of. */
  readonly files: RegExp;
  /** What they may import at run time and as types; what matches neither is a violation. */
  readonly imports: RegExp;
  readonly types?: RegExp;
}

const ANYTHING = /^/;
const RULES: readonly Rule[] = [
  { name: 'rfc9111/ imports only itself', files: /^rfc9111\//, imports: /^rfc9111\// },
  { name: 'errors.ts is a leaf', files: /^errors\.ts$/, imports: /^$/ },
  {
    name: 'the platform helpers are leaves',
    files: /^(bytes|digest|memo|platform)\.ts$/,
    imports: /^((bytes|memo|platform|errors)\.ts|@noble\/hashes\/.*)$/,
  },
  {
    name: 'storages know storages, errors, platform helpers, durations, packages and the types of model and options',
    files: /^storage\//,
    imports: /^(storage\/.*|(errors|option-errors|expiration|bytes|digest|memo|platform)\.ts|(?!axios$)[^.]*|node:.*)$/,
    types: /^(rfc9111\/model|option-types)\.ts$/,
  },
  {
    name: 'only the shell imports axios',
    files: /^(?!axios\/|(index|setup-cache|option-types|manager)\.ts$)/,
    imports: /^(?!axios$)/,
  },
  {
    name: 'option types and manager know the types of axios that their signatures name',
    files: /^(option-types|manager)\.ts$/,
    imports: /^(?!axios$)/,
    types: /^axios$/,
  },
  { name: 'nothing imports index.ts', files: ANYTHING, imports: /^(?!index\.ts$)/ },
];

/** What loading an entry must not load, however far down. */
const NOT_IN_MAIN = /^node:|^(sqlite3|redis|mongoose)(\/|$)|^@aws-sdk\//;
const NOT_IN_ENGINE = /^axios(\/|$)|^(index|setup-cache|manager|option-types|options)\.ts$/;

const root = join(__dirname, '..');
const lib = join(root, 'lib');
const entries = JSON.parse(readFileSync(join(root, 'rollup.entries.json'), 'utf8')) as Record<string, string>;
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

function importsOfLib(): Import[] {
  if (!existsSync(lib)) return [];
  const paths = readdirSync(lib, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  return paths
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => importsIn(path, readFileSync(join(lib, path), 'utf8')));
}

function violations(graph: readonly Import[], rules: readonly Rule[] = RULES): string[] {
  return rules.flatMap(({ name, files, imports, types }) =>
    graph
      .filter(({ from, to, typeOnly }) => files.test(from) && !imports.test(to) && !(typeOnly && types?.test(to)))
      .map(({ from, to }) => `${from} -> ${to}: ${name}`),
  );
}

/** Everything that loading `entry` loads. */
function reached(graph: readonly Import[], entry: string, seen = new Set<string>()): Set<string> {
  for (const { from, to, typeOnly } of graph) {
    if (from !== entry || typeOnly || seen.has(to)) continue;
    seen.add(to);
    reached(graph, to, seen);
  }
  return seen;
}

function reachedMatching(graph: readonly Import[], entry: string, forbidden: RegExp): string[] {
  return [...reached(graph, entry)].filter((name) => forbidden.test(name));
}

describe('lib/', () => {
  const graph = importsOfLib();

  test.each(RULES.map((rule) => [rule.name, rule] as const))('%s', (_name, rule) => {
    expect(violations(graph, [rule])).toEqual([]);
  });

  test('the main entry reaches no node: module, no driver and no other entry', () => {
    expect(reachedMatching(graph, 'index.ts', NOT_IN_MAIN)).toEqual([]);
    expect([...reached(graph, 'index.ts')].filter((name) => otherEntries.includes(name))).toEqual([]);
  });

  test('the engine reaches neither axios nor what stands above it', () => {
    expect(reachedMatching(graph, 'engine.ts', NOT_IN_ENGINE)).toEqual([]);
  });
});

describe('the rules catch', () => {
  test.each([
    ['rfc9111/vary.ts', "import { CacheError } from '../errors.js';"],
    ['rfc9111/vary.ts', "import type { AxiosHeaders } from 'axios';"],
    ['errors.ts', "import { now } from './platform.js';"],
    ['digest.ts', "import { decideReuse } from './rfc9111/decide-reuse.js';"],
    ['storage/redis.ts', "import { decideReuse } from '../rfc9111/decide-reuse.js';"],
    ['storage/redis.ts', "import { isExpired } from '../rfc9111/model.js';"],
    ['storage/redis.ts', "import { handle } from '../engine.js';"],
    ['storage/redis.ts', "import axios from 'axios';"],
    ['engine.ts', "import type { AxiosRequestConfig } from 'axios';"],
    ['manager.ts', "import { isAxiosError } from 'axios';"],
    ['manager.ts', "const { default: axios } = await import('axios');"],
    ['manager.ts', "export { setupCache } from './index.js';"],
  ])('%s: %s', (from, source) => {
    expect(violations(importsIn(from, source))).not.toEqual([]);
  });

  test.each([
    ['rfc9111/vary.ts', "import { fieldNames } from './fields.js';"],
    ['digest.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['storage/redis.ts', "import type { StoredResponse } from '../rfc9111/model.js';"],
    ['storage/redis.ts', "const { createClient } = await import('redis');"],
    ['storage/filesystem.ts', "import { open } from 'node:fs/promises';\nimport { CacheError } from '../errors.js';"],
    ['axios/types.ts', "import type { CacheInfo } from '../cache-info.js';\ndeclare module 'axios' { interface A {} }"],
    ['manager.ts', "import type { AxiosInstance } from './axios/types.js';"],
    ['setup-cache.ts', "import axios, { type AxiosInstance } from 'axios';"],
  ])('but allow %s: %s', (from, source) => {
    expect(violations(importsIn(from, source))).toEqual([]);
  });

  test('what is reached through others, but not through a type', () => {
    const graph = [
      ...importsIn('index.ts', "export { setupCache } from './setup-cache.js';"),
      ...importsIn('setup-cache.ts', "import { SqliteStorage } from './storage/sqlite.js';"),
      ...importsIn('setup-cache.ts', "import type { RedisStorage } from './storage/redis.js';"),
      ...importsIn('storage/sqlite.ts', "import { join } from 'node:path';\nvoid import('sqlite3');"),
      ...importsIn('storage/redis.ts', "import { createClient } from 'redis';"),
      ...importsIn('engine.ts', "import { respond } from './respond.js';\nimport type { A } from './axios/types.js';"),
      ...importsIn('respond.ts', "import { settle } from './axios/settle.js';"),
    ];
    expect(reachedMatching(graph, 'index.ts', NOT_IN_MAIN)).toEqual(['node:path', 'sqlite3']);
    expect(reached(graph, 'index.ts')).toContain('storage/sqlite.ts');
    expect(reached(graph, 'index.ts')).not.toContain('storage/redis.ts');
    expect(reachedMatching(graph, 'engine.ts', NOT_IN_ENGINE)).toEqual(['axios/settle.ts']);
  });
});
