// Builds apps as Vite and webpack do for production, and the program of one in memory.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build as viteBuild, version as viteVersion } from 'vite';
import webpack from 'webpack';

/** The names that tables have for them. */
export const NAMES = { vite: `Vite ${viteVersion.split('.')[0]}`, webpack: `webpack ${webpack.version.split('.')[0]}` };

/**
 * Makes a folder for an app, with `packages` (name to folder) installed in it, and gives it to `use`.
 *
 * @returns what `use` gives
 */
export async function inAppFolder(program, packages, use) {
  const folder = mkdtempSync(join(tmpdir(), 'axios-client-cache-app-'));
  try {
    for (const [name, target] of Object.entries(packages)) {
      const place = join(folder, 'node_modules', name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(target, place, 'dir');
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    writeFileSync(join(folder, 'app.js'), program);
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds by Vite, which is told nothing but `config`. Gives what was built, and the warnings. */
export async function runVite(folder, config) {
  const warnings = [];
  const warn = (message) => void warnings.push(message);
  const silent = () => undefined;
  const customLogger = {
    hasWarned: false, info: silent, clearScreen: silent, hasErrorLogged: () => false, warn, warnOnce: warn, error: warn,
  };
  return { built: await viteBuild({ root: folder, configFile: false, customLogger, ...config }), warnings };
}

/** Builds by webpack. Gives its chunks, a function that reads a file, and the warnings; errors are thrown. */
export async function runWebpack(folder, config) {
  const compiler = webpack({
    mode: 'production',
    context: folder,
    // An app that weighs this package alone would be told that it is heavy; that is for `npm run check:size` to judge.
    performance: { hints: false },
    ...config,
  });
  try {
    const stats = await new Promise((resolve, reject) => {
      compiler.run((error, result) => (error ? reject(error) : resolve(result)));
    });
    const { errors, warnings, chunks } = stats.toJson({ all: false, errors: true, warnings: true, chunks: true });
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
    const read = (name) => compiler.outputFileSystem.readFileSync(join(config.output.path, name), 'utf8');
    return { chunks, read, warnings: warnings.map(({ message }) => message) };
  } finally {
    await new Promise((resolve) => compiler.close(resolve));
  }
}

/** Gives the code of each chunk, of those that are loaded at first too, and the warnings. */
export async function bundleByVite(folder, { external = [] } = {}) {
  const rollupOptions = { input: join(folder, 'app.js'), external };
  const { built, warnings } = await runVite(folder, {
    build: { target: 'es2022', write: false, modulePreload: false, rollupOptions },
  });
  const chunks = built.output.filter(({ type }) => type === 'chunk');
  const first = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  // What is added while this goes on is visited too.
  for (const name of first) chunks.find(({ fileName }) => fileName === name)?.imports.forEach((each) => first.add(each));
  const codesOf = (some) => some.map(({ code }) => code);
  return { codes: codesOf(chunks), first: codesOf(chunks.filter(({ fileName }) => first.has(fileName))), warnings };
}

/** Gives the same; an error of the build is thrown. */
export async function bundleByWebpack(folder, { external = [] } = {}) {
  const { chunks, read, warnings } = await runWebpack(folder, {
    entry: './app.js',
    experiments: { outputModule: true },
    output: { path: join(folder, 'built'), module: true },
    externalsType: 'module',
    externals: external,
  });
  const codesOf = (some) => some.flatMap(({ files }) => files.map(read));
  return { codes: codesOf(chunks), first: codesOf(chunks.filter(({ initial }) => initial)), warnings };
}
