/** Tables and charts from results. */
import { chartOf } from '../report/svg.js';
import { textOf } from '../report/text.js';
import { formatNumber } from '../report/numbers.js';
import { notesOf, tableOf } from '../report/rows.js';
import type { ContestantResult, ScenarioResult } from '../results.js';

const around = (median: number) => ({ lower: median * 0.9, median, upper: median * 1.1 });

const measured = (id: string, value: number, ratio: number): ContestantResult => ({
  id,
  title: `title <${id}>`,
  outcome: {
    kind: 'measured',
    value: around(value),
    ratio: around(ratio),
    clock: { value: around(value * 2), ratio: around(ratio) },
    rounds: 5,
    requests: 100,
  },
});

const scenario = (...contestants: ContestantResult[]): ScenarioResult => ({
  name: 'hit-200B',
  title: 'A hit & more',
  unit: 'ns',
  contestants,
});

test.each([
  [0, '0'],
  [0.0345, '0.03'],
  [1, '1.00'],
  [12.34, '12.3'],
  [123.4, '123'],
  [12_345, '12,300'],
])('%d is written %s', (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test('a row has value, spread and ratio; one without numbers says why', () => {
  const outcome = { kind: 'absent', reason: 'no such thing' } as const;
  const absent: ContestantResult = { id: 'undici', title: 'undici', outcome };
  const { head, rows } = tableOf(scenario(measured('axios', 1_000, 1), measured('ours', 1_500, 1.5), absent));
  expect(rows).toEqual([
    ['title <axios>', '1.00', '0.90 to 1.10', '1.00', '0.90 to 1.10', '2.00', '1.00'],
    ['title <ours>', '1.50', '1.35 to 1.65', '1.50', '1.35 to 1.65', '3.00', '1.50'],
    ['undici', '–', '–', '–', '–', '–', 'not there: no such thing'],
  ]);
  expect(head).toHaveLength(7);
});

test('what has to be known of a number is told below the table', () => {
  const noted = { ...measured('undici', 1_000, 1), note: 'each number is the mean of two.' };
  const result = scenario(measured('axios', 1_000, 1), noted);
  expect(notesOf(result)).toEqual(['title <undici>: each number is the mean of two.']);
  expect(textOf(result).split('\n').at(-1)).toBe('title <undici>: each number is the mean of two.');
});

test('a number that is not a time is compared by difference too', () => {
  const gauge = (id: string, value: number): ContestantResult => {
    const { outcome, ...rest } = measured(id, value, 1);
    return { ...rest, outcome: outcome.kind === 'measured' ? { ...outcome, clock: undefined } : outcome };
  };
  const { rows } = tableOf({ ...scenario(gauge('axios', 7), gauge('ours', 17)), unit: 'promises' });
  expect(rows.map((row) => row.at(-1))).toEqual(['0', '10']);
});

test('a chart has a bar for each result, its texts escaped, and stays inside its frame', () => {
  const chart = chartOf('Hits', [scenario(measured('axios', 1_000, 1), measured('ours', 1_500, 1.5))]);
  expect(chart.match(/<rect class="(bar|ours)"/g)).toEqual(['<rect class="bar"', '<rect class="ours"']);
  expect(chart).toContain('title &lt;ours&gt;');
  expect(chart).toContain('A hit &amp; more');
  expect(chart).not.toMatch(/NaN|undefined|Infinity/);
  expect(chart).toContain('prefers-color-scheme: dark');
});

test('where the values are far apart the axis is logarithmic, and says so', () => {
  const near = chartOf('', [scenario(measured('axios', 1_000, 1), measured('ours', 9_000, 9))]);
  const far = chartOf('', [scenario(measured('axios', 1_000, 1), measured('ours', 900_000, 900))]);
  expect(near).not.toContain('logarithmic');
  expect(far).toContain('logarithmic');
});
