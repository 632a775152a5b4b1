/** `npm run compare:rivals`: every scenario on this package and on axios-cache-interceptor, and what each does. */
import { isDeepStrictEqual } from 'node:util';
import { formatTable } from '../demo/table.js';
import { THEMES } from './scenarios.js';
import type { Scenario, Subject } from './scenario.js';
import { createInterceptor } from './subjects/interceptor.js';
import { createOurs } from './subjects/ours.js';

/** The last has the options set that its documentation offers against some of these scenarios. */
const SUBJECTS: readonly Subject[] = [
  createOurs(),
  createInterceptor('axios-cache-interceptor, as in its README', {}, false),
  createInterceptor(
    'axios-cache-interceptor, with its careful options',
    {
      cacheTakeover: false,
      modifiedSince: true,
      staleIfError: (response) => response === undefined || [500, 502, 503, 504].includes(response.status),
    },
    'double',
  ),
];
const LETTERS = ['A', 'B', 'C'];
const WIDTH = 60;

interface Row {
  readonly scenario: Scenario;
  /** One for each subject. */
  readonly seen: readonly unknown[];
}

async function see({ see: act }: Scenario, subject: Subject): Promise<unknown> {
  try {
    return await act(subject);
  } catch (error) {
    return `throws ${String(error)}`;
  } finally {
    await subject.close();
  }
}

const textOf = (seen: unknown): string => {
  const text = JSON.stringify(seen);
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text;
};

async function compare(scenario: Scenario): Promise<Row> {
  const seen: unknown[] = [];
  for (const subject of SUBJECTS) seen.push(await see(scenario, subject));
  return { scenario, seen };
}

const isRight = ({ right }: Scenario, seen: unknown): boolean => isDeepStrictEqual(seen, right);

function show(title: string, rows: readonly Row[]): void {
  const table = rows.map(({ scenario, seen }) => [
    scenario.defect,
    ...seen.map((each) => (isRight(scenario, each) ? 'right' : 'WRONG')),
    scenario.name,
  ]);
  console.log(`\n${title}\n\n${formatTable(['', ...LETTERS, 'what must be right'], table)}`);
  for (const { scenario, seen } of rows) {
    if (seen.every((each) => isRight(scenario, each))) continue;
    console.log(`\n  ${scenario.defect}: ${scenario.name}\n     right  ${textOf(scenario.right)}`);
    for (const [index, each] of seen.entries()) {
      if (!isRight(scenario, each)) console.log(`     ${LETTERS[index]}      ${textOf(each)}`);
    }
  }
}

// A request that waits for ever may be rejected, unheard, when its origin goes.
process.on('unhandledRejection', () => undefined);

console.log(SUBJECTS.map(({ name }, index) => `${LETTERS[index]}  ${name}`).join('\n'));
const all: Row[] = [];
for (const { title, scenarios } of THEMES) {
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(await compare(scenario));
  show(title, rows);
  all.push(...rows);
}

const counts = SUBJECTS.map(({ name }, index) => [
  name,
  all.filter(({ scenario, seen }) => isRight(scenario, seen[index])).length,
  all.length,
]);
console.log(`\n${formatTable(['', 'right', 'of'], counts)}`);
if (all.some(({ scenario, seen: [ours] }) => !isRight(scenario, ours))) process.exitCode = 1;
