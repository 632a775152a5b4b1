/** Rounds of contestants that take turns, and what they come to. */
import type { Round } from './messages.js';
import type { Measured, Series } from './results.js';
import { quartilesOf, ratiosOf } from './statistics.js';

/** The order of a round: each time another one begins. */
export function rotated<T>(values: readonly T[], by: number): readonly T[] {
  const start = by % values.length;
  return [...values.slice(start), ...values.slice(0, start)];
}

/** @param base the rounds of what it is compared with; empty where there are none. */
export function measuredIn(rounds: readonly Round[], base: readonly Round[]): Measured {
  const isTimed = rounds.every(({ clock }) => clock !== undefined);
  return {
    kind: 'measured',
    ...seriesOf(rounds.map(({ value }) => value), base.map(({ value }) => value)),
    clock: isTimed ? seriesOf(rounds.map(clockOf), base.map(clockOf)) : undefined,
    rounds: rounds.length,
    requests: rounds.reduce((sum, { requests }) => sum + requests, 0),
  };
}

const clockOf = ({ clock }: Round): number => clock ?? Number.NaN;

const seriesOf = (values: readonly number[], base: readonly number[]): Series => ({
  value: quartilesOf(values),
  ratio: base.length > 0 ? quartilesOf(ratiosOf(values, base)) : undefined,
});
