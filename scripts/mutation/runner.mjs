// How Stryker runs tests here: jest's own `test` and `expect`, all in one process, until a test fails. A mutant takes
// some milliseconds so, and half a second by jest itself, which makes a new environment for each file of tests.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ModernFakeTimers } from '@jest/fake-timers';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'expect';
import * as circus from 'jest-circus';
import { fn } from 'jest-mock';
import { FOLDERS } from './folders.mjs';
import { createLoader } from './modules.mjs';

const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus.default ?? circus;
/** A test that waits for longer has failed. A loaded machine is slow, and no test waits for the clock. */
const LIMIT_MS = 30_000;

const { tests: folders, without, untested } = FOLDERS[process.env.MUTATED];

/** Stryker and the mutants meet here. */
const shared = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] = {});

class TestRunner {
  #root = process.cwd();
  #files = testFiles(this.#root);
  /** How many mutants each file of tests has found in this process. */
  #found = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect });
    process.env.NODE_ENV = 'test';
    // What a mutant leaves behind fails its own test, and not those of the next.
    process.on('unhandledRejection', () => undefined);
  }

  async dryRun() {
    shared.mutantCoverage = { static: {}, perTest: {} };
    const result = await this.#run(this.#files, { isDry: true });
    return { ...result, mutantCoverage: shared.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName, disableBail }) {
    const chosen = testFilter && new Set(testFilter);
    const files = this.#files
      .filter((file) => testFilter?.some((id) => id.startsWith(`${file} `)) ?? true)
      .sort((one, other) => this.#promise(other, sandboxFileName) - this.#promise(one, sandboxFileName));
    Object.assign(shared, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    try {
      return toMutantRunResult(await this.#run(files, { chosen, bails: !disableBail }), disableBail);
    } finally {
      shared.activeMutant = undefined;
    }
  }

  /** What tells how likely a file finds a mutant: it has the tests of the mutated file, or has found many others. */
  #promise(file, mutated) {
    const isOwn = basename(file) === `${basename(mutated, '.ts')}.test.ts`;
    return isOwn ? Number.MAX_SAFE_INTEGER : (this.#found.get(file) ?? 0);
  }

  async #run(files, how) {
    const tests = [];
    for (const file of files) {
      try {
        tests.push(...(await runFile(this.#root, file, how)));
      } catch (error) {
        return { status: DryRunStatus.Error, errorMessage: `${file}: ${error?.stack ?? error}` };
      }
      const reached = determineHitLimitReached(shared.hitCount, shared.hitLimit);
      if (reached !== undefined) return reached;
      if (!how.bails || tests.every(({ status }) => status !== TestStatus.Failed)) continue;
      this.#found.set(file, (this.#found.get(file) ?? 0) + 1);
      break;
    }
    return { status: DryRunStatus.Complete, tests };
  }
}

function testFiles(root) {
  const left = without.map((unit) => `${unit}.test.ts`);
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, '__tests__', folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.test.ts') && !left.includes(basename(file)));
}

/** Loads one file of tests anew, and runs those of its tests that are chosen. */
async function runFile(root, file, { chosen, bails, isDry }) {
  circus.resetState();
  Object.assign(circus.getState(), { testTimeout: LIMIT_MS, parentProcess: process });
  const path = join(root, '__tests__', file);
  const loader = createLoader(root);
  const timers = new ModernFakeTimers({ config: { fakeTimers: {}, rootDir: root }, global: globalThis });
  globalThis.jest = jestFor(timers, loader, path);
  const results = [];
  const idOf = (each) => `${file} ${nameOf(each)}`;
  const isWanted = (each) => (chosen?.has(idOf(each)) ?? true) && untested?.test(nameOf(each)) !== true;
  const watch = (event, state) => {
    if (event.name === 'run_start') skipUnless(state.rootDescribeBlock, isWanted);
    if (event.name === 'test_start') startTest(isDry ? idOf(event.test) : undefined);
    if (event.name === 'test_fn_success') failUnlessAsserted(event.test);
    if (event.name !== 'test_done' && event.name !== 'test_skip') return;
    shared.currentTestId = undefined;
    results.push(resultOf(event.test, idOf(event.test), path, event.name === 'test_skip'));
    if (bails && event.test.errors.length > 0) skipUnless(state.rootDescribeBlock, () => false);
  };
  circus.addEventHandler(watch);
  try {
    loader.load(path);
    const { unhandledErrors } = await circus.run();
    if (unhandledErrors.length > 0) throw new Error(unhandledErrors[0]);
    return results;
  } finally {
    circus.removeEventHandler(watch);
    timers.useRealTimers();
  }
}

/** What the tests of the mutated folders use of `jest`. */
const jestFor = (timers, loader, path) => ({
  fn,
  resetModules: loader.forget,
  requireActual: (name) => loader.loadItself(loader.find(name, path)),
  doMock: (name, make) => loader.substitute(loader.find(name, path), make),
  useFakeTimers: (options) => timers.useFakeTimers(options),
  useRealTimers: () => timers.useRealTimers(),
  advanceTimersByTimeAsync: (ms) => timers.advanceTimersByTimeAsync(ms),
  getTimerCount: () => timers.getTimerCount(),
});

/** The name of a test with those of the blocks that it stands in, of which the outermost has none that shows. */
function nameOf({ name, parent }) {
  const names = [name];
  for (let block = parent; block?.parent !== undefined; block = block.parent) names.unshift(block.name);
  return names.join(' ');
}

function skipUnless(block, isWanted) {
  for (const child of block.children) {
    if (child.type === 'describeBlock') skipUnless(child, isWanted);
    else if (!isWanted(child)) child.mode = 'skip';
  }
}

function startTest(id) {
  shared.currentTestId = id;
  expect.setState({ assertionCalls: 0, expectedAssertionsNumber: null, isExpectingAssertions: false });
}

function failUnlessAsserted(of) {
  for (const { error } of expect.extractExpectedAssertionsErrors()) of.errors.push([error, error]);
}

function resultOf(of, id, fileName, isSkipped) {
  const common = { id, name: nameOf(of), fileName, timeSpentMs: of.duration ?? 0 };
  if (isSkipped) return { ...common, status: TestStatus.Skipped };
  if (of.errors.length === 0) return { ...common, status: TestStatus.Success };
  const [error] = [of.errors[0]].flat();
  return { ...common, status: TestStatus.Failed, failureMessage: String(error?.stack ?? error) };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'in-process', TestRunner)];
