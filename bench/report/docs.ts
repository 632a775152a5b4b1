/** Writes docs/performance.md and its charts from what runs found; nothing on that page has another source. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANDIDATES, CANDIDATE_NAMES } from '../candidates/candidates.js';
import type { DataOwnership } from '../candidates/candidate.js';
import { TIMINGS } from '../coordinator.js';
import type { Run, ScenarioResult } from '../results.js';
import type { Group } from '../scenarios/scenario.js';
import { groupsOf } from '../scenarios/scenarios.js';
import { formatRatio, NOTHING } from './numbers.js';
import { notesOf, tableOf } from './rows.js';
import { chartOf } from './svg.js';
import { markdownTable } from '../../demo/table.js';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const CHARTS = 'performance';

/** `others` are runs on other versions of Node: of them the page shows the ratios alone. */
export function writeDocs(run: Run, others: readonly Run[]): void {
  rmSync(join(DOCS, CHARTS), { recursive: true, force: true });
  mkdirSync(join(DOCS, CHARTS));
  const sections = groupsOf(run.pace).flatMap((group) => {
    const results = resultsOf(group, run);
    if (results.length === 0) return [];
    writeFileSync(join(DOCS, CHARTS, `${group.name}.svg`), chartOf(group.title, results));
    return sectionOf(group, results, others);
  });
  writeFileSync(join(DOCS, 'performance.md'), `${[...introduction(run, others), ...sections].join('\n\n')}\n`);
}

const resultsOf = ({ scenarios }: Group, run: Run): readonly ScenarioResult[] =>
  scenarios.flatMap(({ name }) => run.scenarios.find((each) => each.name === name) ?? []);

function introduction({ node, platform, cores, pace, versions }: Run, others: readonly Run[]): readonly string[] {
  const { rounds, roundMs, warmUps, warmUp } = TIMINGS[pace];
  const otherNodes = others.map((each) => `Node ${each.node}`).join(' and ');
  const further = others.length === 0 ? '' : ` The last columns are from ${otherNodes}.`;
  return [
    '# Performance',
    '<!-- This page is written by `npm run bench -- --docs`. Changes made by hand are lost. -->',
    `This page tells what a request costs with this cache, with axios alone and with other caches, on Node ${node}, ` +
      `${platform}, ${cores} processor cores.${further} Times depend on the machine, the ratios much less. Measure it yourself: ` +
      '`npm ci && npm ci --prefix bench && npm run bench`.',
    '## How it is measured',
    [
      '- Each candidate runs in a process of its own. They take turns, each time in another order: ' +
        `${rounds} rounds of about ${roundMs} ms each. Before, its code is warmed by ` +
        `${(warmUps * warmUp.requests).toLocaleString('en')} requests, or by as many as it makes in ` +
        `${(warmUps * warmUp.mostMs) / 1000} seconds.`,
      '- The time is the processor time of the whole process, threads of garbage collection and of drivers included, ' +
        'since other programs on the machine disturb it least. The time by the clock stands beside it.',
      '- **Times** is the time as a multiple of that of the first candidate in the table, in the same round, so that ' +
        'what disturbs both cancels out. Shown are the median over all rounds, and the quartiles between which half ' +
        'of them lie.',
      '- Before it is timed, each candidate must give the right data, and objects of their own to callers where it ' +
        'promises that. The requests that reach the origin are counted all the time. A candidate that asks more or ' +
        'less often than it should is shown as failed, with no time.',
      ...(pace === 'quick' ? ['- **This was a quick run**: its rounds are few and short, its numbers coarse.'] : []),
    ].join('\n'),
    '## Who takes part',
    markdownTable(
      ['', 'version', 'data', 'what it does'],
      CANDIDATE_NAMES.map((name) => {
        const { title, about, data, package: from } = CANDIDATES[name];
        return [title, from === undefined ? NOTHING : (versions[from] ?? NOTHING), OWNERSHIPS[data], about];
      }),
      4,
    ),
  ];
}

const OWNERSHIPS: Readonly<Record<DataOwnership, string>> = {
  own: "each caller's own",
  shared: 'one object for all callers',
  frozen: 'one frozen object for all callers',
};

function sectionOf(
  { name, title, about }: Group,
  results: readonly ScenarioResult[],
  others: readonly Run[],
): readonly string[] {
  return [
    `## ${title}`,
    about,
    `![${title}](${CHARTS}/${name}.svg)`,
    ...results.flatMap((result) => [`### ${result.title}`, scenarioTable(result, others), ...notesOf(result)]),
  ];
}

function scenarioTable(result: ScenarioResult, others: readonly Run[]): string {
  const { head, rows } = tableOf(result);
  const further = others.map(({ node, scenarios }) => {
    const contestants = scenarios.find(({ name }) => name === result.name)?.contestants ?? [];
    const outcomeOf = (id: string) => contestants.find((each) => each.id === id)?.outcome;
    return { head: `times, Node ${node}`, outcomeOf };
  });
  return markdownTable(
    [...head, ...further.map((each) => each.head)],
    rows.map((row, index) => [
      ...row,
      ...further.map(({ outcomeOf }) => {
        const outcome = outcomeOf(result.contestants[index]?.id ?? '');
        return outcome?.kind === 'measured' ? formatRatio(outcome.ratio) : NOTHING;
      }),
    ]),
  );
}
