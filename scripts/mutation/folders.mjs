// The folders whose tests are tested by mutants, and the tests that belong to each. Tests of thousands of random runs,
// of time and of databases are left out, and those of axios but for the engine: they would be run for each mutant anew.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} MutatedFolder
 * @property {string} lib below lib/
 * @property {readonly string[]} tests folders and files below __tests__/
 * @property {readonly string[]} without units whose files of tests are left out, with a folder where two have the name
 * @property {RegExp} [untested] names of tests that are left out
 * @property {number} [least] the percentage that must be found, where that is not 90 yet
 */

/** Tests that need an engine, measure time or memory, or take seconds for what others see too. */
const UNTESTED_OF_THE_ENGINE = new RegExp(
  [
    '^on redis ',
    '^whatever is asked for and stored, explain says',
    '^explain of a storage that fails',
    '^warm keeps none of the URLs that it is done with',
    '^a stream that is dropped unread is not kept',
    'thousands of tiny pieces are one copy',
    '^eight processes ask a slow origin',
    'the clock of the machine may be set by',
    'before the package is loaded',
    '^modes of this cache, by XMLHttpRequest ',
  ].join('|'),
);

/** @type {Readonly<Record<string, MutatedFolder>>} By the name that `--only` takes. */
export const FOLDERS = {
  rfc9111: { lib: 'rfc9111', tests: ['rfc9111'], without: ['linear', 'decisions.property'] },
  entries: { lib: 'entries', tests: ['entries'], without: [] },
  record: { lib: 'storage/record', tests: ['storage/record'], without: ['meta-values'] },
  options: {
    lib: 'options',
    tests: ['options'],
    without: ['ladder', 'new-answers', 'settings-of-yesterday', 'user-functions'],
    untested: /^(?:work is bounded|against a plain model|a pattern that covers another matches|what is asked often)/,
  },
  engine: {
    lib: 'engine',
    // Much of what the engine does shows only at a real axios.
    tests: [
      'engine',
      'manager',
      'peers',
      'axios/redirects',
      'axios/adapter.test.ts',
      'axios/request/users.test.ts',
      'axios/send/browser-cache.test.ts',
      'axios/send/caller-terms.test.ts',
      'axios/send/large-bodies.test.ts',
      'axios/send/other-adapters.test.ts',
      'axios/send/own-conditions.test.ts',
      'axios/send/streams.test.ts',
      'axios/send/time-to-the-end.test.ts',
      'closing.test.ts',
      'events.test.ts',
      'manager.test.ts',
      'options/new-answers.test.ts',
      'options/user-functions.test.ts',
      'proof/faults.test.ts',
      'secrets/poisoning.test.ts',
      'session.test.ts',
      'setup-cache.test.ts',
      'testing/record-replay.test.ts',
      'tracing.test.ts',
    ],
    without: ['engine/faults', 'every-storage', 'copy-every-storage'],
    untested: UNTESTED_OF_THE_ENGINE,
    // Some 91 % were found, in several runs. A whole run on a busy machine may give up more of them.
    least: 85,
  },
};

/** Files of tests below __tests__/, of the folders of `tests` or named there themselves. */
export function testFilesOf({ tests, without }, root) {
  const left = without.map((unit) => `/${unit}.test.ts`);
  const below = (folder) =>
    readdirSync(join(root, '__tests__', folder), { recursive: true }).map((file) => join(folder, file));
  return tests
    .flatMap((name) => (name.endsWith('.ts') ? [name] : below(name)))
    .filter((file) => file.endsWith('.test.ts') && !left.some((unit) => `/${file}`.endsWith(unit)));
}
