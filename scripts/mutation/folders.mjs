// The folders whose tests are tested by mutants, and the tests that belong to each. Tests of thousands of random runs,
// of time, of axios and of databases are left out: they would be run for each mutant anew.

/**
 * @typedef {object} MutatedFolder
 * @property {string} lib below lib/
 * @property {readonly string[]} tests folders below __tests__/
 * @property {readonly string[]} without units whose files of tests are left out
 * @property {RegExp} [untested] names of tests that are left out
 */

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
  engine: { lib: 'engine', tests: ['engine'], without: ['faults'], untested: /^on redis / },
};
