/** `npm run bench`: what a hit costs next to axios and to another cache, and what many callers cost the origin. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatTable } from '../demo/table.js';
import { measureCollapse } from './collapse.js';
import { jsonOf } from './payload.js';
import { compare, type Result } from './rounds.js';
import { createSubjects, OURS } from './subjects.js';

const PAYLOADS: readonly (readonly [label: string, bytes: number])[] = [
  ['2.5 kB of JSON', 2_500],
  ['100 kB of JSON', 100_000],
];
const CALLERS = 1_000;

async function compareOn(text: string): Promise<readonly Result[]> {
  const subjects = createSubjects(text);
  try {
    return await compare(subjects);
  } finally {
    for (const { close } of subjects) await close();
  }
}

const fixed = (value: number, digits: number): string => value.toFixed(digits);

function showResults(label: string, results: readonly Result[]): void {
  const rows = results.map(({ name, ratio, quartiles: [lower, upper], microseconds }) => [
    name,
    fixed(ratio, 2),
    `${fixed(lower, 2)} to ${fixed(upper, 2)}`,
    fixed(microseconds, 1),
  ]);
  const head = ['one request', 'times axios', 'half of the rounds', 'us here'];
  console.log(`\n${label}\n\n${formatTable(head, rows)}`);
}

const { json } = parseArgs({ options: { json: { type: 'string' } } }).values;

console.log('A request answered from memory, as a multiple of what axios takes with an adapter that does nothing: processor');
console.log('time, the median over rounds in which all take turns.');
const hits: Record<string, readonly Result[]> = {};
for (const [label, bytes] of PAYLOADS) {
  const results = await compareOn(jsonOf(bytes));
  hits[label] = results;
  showResults(label, results);
}

const collapse = await measureCollapse(jsonOf(2_500), CALLERS);
console.log(`\n${CALLERS} identical requests at once, nothing stored\n`);
console.log(
  formatTable(
    ['', 'origin requests', 'ms here'],
    collapse.map(({ name, originRequests, milliseconds }) => [name, originRequests, Math.round(milliseconds)]),
  ),
);

if (json !== undefined) {
  const report = { node: process.version, hits, collapse };
  await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`);
}

const ours = collapse.find(({ name }) => OURS.startsWith(name));
if (ours?.originRequests !== 1) {
  console.error(`\n${CALLERS} callers cost ${ours?.originRequests ?? 'uncounted'} origin requests instead of 1.`);
  process.exitCode = 1;
}
