// Builds the command line, dist/cli.cjs, with the packages that it alone needs in it, so that they are no dependencies
// of the package. Storages are those of the package itself, loaded when they are needed. It runs after `rollup -c`.
// Given a path it writes a command there that has all of lib/ in it, for tests: node scripts/build-cli.mjs /tmp/cli.cjs
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundle, bundleForPage } from './bundle.mjs';
import { noticeOf, NOTICES, noticesIn, packageFolder, textOf } from './notices.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [fromSource] = process.argv.slice(2);
const outfile = fromSource ?? join(root, 'dist', 'cli.cjs');

const page = await bundleForPage(join(root, 'lib/cli/ui/page/main.ts'), { minify: true });
const common = {
  entryPoints: [join(root, 'lib/cli/bin.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version), PAGE: JSON.stringify(page) },
  tsconfigRaw: {},
  legalComments: 'none',
};
const drivers = ['lru-cache', 'redis', 'sqlite3', 'mongoose', '@aws-sdk/*', '@opentelemetry/*'];
if (fromSource !== undefined) {
  await bundle({ ...common, packages: 'bundle', external: ['axios', '@colors/colors', ...drivers] });
  process.exit();
}

const { metafile } = await build({
  ...common,
  external: [name, `${name}/*`, 'axios', '@colors/colors'],
  banner: { js: `#!/usr/bin/env node\n/*! ${name} ${version} | MIT | bundled packages: see ${NOTICES} */` },
  metafile: true,
  absWorkingDir: root,
});
chmodSync(outfile, 0o755);

// One file for all of dist/, with what the bundles for browsers have.
const folders = new Set(Object.keys(metafile.inputs).flatMap((path) => packageFolder(path) ?? []));
const inBrowsers = noticesIn(join(root, 'dist/browser/THIRD-PARTY-LICENSES.txt'));
const notices = [...[...folders].map((folder) => noticeOf(join(root, folder))), ...inBrowsers];
writeFileSync(join(root, 'dist', NOTICES), textOf('Packages whose code is bundled into this one', notices));
