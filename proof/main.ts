/**
 * `npm run proof -- [--long] [--seed N] [--only model|faults|differential|fuzz|load|unique|day]
 * [--storage memory|sqlite|filesystem|redis] [--path P] [--seconds S] [--docs]`: plays random schedules, faults and
 * requests, and says what was wrong. Ends with code 1 where anything was. `--seconds` ends the model on each storage
 * after so long. `--docs` writes the figures and the documented differences into docs/reliability.md.
 */
import { parseArgs } from 'node:util';
import { formatTable } from '../demo/table.js';
import { writeDocs } from './docs.js';
import { ARENAS, type ArenaName } from './model/arenas.js';
import type { Figure, ProofSettings } from './part.js';
import { PARTS } from './parts.js';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seed: { type: 'string' },
    only: { type: 'string' },
    storage: { type: 'string' },
    path: { type: 'string' },
    seconds: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});

/** One of the names that there are, or all that are played without it. */
function chosen(option: string, value: string | undefined, names: readonly string[], all: readonly string[]): readonly string[] {
  if (value === undefined) return all;
  if (names.includes(value)) return [value];
  return refuse(`--${option} is one of ${names.join(', ')}`);
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

if (values.seed !== undefined && !/^\d+$/.test(values.seed)) refuse('--seed is a whole number');
if (values.docs && (values.seed === undefined || values.only !== undefined)) {
  refuse('--docs writes the figures of all parts, by a --seed that is given');
}

const storageNames = Object.keys(ARENAS);
const settings: ProofSettings = {
  seed: values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed),
  length: values.long ? 'long' : 'short',
  storages: chosen('storage', values.storage, storageNames, values.long ? storageNames : ['memory']) as readonly ArenaName[],
  path: values.path,
  seconds: values.seconds === undefined ? undefined : Number(values.seconds),
};
const parts = chosen('only', values.only, Object.keys(PARTS), Object.keys(PARTS));

console.log(`seed ${settings.seed}: npm run proof -- --seed ${settings.seed}${values.long ? ' --long' : ''} plays the same again`);
const figures: Figure[] = [];
for (const name of parts) {
  await PARTS[name]?.run(settings, (figure) => {
    figures.push(figure);
    const { what, played, seconds, failures } = figure;
    console.log(`${what}: ${played}, ${failures.length} failures, ${seconds.toFixed(0)} s`);
    for (const failure of failures.slice(0, 20)) console.error(`WRONG: ${failure}`);
  });
}

const failed = figures.reduce((sum, { failures }) => sum + failures.length, 0);
const rows = figures.map(({ what, played, failures }) => [what, played, failures.length]);
console.log(`\n${formatTable(['What', 'Played', 'Failures'], rows)}`);
if (values.docs) writeDocs(figures, settings);
console.log(`${failed} failures`);
process.exitCode = failed > 0 ? 1 : 0;
// What is left open would keep the process: that is a failure too.
setTimeout(() => {
  console.error(`WRONG: still open: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, 5_000).unref();
