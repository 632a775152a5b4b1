/** Timing of subjects in turn, by the processor's time: what else the machine does counts little, and for all alike. */
import type { Subject } from './subjects.js';

export interface Result {
  readonly name: string;
  /** Of the processor, other threads of the process included; median over the rounds. */
  readonly microseconds: number;
  /** To the first subject in the same round; the median over the rounds, and its quartiles. */
  readonly ratio: number;
  readonly quartiles: readonly [lower: number, upper: number];
}

/** How long one subject runs in one round. */
const SLICE_MS = 20;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 61;

/** The first subject is the floor. In each round another one begins. */
export async function compare(subjects: readonly Subject[]): Promise<readonly Result[]> {
  const counts: number[] = [];
  for (const subject of subjects) counts.push(await requestsInSlice(subject));
  const times: number[][] = subjects.map(() => []);
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (let turn = 0; turn < subjects.length; turn += 1) {
      const index = (turn + round + WARM_UP_ROUNDS) % subjects.length;
      const subject = subjects[index];
      if (subject === undefined) continue;
      const microseconds = await timeEach(subject, counts[index] ?? 1);
      if (round >= 0) times[index]?.push(microseconds);
    }
  }
  for (const subject of subjects) await subject.verify();
  const floor = times[0] ?? [];
  return subjects.map(({ name }, index) => describe(name, times[index] ?? [], floor));
}

/** How many requests a slice has room for, once the code is warm. */
async function requestsInSlice(subject: Subject): Promise<number> {
  await timeEach(subject, 200);
  return Math.max(1, Math.round((SLICE_MS * 1000) / (await timeEach(subject, 200))));
}

/** Microseconds a request. */
async function timeEach({ request }: Subject, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 1) await request();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function describe(name: string, times: readonly number[], floor: readonly number[]): Result {
  const ratios = times.map((time, round) => time / (floor[round] ?? Number.NaN));
  return {
    name,
    microseconds: quantile(times, 0.5),
    ratio: quantile(ratios, 0.5),
    quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
}
