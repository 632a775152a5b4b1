// Builds every subpath of rollup.entries.json as ESM, as CommonJS and as types, and as ESM for browsers too; and the main
// entry as a script for pages without a bundler.
import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import dts from 'rollup-plugin-dts';
import esbuild, { minify } from 'rollup-plugin-esbuild';
import { browserEntries, entriesForNode } from './scripts/browser-entries.mjs';
import { rollupTwins } from './scripts/browser-twins.mjs';
import { leanLruCache } from './scripts/lean-lru-cache.mjs';
import { noticeOf, packageFolder, textOf } from './scripts/notices.mjs';
import { shortNames } from './scripts/short-names.mjs';

const readJson = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const manifest = readJson('package.json');
const input = readJson('rollup.entries.json');

const tsconfig = 'tsconfig.build.json';
const packages = (names) => names.map((name) => new RegExp(`^${name}(/|$)`));
const inMain = packages(['axios', ...Object.keys(manifest.dependencies)]);
const onlyAxios = packages(['axios']);
/** What a subpath for browsers may import; the main entry imports less. */
const inBrowsers = packages(['axios', '@opentelemetry/api']);
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

/**
 * Then the main entry is but a list of what other chunks export, and an app that only asks whether an error is one of
 * the cache's takes the chunk of errors and leaves the others.
 */
const mainChunk = { 'chunks/cache': 'lib/setup-cache.ts' };
const chunks = { manualChunks: { errors: ['lib/api/errors.ts'] }, hoistTransitiveImports: false };

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

/** The licence of every package whose code ends up in the output. */
function thirdPartyLicenses() {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((chunk) => Object.entries(chunk.modules ?? {}));
      const used = modules.filter(([, module]) => module.renderedLength > 0);
      const folders = new Set(used.flatMap(([id]) => packageFolder(id) ?? []));
      if (folders.size === 0) return;
      const source = textOf('Packages bundled into this folder', [...folders].map(noticeOf));
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENSES.txt', source });
    },
  };
}

const node = {
  input: { ...input, ...mainChunk },
  external,
  onwarn,
  plugins: [
    cleanDist(),
    esbuild({ tsconfig, target: 'es2022' }),
    checkedImports({ main: inMain, other: external }),
  ],
  output: [
    { dir: 'dist', format: 'es', sourcemap: true, banner, ...files('js'), ...chunks },
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

/** In a minified file each `const` is two letters too long. The spaces keep all that follows in its place. */
function letForConst() {
  return {
    name: 'let-for-const',
    renderChunk(code) {
      const letters = code.split('');
      (function visit(node) {
        if (node.type === 'VariableDeclaration' && node.kind === 'const') letters.splice(node.start, 5, ...'let  ');
        for (const each of Object.values(node)) if (typeof each === 'object' && each !== null) visit(each);
      })(this.parse(code));
      return { code: letters.join(''), map: null };
    },
  };
}

/** What a browser cannot use is left out of both builds for it. */
const browserFolder = dirname(manifest.unpkg);

/** What is bundled of packages is less than half of them. */
const bundling = [
  leanLruCache(),
  nodeResolve({ browser: true, preferBuiltins: false, exportConditions: ['browser'] }),
];

/** For bundlers, which find one copy of axios for all packages of an app. */
const browser = {
  input: { ...browserEntries, ...mainChunk },
  onwarn,
  external: inBrowsers,
  plugins: [
    rollupTwins(),
    entriesForNode(),
    ...bundling,
    esbuild({ tsconfig, target: 'es2022' }),
    checkedImports({ main: onlyAxios, other: inBrowsers }),
  ],
  output: [
    {
      dir: browserFolder,
      format: 'es',
      sourcemap: true,
      banner: ({ moduleIds }) => (moduleIds.some((id) => packageFolder(id) !== undefined) ? bundledBanner : banner),
      ...files('js'),
      ...chunks,
      plugins: [shortNames()],
    },
  ],
};

/** For pages without a bundler: everything but axios is in one file. */
const page = {
  input: { index: input.index },
  onwarn,
  external: onlyAxios,
  plugins: [
    rollupTwins(),
    ...bundling,
    esbuild({ tsconfig, target: 'es2022' }),
    checkedImports({ main: onlyAxios }),
    thirdPartyLicenses(),
  ],
  output: [
    {
      dir: browserFolder,
      format: 'es',
      sourcemap: true,
      banner: bundledBanner,
      entryFileNames: 'index.mjs',
      inlineDynamicImports: true,
      plugins: [shortNames()],
    },
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
      inlineDynamicImports: true,
      // One after the other they save half a kilobyte of gzip against terser alone.
      plugins: [
        shortNames(),
        letForConst(),
        minify({ target: 'es2022' }),
        // ASCII alone, since a page that says no charset is not read as UTF-8, and its scripts are read as the page is.
        terser({ ecma: 2020, compress: { passes: 3, pure_getters: true }, format: { ascii_only: true } }),
      ],
    },
  ],
};

export default [node, types, browser, page];
