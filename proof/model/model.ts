/** Random schedules against the model, until one fails: then the smallest that fails as well is shown. */
import fc from 'fast-check';
import { heldBytes } from '../../soak/heap.js';
import { VirtualTime } from '../time/virtual-time.js';
import { judge } from './judge.js';
import { schedules, schedulesOfEngines } from './draws.js';
import { play } from './play.js';
import type { Arena } from './played.js';
import { type Schedule, written } from './steps.js';

export interface ModelSettings {
  readonly seed: number;
  readonly runs: number;
  /** What it is played on, to name it where something fails: as `--storage` takes it. @default 'memory' */
  readonly storage?: string;
  /** fast-check's own name of the smallest that failed, to see that one alone. */
  readonly path?: string | undefined;
  /** `'first'` shows the first schedule that fails, and looks for no smaller one. @default 'smallest' */
  readonly shows?: 'first' | 'smallest';
  /** No schedule begins after so long; one that has failed is made smaller all the same. @default Infinity */
  readonly seconds?: number | undefined;
}

export interface ModelResult {
  readonly schedules: number;
  readonly requests: number;
  readonly hits: number;
  /** What was held after every 5,000 schedules, in bytes. */
  readonly held: readonly number[];
  /** For people: the schedule that fails, what is wrong with it, and how to play it again. */
  readonly failure: string | undefined;
}

/** After so many the heap is looked at. */
const HEAP_EVERY = 5_000;

/** It is thrown in place of a schedule, since fast-check's own limit goes by timers that a schedule replaces. */
const OUT_OF_TIME = new Error('the time for schedules is over');

export async function runModel(arenaOf: (time: VirtualTime) => Arena, settings: ModelSettings): Promise<ModelResult> {
  const time = new VirtualTime();
  const arena = arenaOf(time);
  const restore = arena.isVirtual ? time.install() : (): void => undefined;
  const counts = { schedules: 0, requests: 0, hits: 0 };
  const held: number[] = [];
  const { seed, runs: numRuns, storage = 'memory', path, shows, seconds = Infinity } = settings;
  const endS = process.uptime() + seconds;
  let hasFailed = false;
  // No fault is told by where an error was made, and to find that out takes time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const drawn = arena.isVirtual ? schedules : schedulesOfEngines;
  const property = fc.asyncProperty(drawn, async (schedule: Schedule) => {
    if (!hasFailed && process.uptime() >= endS) throw OUT_OF_TIME;
    const played = await play(schedule, arena);
    counts.schedules += 1;
    counts.requests += played.asked.length;
    counts.hits += played.hits;
    if (counts.schedules % HEAP_EVERY === 0) held.push(await heldBytes());
    const faults = judge(played);
    hasFailed ||= faults.length > 0;
    if (faults.length > 0) throw new Error(faults.join('\n  '));
  });
  try {
    const endOnFailure = shows === 'first';
    const details = await fc.check(property, { seed, numRuns, endOnFailure, ...(path === undefined ? {} : { path }) });
    const isWrong = details.failed && details.errorInstance !== OUT_OF_TIME;
    return { ...counts, held, failure: isWrong ? describeFailure(details, seed, storage) : undefined };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    restore();
  }
}

function describeFailure(details: fc.RunDetails<[Schedule]>, seed: number, storage: string): string {
  const [schedule] = details.counterexample ?? [];
  const reason = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return [
    `the schedule`,
    schedule === undefined ? '' : written(schedule),
    `  ${reason}`,
    `again: npm run proof -- --only model --storage ${storage} --seed ${seed} --path ${details.counterexamplePath}`,
  ].join('\n');
}
