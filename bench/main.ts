/** `npm run bench`: measures what was asked for, shows it, and writes it where it was told to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CANDIDATES, CANDIDATE_NAMES } from './candidates/candidates.js';
import { profileScenario, runScenario } from './coordinator.js';
import { HELP, type Options, parseOptions } from './options.js';
import { writeDocs } from './report/docs.js';
import { profileText, textOf } from './report/text.js';
import type { Run, ScenarioResult } from './results.js';
import { describeRun } from './run-description.js';
import type { Scenario } from './scenarios/scenario.js';

/** Gives the exit code. `childFile` is the bundle of `child.ts`. */
export async function main(args: readonly string[], childFile: string): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.task === 'help') console.log(HELP);
  if (options.task === 'list') console.log(listing(options));
  if (options.task === 'profile') await profile(options, childFile);
  return options.task === 'measure' ? measure(options, childFile) : 0;
}

function listing({ groups }: Options): string {
  const scenarios = groups.flatMap((group) => group.scenarios).map(({ name, title }) => `${name.padEnd(24)}${title}`);
  const candidates = CANDIDATE_NAMES.map((name) => `${name.padEnd(24)}${CANDIDATES[name].title}`);
  return ['Scenarios', ...scenarios, '', 'Candidates', ...candidates].join('\n');
}

async function measure(options: Options, childFile: string): Promise<number> {
  const { from, json, docs } = options;
  const runs = from.length > 0 ? from.map(readRun) : [await run(options, childFile)];
  const [first] = runs;
  if (first === undefined) return 1;
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(first, undefined, 2)}\n`);
  if (docs) writeDocs(first, runs.slice(1));
  return failuresIn(runs);
}

async function profile({ groups, pace, takesPart }: Options, childFile: string): Promise<void> {
  for (const scenario of groups.flatMap((group) => group.scenarios).filter(({ unit }) => unit === 'ns')) {
    const found = await profileScenario(childFile, pace, scenario, participants(scenario, takesPart));
    console.log(`\n${profileText(scenario, found)}`);
  }
}

const readRun = (file: string): Run => JSON.parse(readFileSync(file, 'utf8')) as Run;

async function run({ groups, pace, takesPart }: Options, childFile: string): Promise<Run> {
  const started = performance.now();
  const scenarios: ScenarioResult[] = [];
  for (const scenario of groups.flatMap((group) => group.scenarios)) {
    const result = await runScenario(childFile, pace, scenario, participants(scenario, takesPart));
    console.log(`\n${textOf(result)}`);
    scenarios.push(result);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`\nNode ${process.version}, ${seconds} s`);
  return { ...describeRun(), pace, seconds, scenarios };
}

/** What the others are compared with always takes part. */
const participants = ({ contestants }: Scenario, takesPart: Options['takesPart']): Scenario['contestants'] =>
  contestants.filter((each, index) => index === 0 || takesPart(each));

/** Names all candidates that failed. The exit code tells whether one of this package's own is among them. */
function failuresIn(runs: readonly Run[]): number {
  let exitCode = 0;
  for (const { name, contestants } of runs.flatMap(({ scenarios }) => scenarios)) {
    for (const { id, outcome } of contestants) {
      if (outcome.kind !== 'failed') continue;
      console.error(`FAILED  ${name}, ${id}: ${outcome.reason}`);
      if (id.startsWith('ours')) exitCode = 1;
    }
  }
  return exitCode;
}
