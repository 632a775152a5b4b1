// How Stryker runs tests here: jest's own `test` and `expect`, all in one process, until a test fails. A mutant takes a
// fraction of the time so that it takes by jest itself, which makes a new environment for each file of tests.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { ModernFakeTimers } from '@jest/fake-timers';
import { INSTRUMENTER_CONSTANTS } from '@stryker-mutator/api/core';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { expect } from 'expect';
import * as circus from 'jest-circus';
import { FOLDERS, testFilesOf } from './folders.mjs';
import { jestFor } from './jest.mjs';
import { createLoader } from './modules.mjs';
import { Order } from './order.mjs';

const { describe, it, test, beforeAll, beforeEach, afterAll, afterEach } = circus.default ?? circus;
/** A test that waits for longer has failed. A loaded machine is slow, and no test waits for the clock. */
const LIMIT_MS = 30_000;
/** What so many seconds of the processor have not found counts as not found. Without a limit all tests run. */
const PATIENCE_SECONDS = Number(process.env.MUTATION_PATIENCE ?? Infinity);
/** On a mutant a test has this and five times what it took before. Many a mutant makes a test wait for ever. */
const SHORTEST_LIMIT_MS = 1000;
const TURN_MS = 20;

const folder = FOLDERS[process.env.MUTATED];
const { untested } = folder;

/** Stryker and the mutants meet here. */
const shared = (globalThis[INSTRUMENTER_CONSTANTS.NAMESPACE] = {});

class TestRunner {
  #root = process.cwd();
  #files = testFilesOf(folder, this.#root);
  #order = new Order();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    Object.assign(globalThis, { describe, it, test, beforeAll, beforeEach, afterAll, afterEach, expect });
    process.env.NODE_ENV = 'test';
    // It looks once whether there is an XMLHttpRequest, and a file of tests that makes one may come first.
    createRequire(import.meta.url)('axios');
    // What a mutant leaves behind fails its own test, and not those of the next.
    process.on('unhandledRejection', () => undefined);
  }

  async dryRun() {
    shared.mutantCoverage = { static: {}, perTest: {} };
    const result = await this.#run(this.#files.map((file) => ({ file })), { isDry: true });
    if (result.tests !== undefined) this.#order.note(result.tests);
    return { ...result, mutantCoverage: shared.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, sandboxFileName, disableBail }) {
    const rounds = this.#order.rounds(this.#files, testFilter ?? this.#order.ids, sandboxFileName);
    Object.assign(shared, { activeMutant: activeMutant.id, hitLimit, hitCount: hitLimit && 0 });
    const limitOf = (id) => SHORTEST_LIMIT_MS + 5 * this.#order.millisecondsOf(id);
    const noteFound = (file) => { this.#order.noteFound(file, sandboxFileName); };
    try {
      return toMutantRunResult(await this.#run(rounds, { bails: !disableBail, limitOf, noteFound }), disableBail);
    } finally {
      shared.activeMutant = undefined;
    }
  }

  async #run(rounds, how) {
    const tests = [];
    const since = process.cpuUsage();
    for (const { file, chosen } of rounds) {
      if (how.bails && secondsSince(since) > PATIENCE_SECONDS) break;
      try {
        tests.push(...(await runFile(this.#root, file, { ...how, chosen })));
      } catch (error) {
        return { status: DryRunStatus.Error, errorMessage: `${file}: ${error?.stack ?? error}` };
      }
      const reached = determineHitLimitReached(shared.hitCount, shared.hitLimit);
      if (reached !== undefined) return reached;
      if (!how.bails || tests.every(({ status }) => status !== TestStatus.Failed)) continue;
      how.noteFound(file);
      break;
    }
    return { status: DryRunStatus.Complete, tests };
  }
}

function secondsSince(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

/** Loads one file of tests anew, and runs those of its tests that are chosen. */
async function runFile(root, file, { chosen, bails, isDry, limitOf }) {
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
    if (event.name === 'run_start' && limitOf) limitEach(state.rootDescribeBlock, (each) => limitOf(idOf(each)));
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

/** The name of a test with those of the blocks that it stands in, of which the outermost has none that shows. */
function nameOf({ name, parent }) {
  const names = [name];
  for (let block = parent; block?.parent !== undefined; block = block.parent) names.unshift(block.name);
  return names.join(' ');
}

/** Skips all other tests, and blocks without a test that runs, whose hooks may start an engine. */
function skipUnless(block, isWanted) {
  let isEmpty = true;
  for (const child of block.children) {
    if (child.type === 'describeBlock') skipUnless(child, isWanted);
    else if (!isWanted(child)) child.mode = 'skip';
    isEmpty &&= child.mode === 'skip';
  }
  if (isEmpty) block.mode = 'skip';
}

function limitEach(block, limitOf) {
  for (const child of block.children) {
    if (child.type === 'describeBlock') limitEach(child, limitOf);
    else if (child.fn?.length === 0) child.fn = limited(child.fn, limitOf(child));
  }
}

/** The same test, which fails after so many milliseconds of this process: none pass while others have the processor. */
const limited = (testFunction, ms) =>
  async function () {
    let timer;
    const tooLong = new Promise((_resolve, reject) => {
      let left = ms / TURN_MS;
      timer = setInterval(() => {
        left -= 1;
        if (left <= 0) reject(new Error(`the test did not end within ${ms} ms`));
      }, TURN_MS);
    });
    try {
      return await Promise.race([testFunction.call(this), tooLong]);
    } finally {
      clearInterval(timer);
    }
  };

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
