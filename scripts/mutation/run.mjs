// Tests the tests: changes lib/ in small ways, one at a time, and sees whether a test fails.
//   npm run test:mutation                            every folder: hours on an idle machine
//   npm run test:mutation -- --only rfc9111,entries  some of them, by the names in folders.mjs
// What was seen is kept in coverage/mutation/, so that the next run tries only what has changed since. `--anew` forgets
// it. Further arguments go on to Stryker: `--mutate lib/rfc9111/vary.ts` is one file.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FOLDERS } from './folders.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const stryker = join(root, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
const DETECTED = ['Killed', 'Timeout'];
const UNDETECTED = ['Survived', 'NoCoverage'];

const { names, isAnew, rest } = readArguments(process.argv.slice(2));
const rows = names.map(run);
console.log('\n| Folder | Mutants | Detected | Survived | Without a test | Score |');
console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
for (const { row } of rows) console.log(row);
process.exit(rows.every(({ hasPassed }) => hasPassed) ? 0 : 1);

function readArguments(given) {
  const rest = [...given];
  const only = rest.indexOf('--only');
  const names = only === -1 ? Object.keys(FOLDERS) : (rest.splice(only, 2)[1] ?? '').split(',');
  const anew = rest.indexOf('--anew');
  if (anew !== -1) rest.splice(anew, 1);
  const unknown = names.find((name) => !Object.hasOwn(FOLDERS, name));
  if (unknown !== undefined) {
    console.error(`No such folder: "${unknown}". There are ${Object.keys(FOLDERS).join(', ')}.`);
    process.exit(2);
  }
  return { names, isAnew: anew !== -1, rest };
}

function run(name) {
  const results = join(root, 'coverage', 'mutation', name);
  rmSync(`${results}.json`, { force: true });
  if (isAnew) rmSync(`${results}.incremental.json`, { force: true });
  const { status } = spawnSync(process.execPath, [stryker, 'run', ...rest], {
    cwd: root,
    env: { ...process.env, MUTATED: name },
    stdio: 'inherit',
  });
  return { hasPassed: status === 0, row: rowOf(FOLDERS[name].lib, `${results}.json`) };
}

/** What Stryker found in one folder. It leaves no report where the tests fail without a mutant. */
function rowOf(lib, report) {
  let files;
  try {
    ({ files } = JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    return `| lib/${lib} | no report | | | | |`;
  }
  const all = Object.values(files).flatMap(({ mutants }) => mutants);
  const count = (...statuses) => all.filter(({ status }) => statuses.includes(status)).length;
  const [detected, valid] = [count(...DETECTED), count(...DETECTED, ...UNDETECTED)];
  const score = valid === 0 ? '' : `${((100 * detected) / valid).toFixed(1)} %`;
  return `| lib/${lib} | ${valid} | ${detected} | ${count('Survived')} | ${count('NoCoverage')} | ${score} |`;
}
