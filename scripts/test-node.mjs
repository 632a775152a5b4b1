// `npm run test:node -- 22 [arguments of jest]`: runs the suite with another version of Node, from the npm package
// `node`, which is installed once for each version. Programs that tests start run with that version too. What is
// compiled, such as sqlite3, is the same: it is made for Node-API, which all supported versions have.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [wanted, ...args] = process.argv.slice(2);
if (!/^\d+(\.\d+){0,2}$/.test(wanted ?? '')) {
  console.error('Usage: npm run test:node -- 22 [arguments of jest]');
  process.exit(2);
}

const folder = join(root, 'node_modules', '.cache', 'axios-client-cache', `node-${wanted}`);
const node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
if (!existsSync(node)) {
  mkdirSync(folder, { recursive: true });
  // The script of the package `node` fetches the program.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, allowScripts: { node: true } }));
  const options = ['--no-save', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', ...options, `node@${wanted}`], { cwd: folder, stdio: 'inherit' });
}
console.log(`Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`);

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` };
const { status } = spawnSync(node, [jest, ...args], { cwd: root, env, stdio: 'inherit' });
process.exitCode = status ?? 1;
