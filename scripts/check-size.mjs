// Prints what each part of the browser build weighs, and fails where the whole is heavier than its limits: the plain
// script, and what a bundler puts into an app, each with everything in it but axios. Build first: dist/ is measured.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { esbuildTwins } from './browser-twins.mjs';

/** In bytes. A change that needs more has to say what the bytes are for. */
const LIMITS = { min: 190_500, gzip: 68_500 };

const root = fileURLToPath(new URL('..', import.meta.url));
const { exports, unpkg } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
if (!existsSync(join(root, unpkg))) {
  console.error(`There is no ${unpkg}: run "npm run build" first.`);
  process.exit(1);
}

/** The package as a bundler puts it into an app, and what each file contributes to it. */
async function bundled(entry) {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    external: ['axios'],
    metafile: true,
    write: false,
    logLevel: 'error',
    absWorkingDir: root,
    plugins: [esbuildTwins],
    legalComments: 'none',
  });
  const [output] = Object.values(metafile.outputs);
  return { code: outputFiles[0].contents, inputs: output.inputs };
}

/** The folder of lib/ that a file lies in, or the package that it is from. */
function partOf(path) {
  const [, packageName] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  if (packageName !== undefined) return packageName;
  const folder = dirname(path);
  return folder === 'lib' ? 'lib/*.ts' : `${folder}/`;
}

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

function printParts(inputs) {
  const parts = new Map();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    parts.set(partOf(path), (parts.get(partOf(path)) ?? 0) + bytesInOutput);
  }
  console.log('Minified by esbuild, from the source:');
  const used = [...parts].filter(([, bytes]) => bytes > 0).sort(([, one], [, other]) => other - one);
  for (const [part, bytes] of used) console.log(`${kilobytes(bytes)}  ${part}`);
}

/** How many of the limits the code exceeds. */
function checkTotals(title, code) {
  const totals = { min: code.byteLength, gzip: gzipSync(code, { level: 9 }).byteLength };
  const brotli = brotliCompressSync(code).byteLength;
  console.log(`${title}\n${kilobytes(totals.min)} min ${kilobytes(totals.gzip)} gzip ${kilobytes(brotli)} brotli`);
  const exceeded = Object.keys(LIMITS).filter((measure) => totals[measure] > LIMITS[measure]);
  for (const measure of exceeded) {
    console.error(`FAILED  ${measure}: ${totals[measure]} bytes, and the limit is ${LIMITS[measure]}`);
  }
  return exceeded.length;
}

printParts((await bundled('lib/index.ts')).inputs);
console.log('');
const inApp = await bundled(exports['.'].browser.import.default);
const failures =
  checkTotals(`${unpkg}, all but axios:`, readFileSync(join(root, unpkg))) +
  checkTotals('Bundled by esbuild into an app, all but axios:', inApp.code);
if (failures > 0) process.exit(1);
