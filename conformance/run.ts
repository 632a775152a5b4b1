/** Runs the public HTTP cache conformance suite (an export of cache-tests as JSON) against this library over TCP. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import axios from 'axios';
import { driveTest, type Result } from './client.js';
import {
  type Expectations,
  expectationsPath,
  findSurprises,
  readExpectations,
  updateExpectations,
  writeExpectations,
} from './expectations.js';
import { startOrigin } from './origin.js';
import { formatRun, toJson, type Run } from './report.js';
import { type StorageName, STORAGES } from './storages.js';
import { ADAPTERS, createSubject, OPTIONS, type Configuration } from './subject.js';
import { readSuites, selectTests, SuiteError, withDependencies, type Suite, type Test } from './suite.js';
import { judge, type Judged } from './verdict.js';

const CONCURRENCY = 60;
/**
 * Storages on which tests disturb each other: one does not keep an answer beside the invalidation of another one, and
 * one is so slow that short lifetimes pass. Neither says anything about HTTP.
 */
const DISTURBED: readonly StorageName[] = ['key-value', 'dynamo'];
/** One run for each of them, one after the other. */
const ALL = 'all';
const USAGE = `usage: npm run conformance -- <cache-tests.json> [options]
  --storage ${STORAGES.join('|')}|${ALL}
                                     default memory
  --adapter ${ADAPTERS.join('|')}|${ALL}         default http
  --options ${OPTIONS.join('|')}   default rfc9111; none is axios without a cache;
                                     with default each test is judged by itself, whatever it depends on
  --shared                           a shared cache, and the tests about them
  --filter <text>                    ids that contain the text, and what they depend on
  --verbose <id>                     one test, with what went over the wire
  --json <file>                      write the results
  --expectations <folder>            what is known to fail; default conformance/expectations
  --update-expectations              write what fails now as expected`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Arguments {
  readonly file: string;
  readonly all: { readonly storages: boolean; readonly adapters: boolean };
  readonly configuration: Configuration;
  readonly filter: string | undefined;
  readonly verbose: string | undefined;
  readonly json: string | undefined;
  readonly expectations: string;
  readonly update: boolean;
}

function choose<const Word extends string>(name: string, value: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === value);
  if (word === undefined) throw new UsageError(`--${name} is one of ${words.join(', ')}, not "${value}"`);
  return word;
}

function readOptions(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        storage: { type: 'string', default: 'memory' },
        adapter: { type: 'string', default: 'http' },
        options: { type: 'string', default: 'rfc9111' },
        expectations: { type: 'string', default: join(import.meta.dirname, 'expectations') },
        shared: { type: 'boolean', default: false },
        'update-expectations': { type: 'boolean', default: false },
        filter: { type: 'string' },
        verbose: { type: 'string' },
        json: { type: 'string' },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = readOptions(argv);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new UsageError('give the path of one cache-tests.json');
  const all = { storages: values.storage === ALL, adapters: values.adapter === ALL };
  const configuration: Configuration = {
    storage: all.storages ? 'memory' : choose('storage', values.storage, STORAGES),
    adapter: all.adapters ? 'http' : choose('adapter', values.adapter, ADAPTERS),
    options: choose('options', values.options, OPTIONS),
    shared: values.shared,
  };
  const { filter, verbose, json, expectations } = values;
  if (json !== undefined && (all.storages || all.adapters)) throw new UsageError(`--json takes one run, not ${ALL}`);
  return { file, all, configuration, filter, verbose, json, expectations, update: values['update-expectations'] };
}

/** The tests to run, and which of them to report. */
function selectRun(
  { configuration, filter, verbose }: Arguments,
  all: readonly Suite[],
): readonly [Suite[], (id: string) => boolean] {
  const suites = selectTests(all, configuration.shared);
  const isWanted = (id: string): boolean =>
    filter === undefined ? verbose === undefined || id === verbose : id.includes(filter);
  const needed = withDependencies(suites, isWanted);
  if (needed.size === 0) throw new UsageError(`no test that applies has an id like "${filter ?? verbose ?? ''}"`);
  const chosen = suites.map((suite) => ({ ...suite, tests: suite.tests.filter((test) => needed.has(test.id)) }));
  return [configuration.options === 'default' ? chosen.map(withoutDependencies) : chosen, isWanted];
}

/**
 * Most tests depend on `freshness-none`: that what nobody gave a lifetime is not reused. By default it is, on purpose, so
 * there each test is judged by its own result.
 */
const withoutDependencies = (suite: Suite): Suite => ({
  ...suite,
  tests: suite.tests.map((test) => ({ ...test, depends_on: [] })),
});

type RunTest = (test: Test) => Promise<Result>;

async function runAll(tests: readonly Test[], run: RunTest): Promise<Map<string, Result>> {
  const results = new Map<string, Result>();
  const queue = tests.values();
  const worker = async (): Promise<void> => {
    for (const test of queue) results.set(test.id, await run(test));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

/** Runs what has failed unexpectedly once more, by itself. What is only looked at fails nothing. */
async function runAgain(
  tests: readonly Test[],
  run: RunTest,
  results: Map<string, Result>,
  expected: Expectations,
): Promise<void> {
  const better: string[] = [];
  for (const test of tests) {
    if (results.get(test.id) === true || expected.has(test.id) || test.kind === 'check') continue;
    const result = await run(test);
    if (result === true) better.push(test.id);
    results.set(test.id, result);
  }
  if (better.length > 0) console.log(`passed by themselves, though not beside others: ${better.join(', ')}`);
}

async function runSuites(
  { configuration, verbose }: Arguments,
  suites: readonly Suite[],
  expected: Expectations,
): Promise<ReadonlyMap<string, Result>> {
  const subject = await createSubject(configuration);
  const origin = await startOrigin();
  const driver = { http: subject.http, origin: origin.url, adapter: configuration.adapter };
  const lines: string[] = [];
  try {
    const tests = suites.flatMap((suite) => suite.tests);
    const run: RunTest = (test) =>
      driveTest(driver, test, test.id === verbose ? (line) => lines.push(line) : undefined);
    const results = await runAll(tests, run);
    if (DISTURBED.includes(configuration.storage)) await runAgain(tests, run, results, expected);
    return results;
  } finally {
    if (verbose !== undefined) console.log([verbose, ...lines, ''].join('\n'));
    await subject.close().finally(() => origin.close());
  }
}

/** The baseline is a measurement: nothing is expected of it. */
async function checkExpectations(
  args: Arguments,
  judged: ReadonlyMap<string, Judged>,
  path: string,
  before: Expectations,
): Promise<Pick<Run, 'expected' | 'surprises'>> {
  if (args.configuration.options === 'none') return { expected: new Map(), surprises: [] };
  const expected = args.update ? updateExpectations(judged.values(), before) : before;
  if (args.update) await writeExpectations(path, expected);
  return { expected, surprises: findSurprises(judged.values(), expected) };
}

/** Whether all was as expected. */
async function runOne(args: Arguments): Promise<boolean> {
  const [suites, isWanted] = selectRun(args, await readSuites(args.file));
  const path = expectationsPath(args.expectations, args.configuration);
  const before = await readExpectations(path);
  const start = performance.now();
  const results = await runSuites(args, suites, before);
  const seconds = (performance.now() - start) / 1000;
  const judged = new Map([...judge(suites, results)].filter(([id]) => isWanted(id)));
  const expectations = await checkExpectations(args, judged, path, before);
  const run: Run = {
    configuration: args.configuration,
    axios: axios.VERSION,
    seconds,
    suites,
    judged,
    ...expectations,
  };
  console.log(formatRun(run));
  if (args.json !== undefined) await writeFile(args.json, toJson(run));
  return run.surprises.length === 0;
}

async function main(argv: readonly string[]): Promise<number> {
  const args = readArguments(argv);
  const { all, configuration } = args;
  let isAsExpected = true;
  for (const storage of all.storages ? STORAGES : [configuration.storage]) {
    for (const adapter of all.adapters ? ADAPTERS : [configuration.adapter]) {
      const one = { ...args, configuration: { ...configuration, storage, adapter } };
      isAsExpected = (await runOne(one)) && isAsExpected;
    }
  }
  return isAsExpected ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(error instanceof SuiteError ? error.message : error);
  return 2;
});
