// `npm run test:axios -- [--short] [arguments of jest]`: runs the tests whose result depends on axios, once with each
// older copy of it: all that reach `lib/axios/`, less those of storages, real browsers, docs, the command line, the
// proof and the soaks, which ask nothing of axios that others do not. `--short` takes the oldest copy alone, and leaves
// out the tests of the folders that know nothing of axios, too: they ask for the same through it as those of
// `lib/axios/` do.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Aliases among the dev dependencies, the oldest that is supported first. */
const COPIES = ['axios-1.7', 'axios-1.13'];
const ELSEWHERE = ['storage/', 'browser/', 'readme', 'proof/', 'load', 'cli/', 'manager/.*every-storage'].map(
  (name) => `__tests__/${name}`,
);

const WITHOUT_AXIOS = ['engine/', 'options/', 'manager', 'rivals/', 'migrate/', 'testing/', 'secrets/'].map(
  (name) => `__tests__/${name}`,
);

const given = process.argv.slice(2);
const isShort = given.includes('--short');
const args = given.filter((arg) => arg !== '--short');
const root = fileURLToPath(new URL('..', import.meta.url));
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const sources = [
  ...readdirSync(join(root, 'lib', 'axios'), { recursive: true })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, 'lib', 'axios', file)),
  join(root, '__tests__', 'support', 'axios-features.ts'),
];

const failed = COPIES.slice(0, isShort ? 1 : COPIES.length).filter((copy) => {
  console.log(`\nWith ${copy}`);
  const ignored = [...ELSEWHERE, ...(isShort ? WITHOUT_AXIOS : [])];
  const options = ['--testPathIgnorePatterns', '/node_modules/', ...ignored, ...args];
  const { status } = spawnSync(process.execPath, [jest, ...options, '--findRelatedTests', ...sources], {
    cwd: root,
    env: { ...process.env, AXIOS: copy },
    stdio: 'inherit',
  });
  return status !== 0;
});

if (failed.length > 0) {
  console.error(`\nTests fail with ${failed.join(' and ')}`);
  process.exit(1);
}
