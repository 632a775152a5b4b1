/** What the coordinator and the process of one contestant say to each other. */
import type { Counts } from './origins.js';
import type { Places } from './profile.js';
import type { Pace } from './scenarios/scenario.js';

/** What a process is started for; it is its only argument, as JSON. */
export interface Task {
  readonly pace: Pace;
  readonly scenario: string;
  readonly contestant: string;
  /** The origin, if it is behind a socket. */
  readonly url: string | undefined;
  readonly folder: string;
}

/** Code is warm after so many requests, but not before `leastMs`, nor later than `mostMs` where they take their time. */
export interface WarmUp {
  readonly requests: number;
  readonly leastMs: number;
  readonly mostMs: number;
}

/** To the process. Each order is answered by one report, and so is the start. */
export type Order =
  /** Works until its code is warm, and learns how many operations a round has room for. */
  | { readonly kind: 'warm up'; readonly warmUp: WarmUp; readonly roundMs: number }
  | { readonly kind: 'round' }
  /** Works for some rounds under the profiler. */
  | { readonly kind: 'profile'; readonly rounds: number }
  | { readonly kind: 'end' };

/** How many requests the origin should have seen since the start, and what the one in this process did see. */
export interface Tally {
  readonly expected: Counts;
  readonly inProcess: number;
}

export interface Round {
  /** For one request, in the scenario's unit. A time is the processor's, that of other threads included. */
  readonly value: number;
  /** The same time by the clock, in nanoseconds; `undefined` where no time is measured. */
  readonly clock: number | undefined;
  readonly requests: number;
}

/** From the process. */
export type Report =
  | { readonly kind: 'ready'; readonly tally: Tally }
  | { readonly kind: 'round'; readonly tally: Tally; readonly round: Round }
  /** For one request, in microseconds. */
  | { readonly kind: 'profile'; readonly tally: Tally; readonly places: Places }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };
