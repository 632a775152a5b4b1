// Runs a TypeScript file of this project without a build: node scripts/run-ts.mjs demo/demo.ts [arguments]
import { mkdirSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle, packageName } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('Usage: node scripts/run-ts.mjs <file.ts> [arguments]');
  process.exit(2);
}

// Inside node_modules, so that the bundle's imports of packages resolve from here.
const folder = join(root, 'node_modules', '.cache', packageName);
const outfile = join(folder, `${basename(script, '.ts')}-${process.pid}.mjs`);
mkdirSync(folder, { recursive: true });
process.on('exit', () => rmSync(outfile, { force: true }));

try {
  await bundle({ entryPoints: [resolve(script)], outfile, sourcemap: 'inline' });
} catch {
  process.exit(1);
}

process.argv = [process.argv[0], resolve(script), ...args];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
