// How jest runs tests on a mutant: the tests of the mutated file first, in one process, until a test fails. Files that
// have none of the tests that reach the mutant are not loaded. Stryker asks jest for all of them, whatever happens.
const { basename } = require('node:path');
const { default: TestRunner } = require('jest-runner');

/** The names of the tests in each file, from the runs so far: this process runs one mutant after the other. */
const namesInFile = new Map();

module.exports = class MutantRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    let hasFailed = false;
    this.on('test-file-success', ([test, result]) => {
      hasFailed ||= result.numFailingTests > 0 || result.testExecError !== undefined;
      namesInFile.set(test.path, result.testResults.map(({ fullName }) => fullName));
    });
    for (const test of this.#chosen(tests)) {
      await super.runTests([test], watcher, options);
      if (hasFailed) return;
    }
  }

  #chosen(tests) {
    const { nonFlagArgs = [], testNamePattern = '' } = this._globalConfig;
    const own = new Set(nonFlagArgs.map((file) => `${basename(file, '.ts')}.test.ts`));
    const pattern = new RegExp(testNamePattern, 'i');
    const isOwn = ({ path }) => own.has(basename(path));
    return tests
      .filter(({ path }) => namesInFile.get(path)?.some((name) => pattern.test(name)) ?? true)
      .sort((one, other) => Number(isOwn(other)) - Number(isOwn(one)));
  }
};
