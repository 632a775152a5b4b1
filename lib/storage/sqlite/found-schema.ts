/** Whether the tables in a file are those of SqliteStorage, and nothing that only bears their names. */
import type { SqliteRow } from './database.js';
import { OBJECTS, OWNERS } from './schema.js';

/**
 * What former versions had; what depends on others comes first. Nothing else is ever dropped, as what only resembles
 * these names is somebody else's.
 */
const FORMER = [1, 2].flatMap((version) => [
  ['view', `axios_cache_v${version}_whole`], ['table', `axios_cache_v${version}_entries`],
  ['table', `axios_cache_v${version}_bodies`], ['table', `axios_cache_v${version}_tags`],
  ['table', `axios_cache_v${version}_meta`],
] as const);
const FORMER_NAMES: ReadonlySet<string> = new Set(FORMER.map(([, name]) => name));

/** The text of each object of ours, by its name: the third word of the text. */
const EXPECTED: ReadonlyMap<string, string> = new Map(OBJECTS.map((sql) => [sql.split(' ', 3)[2] ?? '', sql]));

/** What was found in a file. */
export interface FoundSchema {
  readonly isEmpty: boolean;
  /** Everything of ours is there. */
  readonly isWhole: boolean;
  /** What is called as an object of ours, or belongs to one, and is not what this version makes. */
  readonly stranger: string | undefined;
  /** Somebody else has tables there too, maybe a later version of this package. */
  readonly isShared: boolean;
  /** Statements that drop what former versions have left. */
  readonly drops: readonly string[];
}

/**
 * Texts are compared as SQLite keeps them, before anything of ours is read or written: a view or a trigger under a name
 * of ours could do anything.
 */
export function examine(objects: readonly SqliteRow[]): FoundSchema {
  const roles = objects.map(roleOf);
  const stranger = objects[roles.indexOf('stranger')];
  const drops = FORMER.filter(([type, name]) => objects.some((each) => each['type'] === type && each['name'] === name));
  return {
    isEmpty: objects.length === 0,
    isWhole: roles.filter((role) => role === 'ours').length === EXPECTED.size,
    stranger: stranger && String(stranger['name']),
    isShared: roles.includes('other'),
    drops: drops.map(([type, name]) => `DROP ${type} IF EXISTS ${name}`),
  };
}

/** @param object `neutral`: it says nothing of whose file it is. */
function roleOf({ type, name, owner, sql }: SqliteRow): 'ours' | 'stranger' | 'neutral' | 'other' {
  const expected = EXPECTED.get(lowerCase(name));
  if (expected !== undefined && expected === sql) return 'ours';
  // SQLite makes an index without a text for each UNIQUE and PRIMARY KEY.
  const isOfItself = type === 'index' && sql === null;
  const isOnOurs = OWNERS.has(lowerCase(owner));
  if (expected !== undefined || (isOnOurs && !isOfItself)) return 'stranger';
  const isNeutral = isOnOurs || FORMER_NAMES.has(lowerCase(owner)) || lowerCase(name).startsWith('sqlite_');
  return isNeutral ? 'neutral' : 'other';
}

/** SQLite makes no difference between names that differ in the case of letters. */
const lowerCase = (value: unknown): string => String(value).toLowerCase();
