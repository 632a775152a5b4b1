/** Gives the contestants of one scenario their turns, all in this process and in rotating order. */
import type { Round } from '../messages.js';
import { answersOf } from '../payload.js';
import { measuredIn, rotated } from '../rounds.js';
import type { Pace } from '../scenarios/scenario.js';
import type { Contestant, Scenario, StorageResult } from './scenario.js';

interface Timing {
  /**
   * Code is warm after so many operations, or after so long where they take their time. A miss calls so much code that
   * V8 goes on compiling it for some ten thousand of them.
   */
  readonly warmOperations: number;
  readonly warmMs: number;
  readonly rounds: number;
  readonly roundMs: number;
}

export const TIMINGS: Readonly<Record<Pace, Timing>> = {
  quick: { warmOperations: 1000, warmMs: 500, rounds: 11, roundMs: 8 },
  full: { warmOperations: 12_000, warmMs: 12_000, rounds: 101, roundMs: 12 },
};

/** A scenario that has taken so long has no more rounds than these few, as a slow engine is slow for all alike. */
const LONG_MS = 20_000;
const FEW_ROUNDS = 15;
/** A round has no more operations than that, so that no key of `keys.ts` comes twice in it. */
const MOST_OPERATIONS = 448;

/** What is stored and read: 10 kB of JSON. */
export const PAYLOAD = { bytes: 10_000, distinct: false } as const;
export const TEXT = answersOf(PAYLOAD)('/');

/** @throws Error where an answer is wrong */
export async function measure(scenario: Scenario, pace: Pace): Promise<StorageResult> {
  const { name, title, aim, atOnce, contestants } = scenario;
  const timing = TIMINGS[pace];
  const runners = contestants.map((each) => new Runner(each, atOnce));
  for (const runner of runners) await runner.check();
  for (const runner of runners) await runner.warmUp(timing);
  const started = performance.now();
  for (let round = 0; round < timing.rounds; round += 1) {
    if (round >= FEW_ROUNDS && performance.now() - started > LONG_MS) break;
    for (const runner of rotated(runners, round)) await runner.takeTurn();
  }
  for (const runner of runners) await runner.check();
  const base = runners[0]?.rounds ?? [];
  const results = runners.map(({ contestant, rounds: own }) =>
    ({ id: contestant.id, title: contestant.title, outcome: measuredIn(own, base) }));
  return { name, title, unit: 'ns', aim, contestants: results };
}

class Runner {
  readonly contestant: Contestant;
  readonly rounds: Round[] = [];
  readonly #atOnce: number;
  #operations: number;

  constructor(contestant: Contestant, atOnce: number) {
    this.contestant = contestant;
    this.#atOnce = atOnce;
    this.#operations = atOnce;
  }

  async check(): Promise<void> {
    const [turn = 0] = newTurns(1);
    await this.contestant.before?.([turn]);
    const found = await this.contestant.check(turn);
    if (found === TEXT) return;
    throw new Error(`${this.contestant.title} has ${found.slice(0, 100)} in place of ${TEXT.slice(0, 100)}`);
  }

  /** Learns how many operations a round has room for. */
  async warmUp({ warmOperations, warmMs, roundMs }: Timing): Promise<void> {
    const started = performance.now();
    for (let done = 0; done < warmOperations && performance.now() - started < warmMs;) {
      const { clock = 1, requests } = await this.#work();
      done += requests;
      const fitting = Math.floor((roundMs * 1e6) / clock / this.#atOnce) * this.#atOnce;
      this.#operations = Math.min(MOST_OPERATIONS, Math.max(this.#atOnce, fitting));
    }
  }

  async takeTurn(): Promise<void> {
    this.rounds.push(await this.#work());
  }

  async #work(): Promise<Round> {
    const { contestant } = this;
    const turns = newTurns(this.#operations);
    await contestant.before?.(turns);
    const cpuBefore = process.cpuUsage();
    const before = process.hrtime.bigint();
    await (this.#atOnce === 1 ? oneAtATime(contestant, turns) : atOnce(contestant, turns, this.#atOnce));
    await contestant.after?.();
    const clock = Number(process.hrtime.bigint() - before) / turns.length;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { value: ((user + system) * 1000) / turns.length, clock, requests: turns.length };
  }
}

let turns = 0;

/** Numbers that no operation of this process has had. */
function newTurns(count: number): readonly number[] {
  const first = turns;
  turns += count;
  return Array.from({ length: count }, (_, index) => first + index);
}

async function oneAtATime({ operation }: Contestant, turns: readonly number[]): Promise<void> {
  for (const turn of turns) await operation(turn);
}

async function atOnce({ operation }: Contestant, turns: readonly number[], count: number): Promise<void> {
  for (let start = 0; start < turns.length; start += count) {
    await Promise.all(turns.slice(start, start + count).map(operation));
  }
}
