/** What a run found, as `--json` writes it. */
import type { Pace, Unit } from './scenarios/scenario.js';
import type { Quartiles } from './statistics.js';

export interface Series {
  /** For one request, in the scenario's unit. A time is the processor's, that of other threads included. */
  readonly value: Quartiles;
  /** The value as a multiple of the first contestant's in the same round; `undefined` where that one has none. */
  readonly ratio: Quartiles | undefined;
}

export interface Measured extends Series {
  readonly kind: 'measured';
  /** The same time by the clock; `undefined` where no time is measured. */
  readonly clock: Series | undefined;
  readonly rounds: number;
  /** In all rounds together. */
  readonly requests: number;
}

/** Why there are no numbers: it was wrong, or it does not exist here. */
export interface Excuse {
  readonly kind: 'failed' | 'absent';
  readonly reason: string;
}

export interface ContestantResult {
  readonly id: string;
  readonly title: string;
  /** What has to be known of its numbers. */
  readonly note?: string | undefined;
  readonly outcome: Measured | Excuse;
}

export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** The first one is what the others are compared with. */
  readonly contestants: readonly ContestantResult[];
}

export interface Run {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly pace: Pace;
  readonly seconds: number;
  /** Of the packages that are compared, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly scenarios: readonly ScenarioResult[];
}
