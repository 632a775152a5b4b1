/**
 * Writes docs/storages/performance.md from what runs found, and the figures in docs/storages.md; nothing on the former page
 * has another source.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNumber, formatRatio, formatSpread, formatValue, NOTHING } from '../report/numbers.js';
import { aimsIn } from './aims.js';
import { choiceOf } from './choice.js';
import { GROUPS } from './groups.js';
import { TIMINGS } from './measure.js';
import type { StorageRun } from './run.js';
import type { GroupResult, StorageResult } from './scenario.js';
import { markdownTable } from '../../demo/table.js';
import { writePart } from '../../scripts/page-part.mjs';

const DOCS = join(import.meta.dirname, '..', '..', 'docs');
const FILE = join(DOCS, 'storages', 'performance.md');
/** The figures by which a storage is chosen. */
const CHOICE = { page: 'docs/storages.md', name: 'figures', command: 'npm run bench:storages -- --docs' };

interface Section {
  readonly run: StorageRun;
  readonly result: GroupResult;
}

/** `others` add the groups that `run` has not. */
export function writeDocs(run: StorageRun, others: readonly StorageRun[]): void {
  const sections = GROUPS.flatMap(({ name }) => sectionOf(name, [run, ...others]) ?? []);
  const parts = [...introduction(run), ...aimsOf(sections), ...sections.flatMap(({ result }) => groupPart(result))];
  writeFileSync(FILE, `${parts.join('\n\n')}\n`);
  writePart(CHOICE, choiceOf([run, ...others]));
}

function sectionOf(name: string, runs: readonly StorageRun[]): Section | undefined {
  for (const run of runs) {
    const result = run.groups.find(({ group }) => group === name);
    if (result !== undefined) return { run, result };
  }
  return undefined;
}

function introduction({ node, platform, cores, pace, load }: StorageRun): readonly string[] {
  const { rounds, roundMs } = TIMINGS[pace];
  return [
    '# What the storages cost',
    '<!-- This page is written by `npm run bench:storages -- --docs`. Changes made by hand are lost. -->',
    'What a look-up and a write of 10 kB take in each storage, as a multiple of what its driver takes for one read ' +
      `or write of the same bytes. Node ${node}, ${platform}, ${cores} processor cores, engines on the same machine. ` +
      'Measure it yourself: `npm ci && npm ci --prefix bench && npm run bench:storages`.',
    [
      '- The contestants of a table take turns in one process, each time in another order: ' +
        `${rounds} rounds of about ${roundMs} ms (fewer where an engine is slow), once the code is warm.`,
      '- **Times** is the time as a multiple of that of the first one in the table, in the same round, so that what ' +
        'disturbs both cancels out: the median over all rounds, and the quartiles between which half of them lie. ' +
        'The first times are by the clock, engine and network included; the last ones are of the processor time of ' +
        'the process itself.',
      '- What each reads, or has written, is compared with the 10 kB before and after it is timed.',
      '- A hit finds one of 64 entries. A write replaces an entry by the fence of a look-up that is not timed. A ' +
        'miss is a look-up that finds nothing, and then a write.',
      '- Engines on another machine make all of this slower and the multiples smaller, as a storage makes as many ' +
        'trips for a hit as its driver does.',
      `- The times were taken while other programs ran (about ${formatNumber(load)} wanted a core), so only the ` +
        'multiples say something.',
      ...(pace === 'quick' ? ['- **This was a quick run**: its rounds are few and short, its numbers coarse.'] : []),
    ].join('\n'),
  ];
}

function aimsOf(sections: readonly Section[]): readonly string[] {
  const rows = sections.flatMap(({ run, result }) =>
    aimsIn(result).map(({ title, contestant, base, aim: { atMost, by }, found, isMet }) => [
      title,
      `${contestant} over ${base}`,
      by,
      formatNumber(atMost),
      formatNumber(found.median),
      formatSpread(found),
      run.node,
      isMet ? 'yes' : '**no**',
    ]),
  );
  if (rows.length === 0) return [];
  return [
    '## What was aimed at',
    markdownTable(['', 'what', 'by the', 'at most', 'found', 'quartiles', 'Node', 'met'], rows, 3),
  ];
}

function groupPart(result: GroupResult): readonly string[] {
  const group = GROUPS.find(({ name }) => name === result.group);
  return [
    `## ${group?.title ?? result.group}`,
    `${group?.about ?? ''} Measured on ${result.engine}.`,
    ...result.scenarios.flatMap((scenario) => [`### ${scenario.title}`, scenarioTable(scenario)]),
  ];
}

const scenarioTable = ({ contestants }: StorageResult): string =>
  markdownTable(
    ['', 'µs by the clock', 'times', 'quartiles', 'µs of processor', 'times'],
    contestants.map(({ title, outcome }) => {
      if (outcome.kind !== 'measured' || outcome.clock === undefined) return [title, ...Array<string>(5).fill(NOTHING)];
      const { value, ratio, clock } = outcome;
      return [
        title,
        formatValue(clock.value.median, 'ns'),
        formatRatio(clock.ratio),
        formatSpread(clock.ratio),
        formatValue(value.median, 'ns'),
        formatRatio(ratio),
      ];
    }),
  );
