/** What is measured: who takes part, how each prepares, and what one turn of it does. */
import type { CandidateName } from '../candidates/candidates.js';
import type { Lifetime } from '../origins.js';
import type { Payload } from '../payload.js';
import type { Stage } from '../stage.js';

/** Someone who takes part in a scenario: mostly a candidate as it is. */
export interface Contestant {
  readonly candidate: CandidateName;
  /** How many entries it holds before it is measured. */
  readonly entries: number;
}

/** One operation, done again and again for as long as a round takes. */
export interface TimedWork {
  readonly kind: 'timed';
  readonly operation: () => Promise<unknown>;
  /** How many requests one operation is. The results are for one request. */
  readonly requests: number;
  /** How many requests of one operation the origin has to see. */
  readonly full: number;
  readonly notModified: number;
  /** Is done before each round and not timed. */
  readonly before?: () => Promise<void>;
}

/** A number that is not a time, such as bytes. */
export interface GaugeWork {
  readonly kind: 'gauge';
  readonly measure: () => Promise<number>;
}

export type Work = TimedWork | GaugeWork;

export type Unit = 'ns' | 'bytes' | 'promises';

export interface Scenario {
  /** For `--only`; its first word names the group. */
  readonly name: string;
  /** A phrase for the head of its table. */
  readonly title: string;
  readonly unit: Unit;
  readonly payload: Payload;
  readonly lifetime: Lifetime;
  /** Where the origin is, but for candidates that need a server. */
  readonly origin: 'in process' | 'in process, a turn later' | 'loopback';
  /** The first one is what the others are compared with. */
  readonly contestants: readonly Contestant[];
  /** What has to be known of a candidate's numbers, as the end of a sentence that begins with its title. */
  readonly notes?: Readonly<Partial<Record<CandidateName, string>>>;
  /** Options of Node for each process. */
  readonly execArgv?: readonly string[];
  /** A quick run leaves it out unless it is asked for by name, since another scenario is much like it. */
  readonly fullOnly?: boolean;
  /** Where many rounds would tell no more than a few. */
  readonly rounds?: number;
  /** Brings the candidate to where it can be measured and checks its answers. @throws Error where one is wrong */
  readonly prepare: (stage: Stage, contestant: Contestant) => Promise<Work>;
}

export interface Group {
  /** The name of its chart, and the first word of its scenarios' names. */
  readonly name: string;
  readonly title: string;
  /** What is measured and how, in whole sentences, for docs/performance.md. */
  readonly about: string;
  readonly scenarios: readonly Scenario[];
}

/** `'quick'` makes everything smaller and shorter. */
export type Pace = 'quick' | 'full';

export const contestants = (...names: readonly CandidateName[]): readonly Contestant[] =>
  names.map((candidate) => ({ candidate, entries: 0 }));

export const SIZES = [
  ['200B', '200 B', 200],
  ['10kB', '10 kB', 10_000],
  ['1MB', '1 MB', 1_000_000],
] as const;
export const SMALL_SIZES = SIZES.slice(0, 2);
