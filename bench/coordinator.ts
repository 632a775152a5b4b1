/** Gives the contestants of one scenario their turns, in rotating order, and sums up what they report. */
import { CANDIDATES } from './candidates/candidates.js';
import { ContestantProcess } from './contestant-process.js';
import type { WarmUp } from './messages.js';
import type { Places } from './profile.js';
import type { Excuse, Measured, ScenarioResult } from './results.js';
import { measuredIn, rotated } from './rounds.js';
import type { Contestant, Pace, Scenario } from './scenarios/scenario.js';
import { idOf } from './scenarios/scenarios.js';

export interface Timing {
  readonly warmUps: number;
  readonly warmUp: WarmUp;
  readonly rounds: number;
  readonly roundMs: number;
}

/** V8 goes on compiling a long way, such as that of a miss, for some ten thousand requests. */
export const TIMINGS: Readonly<Record<Pace, Timing>> = {
  quick: { warmUps: 1, warmUp: { requests: 1000, leastMs: 150, mostMs: 500 }, rounds: 5, roundMs: 15 },
  full: { warmUps: 3, warmUp: { requests: 7000, leastMs: 200, mostMs: 1700 }, rounds: 21, roundMs: 100 },
};

/** `only` are those of the scenario's contestants that take part, the one to compare with first. */
export async function runScenario(
  childFile: string,
  pace: Pace,
  scenario: Scenario,
  only: readonly Contestant[],
): Promise<ScenarioResult> {
  const timing = TIMINGS[pace];
  const processes = await withWarm(childFile, pace, scenario, only, async (warm) => {
    const rounds = Math.min(scenario.rounds ?? timing.rounds, timing.rounds);
    for (let round = 0; round < rounds; round += 1) {
      for (const each of rotated(warm, round)) await each.takeTurn();
    }
  });
  const { name, title, unit } = scenario;
  const titleOf = titlesOf(only);
  return {
    name,
    title,
    unit,
    contestants: processes.map((each) => ({
      id: idOf(each.contestant),
      title: titleOf(each.contestant),
      note: scenario.notes?.[each.contestant.candidate],
      outcome: outcomeOf(each, processes[0]),
    })),
  };
}

/** Gives where the time of a request goes, by contestant; what has an excuse is left out. */
export async function profileScenario(
  childFile: string,
  pace: Pace,
  scenario: Scenario,
  only: readonly Contestant[],
): Promise<ReadonlyMap<string, Places>> {
  const { rounds } = TIMINGS[pace];
  const processes = await withWarm(childFile, pace, scenario, only, async (warm) => {
    for (const each of warm) await each.takeProfile(rounds);
  });
  const titleOf = titlesOf(only);
  return new Map(processes.flatMap(({ contestant, places }) => (places ? [[titleOf(contestant), places]] : [])));
}

/** Starts a process for each contestant, warms its code in turns, and ends all of them after `work`. */
async function withWarm(
  childFile: string,
  pace: Pace,
  scenario: Scenario,
  only: readonly Contestant[],
  work: (processes: readonly ContestantProcess[]) => Promise<void>,
): Promise<readonly ContestantProcess[]> {
  const { warmUps, warmUp, roundMs } = TIMINGS[pace];
  const processes = await Promise.all(only.map((each) => ContestantProcess.start(childFile, pace, scenario, each)));
  try {
    for (let turn = 0; turn < warmUps; turn += 1) {
      for (const each of processes) await each.warmUp(warmUp, roundMs);
    }
    await work(processes);
  } finally {
    await Promise.all(processes.map((each) => each.end()));
  }
  return processes;
}

/** The number of entries is told where it is what the contestants differ in. */
function titlesOf(contestants: readonly Contestant[]): (contestant: Contestant) => string {
  const isTold = new Set(contestants.map(({ entries }) => entries)).size > 1;
  return ({ candidate, entries }) =>
    isTold ? `${CANDIDATES[candidate].title}, ${entries.toLocaleString('en')} entries` : CANDIDATES[candidate].title;
}

function outcomeOf({ excuse, rounds }: ContestantProcess, base: ContestantProcess | undefined): Measured | Excuse {
  return excuse ?? measuredIn(rounds, base === undefined || base.excuse !== undefined ? [] : base.rounds);
}
