/** The parts of the proof by name. A new one is a row here, and `npm run proof -- --only` takes its name. */
import { COPIES, runDifferential } from './differential/differential.js';
import { runFaults } from './faults/faults.js';
import { fuzz } from './fuzz/fuzz.js';
import { ARENAS } from './model/arenas.js';
import { type ModelResult, runModel } from './model/model.js';
import { growthOf } from '../soak/heap.js';
import { LOAD_PARTS, type LoadPartName } from '../soak/load/parts.js';
import { type Length, type Part, timed, withCommas } from './part.js';

/** So many schedules in memory; an engine plays fewer in the same time. */
const SCHEDULES: Readonly<Record<Length, { readonly memory: number; readonly engine: number }>> = {
  short: { memory: 10_000, engine: 1_000 },
  long: { memory: 1_000_000, engine: 20_000 },
};

const PLANTINGS: Readonly<Record<Length, { readonly alone: number; readonly crowded: number; readonly pairs: number }>> = {
  short: { alone: 600, crowded: 60, pairs: 100 },
  long: { alone: Infinity, crowded: Infinity, pairs: 100_000 },
};

const REQUESTS: Readonly<Record<Length, number>> = { short: 300, long: 10_000 };

const listOf = (failure: string | undefined): readonly string[] => (failure === undefined ? [] : [failure]);

/** What schedules leave behind would be more after a million. */
const HEAP_LIMIT_BYTES = 20_000_000;

/** The heap is told of where there are samples enough: the first schedules compile code and fill pools. */
function grownHeap({ held }: ModelResult): { readonly told: string; readonly failures: readonly string[] } {
  const samples = held.slice(1);
  if (samples.length < 6) return { told: '', failures: [] };
  const growth = growthOf(samples);
  const told = `heap grown by ${(growth / 1e6).toFixed(1)} MB`;
  return { told: `, ${told}`, failures: growth > HEAP_LIMIT_BYTES ? [told] : [] };
}

const model: Part = {
  run: async ({ seed, length, storages, path, seconds: limit }, tell) => {
    for (const name of storages) {
      const arena = await ARENAS[name]();
      try {
        const runs = SCHEDULES[length][name === 'memory' ? 'memory' : 'engine'];
        const given = { seed, runs, storage: name, path, seconds: limit };
        const { result, seconds } = await timed(() => runModel((time) => arena.arenaOf(time), given));
        const { schedules, requests, hits, failure } = result;
        const heap = grownHeap(result);
        const counts = `${withCommas(schedules)} schedules, ${withCommas(requests)} requests, ${withCommas(hits)} from the cache`;
        // A cache that never answers would be right about everything.
        const isIdle = path === undefined && hits * 25 < requests;
        const idle = isIdle ? [`only ${hits} of ${requests} requests came from it`] : [];
        const failures = [...listOf(failure), ...idle, ...heap.failures];
        tell({ what: `model, ${name}`, played: counts + heap.told, seconds, failures });
      } finally {
        await arena.close();
      }
    }
  },
};

const faults: Part = {
  run: async ({ seed, length }, tell) => {
    const { result, seconds } = await timed(() => runFaults({ seed, ...PLANTINGS[length] }));
    const counts = `${withCommas(result.runs)} runs with faults at ${withCommas(result.points)} calls`;
    tell({ what: 'faults', played: counts, seconds, failures: result.failures });
  },
};

const differential: Part = {
  run: async ({ seed, length, path }, tell) => {
    for (const copy of COPIES) {
      const runs = REQUESTS[length];
      const { result, seconds } = await timed(() => runDifferential(copy, { seed, runs, path }));
      const counts = `${withCommas(result.runs)} requests, each twice and by two at once, ${withCommas(result.hits)} from the cache`;
      tell({ what: `differential, ${copy}`, played: counts, seconds, failures: listOf(result.failure) });
    }
  },
};

/** For each of the fourteen targets. In the short form time is up first, after a minute in all. */
const INPUTS: Readonly<Record<Length, { readonly inputs: number; readonly msEach: number }>> = {
  short: { inputs: 1_000_000, msEach: 4_300 },
  long: { inputs: 1_000_000, msEach: Infinity },
};

const fuzzing: Part = {
  run: async ({ seed, length }, tell) => {
    const { result, seconds } = await timed(() => fuzz({ seed, log: () => undefined, ...INPUTS[length] }));
    tell({ what: 'fuzz', played: `${withCommas(result.inputs)} inputs`, seconds, failures: result.failures });
  },
};

const loadPart = (name: LoadPartName): Part => ({
  run: async ({ seed, length }, tell) => {
    const { result, seconds } = await timed(() => LOAD_PARTS[name]({ seed, length }));
    tell({ what: name, played: result.played, seconds, failures: result.failures });
  },
});

export const PARTS: Readonly<Record<string, Part>> = {
  model,
  faults,
  differential,
  fuzz: fuzzing,
  load: loadPart('load'),
  unique: loadPart('unique'),
  day: loadPart('day'),
};
