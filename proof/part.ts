/** What a part of the proof is asked and gives. */
import type { ArenaName } from './model/arenas.js';

export type Length = 'short' | 'long';

export interface ProofSettings {
  readonly seed: number;
  readonly length: Length;
  readonly storages: readonly ArenaName[];
  /** fast-check's own name of a counterexample, to play that one alone. */
  readonly path: string | undefined;
  /** The model ends after so long on each storage, whatever number it has come to; `undefined`: it has time. */
  readonly seconds: number | undefined;
}

/** One line of the table. */
export interface Figure {
  /** What was played, and on what. */
  readonly what: string;
  /** How many schedules, runs or requests it was, with their unit. */
  readonly played: string;
  readonly seconds: number;
  /** For people: each with how to play it again. */
  readonly failures: readonly string[];
}

export interface Part {
  run(settings: ProofSettings, tell: (figure: Figure) => void): Promise<void>;
}

/** Gives what `work` gives, and the seconds that it took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly seconds: number }> {
  const fromMs = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - fromMs) / 1000 };
}

export const withCommas = (count: number): string => count.toLocaleString('en');
