/**
 * `npm run proof:fuzz -- [--inputs 1000000] [--seconds 60] [--seed 1] [--only records,durations]`: fuzzes all that reads
 * what others wrote. Ends with code 1 where anything failed.
 */
import { parseArgs } from 'node:util';
import { fuzz, TARGET_NAMES } from './fuzz.js';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '45' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
  },
});
const only = values.only?.split(',');
const unknown = only?.find((name) => !TARGET_NAMES.includes(name));
if (unknown !== undefined) throw new Error(`There is no target ${unknown}: there are ${TARGET_NAMES.join(', ')}.`);
const seed = Number(values.seed);
console.log(`seed ${seed}`);
const { inputs, failures } = await fuzz({
  seed,
  inputs: Number(values.inputs),
  log: (line) => { console.log(line); },
  only,
  msEach: (Number(values.seconds) * 1000) / (only ?? TARGET_NAMES).length,
});
console.log(`${inputs} inputs, ${failures.length} failures, seed ${seed}`);
process.exitCode = failures.length === 0 ? 0 : 1;
