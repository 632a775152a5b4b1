// Prints what the builds for browsers weigh: the plain script, and what bundlers put into what a page loads at first of
// an app that uses this or that of the package, next to axios-cache-interceptor. Everything but axios counts. Fails
// where one is heavier than its limits, and where Vite or webpack cannot build an app with each subpath, or warns.
// Build first: dist/ is measured. Vite and webpack are there after `npm ci --prefix apps`.
//
// node scripts/check-size.mjs [--docs]    --docs writes the table into docs/browsers.md
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { esbuildTwins } from './browser-twins.mjs';
import { writePart } from './page-part.mjs';

const { docs } = parseArgs({ options: { docs: { type: 'boolean', default: false } } }).values;
const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path) => readFileSync(join(root, path));
const { name, unpkg, exports } = JSON.parse(read('package.json'));
const RIVAL = 'axios-cache-interceptor';
if (!existsSync(join(root, unpkg))) {
  console.error(`There is no ${unpkg}: run "npm run build" first.`);
  process.exit(1);
}

/** Bundles as an app for browsers is bundled, and gives the chunks; `first` are those that are loaded at first. */
async function bundled(options) {
  const { metafile, outputFiles } = await build({
    bundle: true,
    minify: true,
    splitting: true,
    outdir: 'built',
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    external: EXTERNAL,
    metafile: true,
    write: false,
    logLevel: 'error',
    absWorkingDir: root,
    legalComments: 'none',
    // Without the paths by which the project's own programs find lib/ in the place of dist/.
    tsconfigRaw: {},
    ...options,
  });
  const { outputs } = metafile;
  const imports = (kind) => Object.values(outputs).flatMap((each) => each.imports.filter((one) => one.kind === kind));
  const late = new Set(imports('dynamic-import').map(({ path }) => path));
  const first = new Set(Object.keys(outputs).filter((path) => outputs[path].entryPoint && !late.has(path)));
  for (const path of first) {
    for (const each of outputs[path]?.imports ?? []) if (each.kind === 'import-statement') first.add(each.path);
  }
  const codesOf = (files) => files.map(({ contents }) => contents);
  const isFirst = ({ path }) => first.has(relative(root, path));
  return { codes: codesOf(outputFiles), first: codesOf(outputFiles.filter(isFirst)), outputs };
}

const EXTERNAL = ['axios'];
const byEsbuild = (program, splitting = true) => bundled({ stdin: { contents: program, resolveDir: root }, splitting });

/** The bundlers that are installed: each gives the chunks of an app that is this program, as `bundled` does. */
async function bundlers() {
  const heavy = join(root, 'apps/bundlers.mjs');
  if (!existsSync(join(root, 'apps/node_modules'))) {
    console.log('Vite and webpack are not installed: npm ci --prefix apps\n');
    return { esbuild: byEsbuild };
  }
  const { NAMES, inAppFolder, bundleByVite, bundleByWebpack } = await import(pathToFileURL(heavy).href);
  const packages = { [name]: root };
  for (const each of ['axios', RIVAL]) packages[each] = join(root, 'node_modules', each);
  const silently = (bundle) => async (program) => {
    const build = (folder) => bundle(folder, { external: EXTERNAL });
    const { warnings, ...chunks } = await inAppFolder(program, packages, build);
    if (warnings.length > 0) throw new Error(warnings.join('\n'));
    return chunks;
  };
  return { esbuild: byEsbuild, [NAMES.vite]: silently(bundleByVite), [NAMES.webpack]: silently(bundleByWebpack) };
}

const SETUP = `import { setupCache } from '${name}'; globalThis.use = setupCache;`;
const ALSO_INDEXEDDB = `import { IndexedDbStorage } from '${name}/indexeddb'; globalThis.also = IndexedDbStorage;`;
/** What an app has that is rendered on a server too. */
const GUARDED = Object.keys(exports)
  .filter((subpath) => !subpath.endsWith('.json'))
  .map((subpath) => `if (typeof window === 'undefined') console.log(await import('${name}${subpath.slice(1)}'));`)
  .join('\n');

/** `limits` are for esbuild, in bytes. A change that needs more has to say what the bytes are for. */
const ROWS = [
  { title: 'the script for pages', script: unpkg, limits: { min: 214_200, gzip: 77_700 } },
  { title: '`setupCache`', program: SETUP, limits: { min: 204_150, gzip: 75_950 } },
  {
    title: '`setupCache`, with what is loaded once it is called',
    program: SETUP,
    loads: 'codes',
    limits: { min: 218_500, gzip: 82_900 },
  },
  {
    title: '`setupCache` and `IndexedDbStorage`',
    program: SETUP + ALSO_INDEXEDDB,
    limits: { min: 215_550, gzip: 80_250 },
  },
  {
    title: 'the panel, `axios-client-cache/devtools`',
    program: `import '${name}/devtools';`,
    limits: { min: 18_000, gzip: 7_500 },
  },
  {
    title: '`isCacheError` alone',
    program: `import { isCacheError } from '${name}'; globalThis.use = isCacheError;`,
    // Where it splits, esbuild puts all that late chunks share into one chunk, used or not.
    splitting: false,
    limits: { min: 1_500, gzip: 800 },
  },
  { title: `${RIVAL}, its script for pages`, script: `node_modules/${RIVAL}/dist/index.bundle.js` },
  {
    title: `\`setupCache\` of ${RIVAL}`,
    program: `import { setupCache } from '${RIVAL}'; globalThis.use = setupCache;`,
  },
];

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** The folder of lib/ that a file lies in, or the package that it is from. */
function partOf(path) {
  const [, packageName] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (packageName !== undefined) return packageName;
  const folder = dirname(path);
  return folder === 'lib' ? 'lib/*.ts' : `${folder}/`;
}

function printParts(outputs) {
  const parts = new Map();
  for (const [path, { bytesInOutput }] of Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs))) {
    parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytesInOutput);
  }
  console.log('The main entry by its parts, minified by esbuild from the source:');
  const used = [...parts].filter(([, bytes]) => bytes > 0).sort(([, one], [, other]) => other - one);
  for (const [part, bytes] of used) console.log(`${kilobytes(bytes).padStart(9)}  ${part}`);
}

function sizesOf(codes) {
  const files = codes.map((code) => Buffer.from(code));
  const sum = (measure) => files.reduce((total, file) => total + measure(file), 0);
  return {
    min: sum((file) => file.byteLength),
    gzip: sum((file) => gzipSync(file, { level: 9 }).byteLength),
  };
}

/** What one row weighs by each bundler, and by which measures it is too heavy. */
async function weigh({ title, script, program, splitting, loads = 'first', limits = {} }, by) {
  const cells = script === undefined ? {} : { none: sizesOf([read(script)]) };
  for (const [tool, bundle] of Object.entries(by)) {
    if (program !== undefined) cells[tool] = sizesOf((await bundle(program, splitting))[loads]);
  }
  const sizes = cells.none ?? cells.esbuild;
  const exceeded = Object.keys(limits).filter((measure) => sizes[measure] > limits[measure]);
  const problems = exceeded.map((each) => `${title}: ${sizes[each]} bytes ${each}, limit ${limits[each]}`);
  return { title, cells, problems };
}

function table(weighed, tools) {
  const columns = ['none', ...tools];
  const cell = (sizes) => (sizes === undefined ? '' : `${kilobytes(sizes.min)}, ${kilobytes(sizes.gzip)}`);
  const line = (texts) => `| ${texts.join(' | ')} |`;
  return [
    line(['min, gzip', 'as it is', ...tools.map((tool) => `in an app by ${tool}`)]),
    line(['---', ...columns.map(() => '---:')]),
    ...weighed.map(({ title, cells }) => line([title, ...columns.map((column) => cell(cells[column]))])),
  ].join('\n');
}

const fromSource = { entryPoints: [join(root, 'lib/index.ts')], plugins: [esbuildTwins] };
printParts((await bundled(fromSource)).outputs);
const weighed = [];
const by = await bundlers();
for (const bundle of Object.values(by)) await bundle(GUARDED);
for (const row of ROWS) weighed.push(await weigh(row, by));
const sizes = table(weighed, Object.keys(by));
console.log(`\n${sizes}`);
if (docs) writePart({ page: 'docs/browsers.md', name: 'sizes', command: 'npm run check:size -- --docs' }, sizes);
const problems = weighed.flatMap((each) => each.problems);
for (const problem of problems) console.error(`FAILED  ${problem}`);
if (problems.length > 0) process.exit(1);
