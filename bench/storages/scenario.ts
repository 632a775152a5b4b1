/** What is measured of storages: who takes part, and what one turn of it does. */
import type { ScenarioResult } from '../results.js';

export interface Contestant {
  readonly id: string;
  readonly title: string;
  /** One operation. Each has another `turn`, and those of a round follow each other. */
  readonly operation: (turn: number) => Promise<unknown>;
  /** Does the operation, and gives the body that it found, or that is stored since. */
  readonly check: (turn: number) => Promise<string>;
  /** Is done before each round, for its turns, and not timed. */
  readonly before?: (turns: readonly number[]) => Promise<void>;
  /** Is done after each round and timed with it: waits for what goes on behind the operations. */
  readonly after?: () => Promise<void>;
}

/** What the time of `OURS`, as a multiple of that of the first contestant, should not exceed. */
export interface Aim {
  readonly atMost: number;
  /** The time of the processor has no part of an engine that is another process. */
  readonly by: 'clock' | 'processor';
}

/** The contestant of each scenario that is this package's own. */
export const OURS = 'ours';

export interface Scenario {
  readonly name: string;
  /** A phrase for the head of its table. */
  readonly title: string;
  /** How many operations are under way at once. */
  readonly atOnce: number;
  readonly aim: Aim | undefined;
  /** The first one is what the others are compared with. */
  readonly contestants: readonly Contestant[];
}

/** Scenarios on one engine, which is there until `close`. */
export interface OpenGroup {
  /** Name and version of the engine, and of the driver where there is one. */
  readonly engine: string;
  readonly scenarios: readonly Scenario[];
  readonly close: () => Promise<void>;
}

export interface Group {
  /** For `--only`. */
  readonly name: string;
  readonly title: string;
  /** Who does what, in whole sentences, for the page. */
  readonly about: string;
  /** @throws Absent where the engine or its driver cannot be had here. */
  readonly open: () => Promise<OpenGroup>;
}

export type StorageResult = ScenarioResult & { readonly aim?: Aim | undefined };

export interface GroupResult {
  readonly group: string;
  readonly engine: string;
  readonly scenarios: readonly StorageResult[];
}

/** What is done one at a time, and what is done by so many at once. */
export const AT_ONCE = 64;
export const MODES = [
  ['alone', 'one at a time', 1],
  ['together', `${AT_ONCE} at once`, AT_ONCE],
] as const;

/** Aims for the two modes. */
export const atMost = (by: Aim['by'], ...bounds: readonly number[]): readonly Aim[] =>
  bounds.map((bound) => ({ atMost: bound, by }));

/** A scenario for each mode. */
export const inBothModes = (
  name: string,
  title: string,
  contestants: readonly Contestant[],
  aims: readonly Aim[] = [],
): readonly Scenario[] =>
  MODES.map(([mode, how, atOnce], index) => ({
    name: `${name}-${mode}`,
    title: `${title}, ${how}`,
    atOnce,
    aim: aims[index],
    contestants,
  }));
