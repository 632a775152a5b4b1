// In which order tests run on a mutant: first those that are likely to find it soon, last those that are slow.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** It is kept where the mutants live, as Stryker starts one process more than once. */
const TIMES = '.milliseconds-of-tests.json';
/** A test that takes longer waits until all quick ones have run. */
const QUICK_MS = 50;
/** So long it takes to load a file of tests. */
const LOADING_MS = 25;
/** What a file of the same name as the mutated one counts for, in mutants that it has found. */
const OWN_TESTS = 8;
/** What each folder counts for that the two files have in common. */
const OWN_FOLDER = 2;

export class Order {
  /** How long each test took without a mutant, by its id. */
  #milliseconds;
  /** How many mutants of one source each file of tests has found in this process. */
  #found = new Map();

  /** Notes what the run without a mutant has shown, for all processes. */
  note(tests) {
    writeFileSync(TIMES, JSON.stringify(Object.fromEntries(tests.map(({ id, timeSpentMs }) => [id, timeSpentMs]))));
  }

  millisecondsOf(id) {
    return this.#known.get(id) ?? 0;
  }

  /** All tests, for what is executed when a file is loaded. */
  get ids() {
    return [...this.#known.keys()];
  }

  get #known() {
    this.#milliseconds ??= new Map(existsSync(TIMES) ? Object.entries(JSON.parse(readFileSync(TIMES, 'utf8'))) : []);
    return this.#milliseconds;
  }

  /** Notes that the tests of `file` have found a mutant of `source`. */
  noteFound(file, source) {
    const found = this.#found.get(source) ?? new Map();
    this.#found.set(source, found.set(file, (found.get(file) ?? 0) + 1));
  }

  /** Files, and which of the tests `ids` of each run on a mutant of `source`; a file with slow tests comes twice. */
  rounds(files, ids, source) {
    const quick = ids.filter((id) => this.millisecondsOf(id) <= QUICK_MS);
    const slow = ids.filter((id) => this.millisecondsOf(id) > QUICK_MS);
    return [quick, slow].flatMap((chosen) => this.#byPromise(files, chosen, source));
  }

  #byPromise(files, ids, source) {
    const found = this.#found.get(source);
    return files
      .map((file) => {
        const chosen = new Set(ids.filter((id) => id.startsWith(`${file} `)));
        const ms = [...chosen].reduce((sum, id) => sum + this.millisecondsOf(id), LOADING_MS);
        return { file, chosen, promise: (1 + nearness(file, source) + (found?.get(file) ?? 0)) / ms };
      })
      .filter(({ chosen }) => chosen.size > 0)
      .sort((one, other) => other.promise - one.promise);
  }
}

/** What tells that a file has the tests of `source` before any of them has found a mutant. */
function nearness(file, source) {
  const folder = dirname(file);
  const shared = source.includes(`/lib/${folder}/`) ? folder.split('/').length : 0;
  const isOwn = basename(file) === `${basename(source, '.ts')}.test.ts`;
  return shared * OWN_FOLDER + (isOwn ? OWN_TESTS : 0);
}
