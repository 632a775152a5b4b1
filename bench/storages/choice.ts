/** The figures in docs/storages.md by which a storage is chosen: a hit and a write of each, one at a time. */
import { formatRatio, formatValue, NOTHING } from '../report/numbers.js';
import type { StorageRun } from './run.js';
import { type GroupResult, OURS } from './scenario.js';
import { markdownTable } from '../../demo/table.js';

/** By their groups. What is measured through axios says nothing of a storage alone. */
const STORAGES: Readonly<Record<string, string>> = {
  'sqlite3': '`SqliteStorage` by `sqlite3`',
  'node-sqlite': '`SqliteStorage` by `node:sqlite`',
  'filesystem': '`FilesystemStorage`',
  'redis': '`RedisStorage`',
  'mongo': '`MongoStorage`',
};

/** @param runs several add what the first one has not. */
export function choiceOf(runs: readonly StorageRun[]): string {
  const groups = Object.entries(STORAGES).flatMap(([name, title]) => {
    const found = runs.flatMap((run) => run.groups).find(({ group }) => group === name);
    return found === undefined ? [] : [[title, found] as const];
  });
  const rows = groups.map(([title, group]) => [title, group.engine, ...timesIn(group, 'hit'), ...timesIn(group, 'set')]);
  const head = ['', 'measured on', 'µs a hit', 'times its driver', 'µs a write', 'times its driver'];
  return markdownTable(head, rows, 2);
}

function timesIn({ group, scenarios }: GroupResult, call: 'hit' | 'set'): readonly string[] {
  const scenario = scenarios.find(({ name }) => name === `${group}-${call}-alone`);
  const outcome = scenario?.contestants.find(({ id }) => id === OURS)?.outcome;
  if (outcome?.kind !== 'measured' || outcome.clock === undefined) return [NOTHING, NOTHING];
  return [formatValue(outcome.clock.value.median, 'ns'), formatRatio(outcome.clock.ratio)];
}
