// Mutation testing of one folder, which `MUTATED` names: `npm run test:mutation` sets it, for each folder in turn.
import { FOLDERS } from './scripts/mutation/folders.mjs';

const { MUTATED: name = 'rfc9111' } = process.env;
const results = `coverage/mutation/${name}`;

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: ['./scripts/mutation/runner.mjs'],
  testRunner: 'in-process',
  coverageAnalysis: 'perTest',
  mutate: [`lib/${FOLDERS[name].lib}/**/*.ts`, '!lib/**/*.browser.ts'],
  // What the tests of these folders read, and nothing else, is copied to where the mutants live.
  ignorePatterns: [
    '**', '!lib/**', '!__tests__/**', '!services/**', '!proof/**', '!soak/**', '!docs/conformance.md', '!package.json',
  ],
  // Tests run without type checks, so nothing need be hidden from these.
  disableTypeChecks: false,
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 15,
  incremental: true,
  incrementalFile: `${results}.incremental.json`,
  reporters: ['progress-append-only', 'clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: `${results}.json` },
  htmlReporter: { fileName: `${results}.html` },
  thresholds: { high: 95, low: 90, break: FOLDERS[name].least ?? 90 },
};
