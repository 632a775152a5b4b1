// Runs a TypeScript file of this project without a build: node scripts/run-ts.mjs demo/demo.ts [arguments]
//
// esbuild bundles the file and what it imports relatively into one module; packages stay imports. The package's own
// name means its source, so that a demo reads as a user's program and needs no dist/.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name: packageName } = readJson('package.json');
const entries = readJson('rollup.entries.json');

/** `axios-client-cache` and its subpaths -> lib/. */
const ownName = {
  name: 'own-name',
  setup({ onResolve }) {
    onResolve({ filter: new RegExp(`^${packageName}(/|$)`) }, ({ path }) => {
      const entry = entries[path.slice(packageName.length + 1) || 'index'];
      return entry === undefined
        ? { errors: [{ text: `rollup.entries.json has no entry for ${path}` }] }
        : { path: join(root, entry) };
    });
  },
};

/** `import.meta` still tells where the source file is, not where the bundle is. */
const importMeta = {
  name: 'import-meta',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source
        .replace(/\bimport\.meta\.url\b/g, () => JSON.stringify(pathToFileURL(path).href))
        .replace(/\bimport\.meta\.dirname\b/g, () => JSON.stringify(dirname(path)))
        .replace(/\bimport\.meta\.filename\b/g, () => JSON.stringify(path));
      return { contents, loader: 'ts' };
    });
  },
};

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
  await build({
    entryPoints: [resolve(script)],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [ownName, importMeta],
    tsconfigRaw: {},
  });
} catch {
  process.exit(1);
}

process.argv = [process.argv[0], resolve(script), ...args];
process.setSourceMapsEnabled(true);
await import(pathToFileURL(outfile).href);
