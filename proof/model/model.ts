/** Random schedules against the model, until one fails: then the smallest that fails as well is shown. */
import fc from 'fast-check';
import { VirtualTime } from '../time/virtual-time.js';
import { judge } from './judge.js';
import { type Arena, play } from './play.js';
import { type Schedule, schedules, written } from './steps.js';

export interface ModelSettings {
  readonly seed: number;
  readonly runs: number;
  /** fast-check's own name of the smallest that failed, to see that one alone. */
  readonly path?: string | undefined;
  /** `'first'` shows the first schedule that fails, and looks for no smaller one. @default 'smallest' */
  readonly shows?: 'first' | 'smallest';
}

export interface ModelResult {
  readonly schedules: number;
  readonly requests: number;
  readonly hits: number;
  /** For people: the schedule that fails, what is wrong with it, and how to play it again. */
  readonly failure: string | undefined;
}

export async function runModel(arenaOf: (time: VirtualTime) => Arena, settings: ModelSettings): Promise<ModelResult> {
  const time = new VirtualTime();
  const arena = arenaOf(time);
  const restore = arena.isVirtual ? time.install() : (): void => undefined;
  const counts = { schedules: 0, requests: 0, hits: 0 };
  const property = fc.asyncProperty(schedules, async (schedule: Schedule) => {
    const played = await play(schedule, arena);
    counts.schedules += 1;
    counts.requests += played.asked.length;
    counts.hits += played.hits;
    const faults = judge(played);
    if (faults.length > 0) throw new Error(faults.join('\n  '));
  });
  try {
    const { seed, runs: numRuns, path, shows } = settings;
    const endOnFailure = shows === 'first';
    const details = await fc.check(property, { seed, numRuns, endOnFailure, ...(path === undefined ? {} : { path }) });
    return { ...counts, failure: details.failed ? describeFailure(details, seed) : undefined };
  } finally {
    restore();
  }
}

function describeFailure(details: fc.RunDetails<[Schedule]>, seed: number): string {
  const [schedule] = details.counterexample ?? [];
  const reason = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return [
    `the schedule`,
    schedule === undefined ? '' : written(schedule),
    `  ${reason}`,
    `again: npm run proof -- --only model --seed ${seed} --path ${details.counterexamplePath}`,
  ].join('\n');
}
