// Bundles TypeScript programs of this project with esbuild: what they import relatively becomes part of the bundle,
// packages stay imports, and the package's own name means its source, so that a program needs no dist/.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { esbuildTwins } from './browser-twins.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const entries = readJson('rollup.entries.json');

export const { name: packageName } = readJson('package.json');

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
    onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source
        .replace(/\bimport\.meta\.url\b/g, () => JSON.stringify(pathToFileURL(path).href))
        .replace(/\bimport\.meta\.dirname\b/g, () => JSON.stringify(dirname(path)))
        .replace(/\bimport\.meta\.filename\b/g, () => JSON.stringify(path));
      return { contents, loader: path.endsWith('.ts') ? 'ts' : 'js' };
    });
  },
};

/** `options` are esbuild's: at least `entryPoints` and a place for the output. */
export async function bundle(options) {
  await build({
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    plugins: [ownName, importMeta],
    tsconfigRaw: {},
    ...options,
  });
}

/** The program of a page as one script, with everything in it, from source. `options` are esbuild's. */
export async function bundleForPage(entryPoint, options = {}) {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
    plugins: [ownName, esbuildTwins],
    tsconfigRaw: {},
    write: false,
    ...options,
  });
  return outputFiles[0].text;
}
