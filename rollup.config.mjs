// Builds every subpath of rollup.entries.json as ESM, as CommonJS and as types, and the main entry for browsers too.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import dts from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { rollupTwins } from './scripts/browser-twins.mjs';

const readJson = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const manifest = readJson('package.json');
const input = readJson('rollup.entries.json');

const tsconfig = 'tsconfig.build.json';
const packages = (names) => names.map((name) => new RegExp(`^${name}(/|$)`));
const inMain = packages(['axios', ...Object.keys(manifest.dependencies)]);
const external = [/^node:/, ...inMain, ...packages(Object.keys(manifest.peerDependencies))];

const banner = `/*! ${manifest.name} ${manifest.version} | MIT */`;
const bundledBanner = banner.replace(' */', ' | bundled packages: see THIRD-PARTY-LICENSES.txt */');
/**
 * Whatever stands in the place of axios is taken as it is, without a copy of its names: `library.ts` finds the default
 * export itself.
 */
const interop = (id) => (id === 'axios' ? 'esModule' : 'default');
const files = (extension) => ({
  entryFileNames: `[name].${extension}`,
  chunkFileNames: `chunks/[name]-[hash].${extension}`,
});

/** Every warning fails the build; the usual one is an import that nothing resolves. */
function onwarn(warning) {
  throw new Error(warning.message);
}

/** Types may refer to each other in a circle, and to what only the code uses. */
function onTypesWarn(warning) {
  if (!['CIRCULAR_DEPENDENCY', 'UNUSED_EXTERNAL_IMPORT'].includes(warning.code)) onwarn(warning);
}

/** An empty dist/, so that a file of an earlier build is never packed. */
function cleanDist() {
  return {
    name: 'clean-dist',
    buildStart() {
      rmSync('dist', { recursive: true, force: true });
    },
  };
}

/** What a chunk imports from outside the bundle, directly or through its own chunks. */
function importsOf(chunk, bundle, seen = new Set()) {
  if (seen.has(chunk)) return [];
  seen.add(chunk);
  const names = [...chunk.imports, ...chunk.dynamicImports];
  return names.flatMap((name) => (name in bundle ? importsOf(bundle[name], bundle, seen) : [name]));
}

/**
 * Each entry imports only what a user has installed, and the main entry, which loads in a browser too, nothing of Node
 * and no driver. Without this check a package that is not installed would pass for an external one.
 */
function checkedImports(allowed) {
  return {
    name: 'checked-imports',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle).filter((each) => each.isEntry)) {
        const known = chunk.name === 'index' ? allowed.main : allowed.other;
        const foreign = importsOf(chunk, bundle).filter((name) => !known.some((pattern) => pattern.test(name)));
        if (foreign.length === 0) continue;
        this.error(`The entry "${chunk.name}" must not import ${[...new Set(foreign)].join(', ')}`);
      }
    },
  };
}

const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;

/** The licence of every package whose code ends up in the output. */
function thirdPartyLicenses() {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => Object.entries(chunk.modules ?? {}));
      const used = modules.filter(([, module]) => module.renderedLength > 0);
      const folders = new Set(used.flatMap(([id]) => PACKAGE_FOLDER.exec(id)?.[0] ?? []));
      const notices = [...folders].sort().map((folder) => {
        const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
        if (file === undefined) this.error(`No licence file in the bundled package ${name}`);
        return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
      });
      if (notices.length === 0) return;
      const source = `Packages bundled into this folder\n\n${notices.join(`\n${'-'.repeat(80)}\n\n`)}`;
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source });
    },
  };
}

const node = {
  input,
  external,
  onwarn,
  plugins: [
    cleanDist(),
    esbuild({ tsconfig, target: 'es2022' }),
    checkedImports({ main: inMain, other: external }),
  ],
  output: [
    { dir: 'dist', format: 'es', sourcemap: true, banner, ...files('js') },
    { dir: 'dist', format: 'cjs', sourcemap: true, banner, exports: 'named', interop, ...files('cjs') },
  ],
};

const types = {
  input,
  external,
  onwarn: onTypesWarn,
  plugins: [dts({ tsconfig })],
  output: [
    { dir: 'dist', ...files('d.ts') },
    { dir: 'dist', ...files('d.cts') },
  ],
};

/** What a browser cannot use is left out of both builds for it. */
const browserFolder = dirname(manifest.unpkg);
const browserBuild = {
  input: { index: input.index },
  onwarn,
};

/** For bundlers, which find one copy of each dependency for all packages of an app. */
const browser = {
  ...browserBuild,
  external: inMain,
  plugins: [rollupTwins(), esbuild({ tsconfig, target: 'es2022' }), checkedImports({ main: inMain })],
  output: [{ dir: browserFolder, format: 'es', sourcemap: true, banner, entryFileNames: 'index.js' }],
};

/** For pages without a bundler: everything but axios is in one file. */
const page = {
  ...browserBuild,
  external: ['axios'],
  plugins: [
    rollupTwins(),
    nodeResolve({ browser: true, preferBuiltins: false, exportConditions: ['browser'] }),
    esbuild({ tsconfig, target: 'es2022' }),
    checkedImports({ main: packages(['axios']) }),
    thirdPartyLicenses(),
  ],
  output: [
    { dir: browserFolder, format: 'es', sourcemap: true, banner: bundledBanner, entryFileNames: 'index.mjs' },
    {
      dir: browserFolder,
      format: 'iife',
      name: 'axiosClientCache',
      globals: { axios: 'axios' },
      interop,
      exports: 'named',
      sourcemap: true,
      banner: bundledBanner,
      entryFileNames: 'index.min.js',
      // One after the other they save half a kilobyte of gzip against terser alone.
      plugins: [minify({ target: 'es2022' }), terser({ ecma: 2020, compress: { passes: 3 } })],
    },
  ],
};

export default [node, types, browser, page];
