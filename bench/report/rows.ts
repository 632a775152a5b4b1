/** What has to be known of some of its numbers, a sentence each. */
export const notesOf = ({ contestants }: ScenarioResult): readonly string[] =>
  contestants.flatMap(({ title, note }) => (note === undefined ? [] : `${title}: ${note}`));

/** The table of one scenario, whether it is for a terminal or for a page. */
import type { ContestantResult, ScenarioResult } from '../results.js';
import type { Unit } from '../scenarios/scenario.js';
import { formatRatio, formatSpread, formatValue, LABELS, NOTHING } from './numbers.js';

/** The first column names the contestant, the last one says why there is nothing. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const tableOf = ({ unit, contestants }: ScenarioResult): Table => {
  const [base] = contestants;
  const head = ['', LABELS[unit], 'quartiles', 'times', ...(unit === 'ns' ? TIMED_HEAD : ['more'])];
  return { head, rows: contestants.map((each) => rowOf(each, base, unit, head.length)) };
};

const TIMED_HEAD = ['quartiles', 'µs by the clock', 'times'];

function rowOf(
  { title, outcome }: ContestantResult,
  base: ContestantResult | undefined,
  unit: Unit,
  length: number,
): readonly string[] {
  if (outcome.kind !== 'measured') {
    const reason = `${outcome.kind === 'absent' ? 'not there' : 'failed'}: ${outcome.reason}`;
    return [title, ...Array<string>(length - 2).fill(NOTHING), reason];
  }
  const { ratio, value, clock } = outcome;
  const common = [title, formatValue(value.median, unit), formatSpread(value, (each) => formatValue(each, unit))];
  if (clock !== undefined) {
    const byTheClock = [formatValue(clock.value.median, unit), formatRatio(clock.ratio)];
    return [...common, formatRatio(ratio), formatSpread(ratio), ...byTheClock];
  }
  const isComparable = base?.outcome.kind === 'measured';
  const more = isComparable ? formatValue(value.median - base.outcome.value.median, unit) : NOTHING;
  return [...common, formatRatio(ratio), more];
}
