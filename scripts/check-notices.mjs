// Sees that the package says whose code it brings along, and runs nothing when it is installed: npm run check:pack.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NOTICES, noticesIn, packageFolder } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const faults = [];

/** Where the code of another package begins, esbuild says so in a comment, and a source map lists the files. */
function bundledFolders() {
  const dist = join(root, 'dist');
  const comments = readFileSync(join(dist, 'cli.cjs'), 'utf8').matchAll(/^\/\/ (node_modules\/\S+)$/gm);
  const maps = readdirSync(dist, { recursive: true }).filter((each) => each.endsWith('.map'));
  const sources = maps.flatMap((map) => JSON.parse(readFileSync(join(dist, map), 'utf8')).sources ?? []);
  const folders = [...comments].map(([, path]) => path).concat(sources).map((path) => packageFolder(path));
  return new Set(folders.flatMap((folder) => folder?.replace(/^.*node_modules[\\/]/, '') ?? []));
}

const notices = noticesIn(join(root, 'dist', NOTICES));
const named = new Set(notices.map((notice) => notice.split(' ', 1)[0]));
const bundled = bundledFolders();
for (const name of bundled) if (!named.has(name)) faults.push(`${name} is bundled, and ${NOTICES} does not name it`);
for (const name of named) if (!bundled.has(name)) faults.push(`${NOTICES} names ${name}, which is not bundled`);
for (const notice of notices) if (notice.length < 300) faults.push(`a notice has no licence: ${notice}`);

const hooks = ['preinstall', 'install', 'postinstall', 'prepare'].filter((each) => each in manifest.scripts);
if (hooks.length > 0) faults.push(`package.json has scripts that run when it is installed: ${hooks.join(', ')}`);

const dryRun = ['pack', '--dry-run', '--json', '--ignore-scripts'];
const packed = execFileSync('npm', dryRun, { cwd: root, encoding: 'utf8' });
const [{ files }] = JSON.parse(packed);
if (!files.some(({ path }) => path === `dist/${NOTICES}`)) faults.push(`the tarball has no dist/${NOTICES}`);
const OURS = /^(dist|docs)\/|^(CHANGELOG|README)\.md$|^LICENSE$|^package\.json$/;
const foreign = files.filter(({ path }) => !OURS.test(path));
if (foreign.length > 0) faults.push(`the tarball has ${foreign.map(({ path }) => path).join(', ')}`);

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
for (const [place, { integrity, link, inBundle }] of Object.entries(packages)) {
  const isLocked = place === '' || link === true || inBundle === true || typeof integrity === 'string';
  if (!isLocked) faults.push(`package-lock.json has no integrity of ${place}`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
console.log(`${[...named].join(', ')}: bundled, with their licences; ${files.length} files in the tarball, no install script`);
