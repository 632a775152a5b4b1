/** What a run says: a table with one line a suite, the failures with their reasons, and the same as JSON. */
import { describe, type Expectations, type Surprise } from './expectations.js';
import type { Configuration } from './subject.js';
import type { Suite } from './suite.js';
import { count, isFailure, type Count, type Counts, type Judged } from './verdict.js';

export interface Run {
  readonly configuration: Configuration;
  readonly axios: string;
  readonly seconds: number;
  /** Those that ran, with the tests that applied. */
  readonly suites: readonly Suite[];
  readonly judged: ReadonlyMap<string, Judged>;
  readonly expected: Expectations;
  readonly surprises: readonly Surprise[];
}

type Row = readonly string[];

const HEADINGS: Row = ['suite', 'required', 'optimal', 'check', 'not judged'];

function formatCount({ passed, total }: Count): string {
  return total === 0 ? '-' : `${passed}/${total}`;
}

function formatRow(name: string, counts: Counts): Row {
  const unjudged = Object.entries(counts.unjudged).map(([verdict, number]) => `${number} ${verdict}`);
  return [
    name,
    formatCount(counts.required),
    formatCount(counts.optimal),
    formatCount(counts.check),
    unjudged.join(', '),
  ];
}

function judgedOf(suite: Suite, judged: ReadonlyMap<string, Judged>): readonly Judged[] {
  return suite.tests.map((test) => judged.get(test.id)).filter((one) => one !== undefined);
}

function countSuites(run: Run): readonly (readonly [id: string, counts: Counts])[] {
  const all = run.suites.map((suite) => [suite.id, count(judgedOf(suite, run.judged))] as const);
  return all.filter(([, { required, optimal, check }]) => required.total + optimal.total + check.total > 0);
}

function alignColumns(rows: readonly Row[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const align = (cell: string, column: number): string => {
    const width = widths[column] ?? 0;
    return column === 0 || column === HEADINGS.length - 1 ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n');
}

export function formatTable(run: Run): string {
  const rows = countSuites(run).map(([id, counts]) => formatRow(id, counts));
  return alignColumns([HEADINGS, ...rows, formatRow('all', count([...run.judged.values()]))]);
}

/** Dependencies speak for those that hang on them, so only failures of their own are listed. */
function formatFailures(run: Run): string {
  const own = [...run.judged.values()].filter((one) => isFailure(one) && one.verdict !== 'dependency_fail');
  const lines = own.map((one) => {
    const reason = run.expected.get(one.id);
    return `  ${one.id} (${one.kind}): ${describe(one)}${reason === undefined ? '' : `\n    expected: ${reason}`}`;
  });
  return lines.length === 0 ? '' : `\nFailures:\n${lines.join('\n')}\n`;
}

function formatSurprises({ surprises }: Run): string {
  const lines = surprises.map(({ kind, id, detail }) => `  ${kind}: ${id}: ${detail}`);
  return lines.length === 0 ? '' : `\nNot as expected:\n${lines.join('\n')}\n`;
}

export function formatRun(run: Run): string {
  const { options, adapter, storage, shared } = run.configuration;
  const subject =
    options === 'none'
      ? `axios ${run.axios} without a cache`
      : `options ${options}, storage ${storage}${shared ? ', shared' : ''}`;
  const heading = `${subject}, adapter ${adapter}: ${run.seconds.toFixed(1)} s`;
  return `${heading}\n\n${formatTable(run)}\n${formatFailures(run)}${formatSurprises(run)}`;
}

export function toJson(run: Run): string {
  const results = Object.fromEntries([...run.judged.values()].map(({ id, ...rest }) => [id, rest]));
  const summary = {
    configuration: run.configuration,
    axios: run.axios,
    node: process.versions.node,
    seconds: run.seconds,
    counts: count([...run.judged.values()]),
    suites: Object.fromEntries(countSuites(run)),
    surprises: run.surprises,
    results,
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
}
