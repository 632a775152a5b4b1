// `npm run check:api`: fails where the types in dist/ are not those in etc/ and docs/api.md, so that no change of what
// users compile against goes unseen. `-- --update` writes both. Build first.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageOf } from './api/page.mjs';
import { reportOf } from './api/report.mjs';
import { readSurfaces } from './api/surface.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const REPORTS = 'etc';

const surfaces = readSurfaces();
const wanted = new Map([
  ...surfaces.map((surface) => [`${REPORTS}/${surface.entry}.api.md`, reportOf(surface)]),
  ['docs/api.md', pageOf(surfaces)],
]);
mkdirSync(join(root, REPORTS), { recursive: true });
const surplus = readdirSync(join(root, REPORTS)).map((name) => `${REPORTS}/${name}`).filter((path) => !wanted.has(path));

const textAt = (path) => {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
};
const changed = [...wanted].filter(([path, text]) => textAt(path) !== text);

if (process.argv.includes('--update')) {
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  for (const path of surplus) rmSync(join(root, path));
  console.log([...changed.map(([path]) => `${path} written`), ...surplus.map((path) => `${path} removed`)].join('\n'));
} else if (changed.length + surplus.length > 0) {
  for (const [path, text] of changed) showDifference(path, text);
  const names = [...changed.map(([path]) => path), ...surplus].join(', ');
  console.error(`\nNot what the types in dist/ are: ${names}.
If the change is meant, write it down by \`npm run check:api -- --update\`, and commit it with a line in CHANGELOG.md.`);
  process.exitCode = 1;
} else {
  const names = surfaces.flatMap(({ exported }) => exported);
  console.log(`${surfaces.length} entries with ${names.length} exports are as etc/ and docs/api.md have them.`);
}

function showDifference(path, text) {
  const folder = mkdtempSync(join(tmpdir(), 'check-api-'));
  const [before, after] = ['reviewed', 'built'].map((side) => join(side, path));
  for (const [side, content] of [[before, textAt(path)], [after, text]]) {
    mkdirSync(join(folder, dirname(side)), { recursive: true });
    writeFileSync(join(folder, side), content);
  }
  spawnSync('git', ['diff', '--no-index', '--no-color', '--', before, after], { cwd: folder, stdio: 'inherit' });
  rmSync(folder, { recursive: true });
}
