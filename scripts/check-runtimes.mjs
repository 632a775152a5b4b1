// `npm run check:runtimes`: uses the packed package in Bun and in Deno, which npm has as packages: a miss, a hit, a
// renewal by 304 and a POST that invalidates, on each adapter of axios, in memory and on files. A runtime that cannot
// be installed is named, and skipped. Build first: what is packed is what is in dist/.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectedOf } from './runtimes/smoke.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'axios-client-cache-runtimes-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const execute = (command, args, cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: 180_000 });

const binary = (name) => join(folder, 'node_modules', '.bin', name);
const RUNTIMES = [
  { name: 'Node', version: () => process.version, run: (file) => execute(process.execPath, [file]) },
  { name: 'Bun', from: 'bun', run: (file) => execute(binary('bun'), [file]) },
  { name: 'Deno', from: 'deno', run: (file) => execute(binary('deno'), ['run', '--allow-all', '--quiet', file]) },
];

/** Gives what is wrong with installing it. The scripts of these packages put the programs into their places. */
function problemOf({ from }) {
  if (from === undefined) return undefined;
  try {
    execute('npm', ['install', '--no-audit', '--no-fund', from]);
    return undefined;
  } catch (error) {
    return String(error.message).split('\n')[0];
  }
}

const versionOf = ({ from, version }) => version?.() ?? execute(binary(from), ['--version']).split('\n')[0];

execute('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], root);
writeFileSync(
  join(folder, 'package.json'),
  JSON.stringify({ name: 'consumer', private: true, type: 'module', allowScripts: { bun: true, deno: true } }),
);
const [tarball] = execute('sh', ['-c', 'ls *.tgz']).trim().split('\n');
const { axios } = JSON.parse(execute('npm', ['pkg', 'get', 'devDependencies'], root));
execute('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, `axios@${axios}`]);
copyFileSync(join(root, 'scripts/runtimes/smoke.mjs'), join(folder, 'smoke.mjs'));
writeFileSync(join(folder, 'main.mjs'), "import { smoke } from './smoke.mjs';\nawait smoke();\n");

for (const runtime of RUNTIMES) {
  const problem = problemOf(runtime);
  if (problem !== undefined) {
    console.error(`!!! SKIPPED: ${runtime.name} cannot be installed here: ${problem}`);
    continue;
  }
  const title = `${runtime.name} ${versionOf(runtime)}`;
  try {
    const seen = runtime.run('main.mjs');
    if (seen !== expectedOf()) throw new Error(`expected\n${expectedOf()}got\n${seen}`);
    console.log(`ok      ${title}`);
  } catch (error) {
    process.exitCode = 1;
    console.error(`FAILED  ${title}\n${error.message}`);
  }
}
