/** `npm run bench:storages`: measures what was asked for, shows it, and writes it where it was told to. */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { textOf } from '../report/text.js';
import { aimsIn, sentenceOf } from './aims.js';
import type { Report, Task } from './child.js';
import { writeDocs } from './docs.js';
import { GROUPS } from './groups.js';
import { helpOf, type Options, parseOptions } from './options.js';
import type { StorageRun } from './run.js';
import type { GroupResult } from './scenario.js';

/** Gives the exit code. `childFile` is the bundle of `child.ts`. */
export async function main(args: readonly string[], childFile: string): Promise<number> {
  const names = GROUPS.map(({ name }) => name);
  let options: Options;
  try {
    options = parseOptions(args, names);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${helpOf(names)}`);
    return 2;
  }
  if (options.task === 'help') {
    console.log(helpOf(names));
    return 0;
  }
  const { from, json, docs } = options;
  const [runs, failures] = from.length > 0 ? [from.map(readRun), 0] : await measureAll(options, childFile);
  const [first] = runs;
  if (first === undefined) return 1;
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(first, undefined, 2)}\n`);
  if (docs) writeDocs(first, runs.slice(1));
  return failures === 0 ? 0 : 1;
}

const readRun = (file: string): StorageRun => JSON.parse(readFileSync(file, 'utf8')) as StorageRun;

async function measureAll(options: Options, childFile: string): Promise<readonly [StorageRun[], failures: number]> {
  const started = performance.now();
  const groups: GroupResult[] = [];
  let failures = 0;
  for (const { name: group, scenarios } of options.groups) {
    const report = await runGroup(childFile, { group, pace: options.pace, scenarios });
    if (report.kind === 'measured') {
      groups.push(report);
      show(report);
    } else {
      console.error(`\n!!! ${group} is ${report.kind === 'absent' ? 'not measured' : 'FAILED'}: ${report.reason}`);
      if (report.kind === 'failed' || process.env['REQUIRE_SERVICES'] === '1') failures += 1;
    }
  }
  const run = describe(options, groups, Math.round((performance.now() - started) / 1000));
  console.log(`\nNode ${run.node}, ${run.seconds} s`);
  return [[run], failures];
}

const describe = ({ pace }: Options, groups: readonly GroupResult[], seconds: number): StorageRun => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cores: availableParallelism(),
  load: loadavg()[0] ?? 0,
  pace,
  seconds,
  groups,
});

function show(result: GroupResult): void {
  console.log(`\n=== ${result.group}: ${result.engine}`);
  for (const scenario of result.scenarios) console.log(`\n${textOf(scenario)}`);
  for (const aim of aimsIn(result)) console.log(`\n${sentenceOf(aim)}`);
}

function runGroup(file: string, task: Task): Promise<Report> {
  const child = fork(file, [JSON.stringify(task)], { execArgv: ['--no-warnings'] });
  return new Promise((resolve) => {
    child.on('message', (report: Report) => { resolve(report); });
    child.on('exit', (code, signal) => {
      resolve({ kind: 'failed', reason: `its process ended with ${signal ?? `code ${code}`}` });
    });
  });
}
