/**
 * `npm run examples`: runs each example, or those that are named, and compares what it prints with what its last
 * comment promises, in which `…` stands for anything. Ends with 1 where one of them differs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../scripts/bundle.mjs';
import { redis } from '../services/redis.js';

const LIMIT_MS = 120_000;
const here = import.meta.dirname;
const modules = join(here, 'node_modules');
const outdir = join(modules, '.cache', `examples-${process.pid}`);

/** Examples that need a server, which is started for them unless the environment names one. */
const SERVERS = { 'redis-fleet': redis };

const isMain = (file: string): boolean => file.endsWith('.ts') && file !== 'run.ts';
const all = readdirSync(here).filter(isMain).map((file) => file.slice(0, -'.ts'.length));

/** The lines of the comment that begins with `It prints:`. */
function promisedBy(name: string): readonly string[] {
  const [, promised] = readFileSync(join(here, `${name}.ts`), 'utf8').split('\n// It prints:\n');
  if (promised === undefined) throw new Error(`${name}.ts does not say what it prints`);
  return promised.trimEnd().split('\n').map((line) => line.replace(/^\/\/ ?/, ''));
}

function keeps(promise: string, line: string | undefined): boolean {
  const texts = promise.split('…').map((text) => text.replaceAll(/[^\w ]/g, '\\$&'));
  return line !== undefined && new RegExp(`^${texts.join('.*')}$`).test(line);
}

/** What is wrong about an example; undefined where nothing is. */
function faultOf(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [join(outdir, `${name}.mjs`)], {
    encoding: 'utf8',
    env: { ...env, NODE_OPTIONS: '--enable-source-maps' },
    timeout: LIMIT_MS,
  });
  const lines = stdout.split('\n').slice(0, -1);
  const promised = promisedBy(name);
  const isKept = promised.length === lines.length && promised.every((promise, index) => keeps(promise, lines[index]));
  if (status === 0 && isKept) return undefined;
  return [`status ${status ?? error?.message}`, 'promised:', ...promised, 'printed:', ...lines, stderr].join('\n    ');
}

async function verdictOn(name: string): Promise<{ readonly fault?: string | undefined; readonly skipped?: string }> {
  const server = SERVERS[name as keyof typeof SERVERS];
  const variable = server?.variable;
  if (variable === undefined || (process.env[variable] ?? '') !== '') return { fault: faultOf(name, process.env) };
  const missing = server.missing();
  if (missing !== undefined) return process.env['REQUIRE_SERVICES'] === '1' ? { fault: missing } : { skipped: missing };
  const own = await server.start();
  try {
    return { fault: faultOf(name, { ...process.env, [variable]: own.url }) };
  } finally {
    await own.stop();
  }
}

if (!existsSync(modules)) {
  console.error('What the examples need is not installed yet: run `npm ci --prefix examples` first.');
  process.exit(2);
}
const named = process.argv.slice(2);
const unknown = named.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}: the examples are ${all.join(', ')}.`);
  process.exit(2);
}
// Inside node_modules, so that imports of packages resolve from here; a file for each, as some start themselves again.
mkdirSync(outdir, { recursive: true });
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
const chosen = named.length > 0 ? named : all;
const entryPoints = Object.fromEntries(chosen.map((name) => [name, join(here, `${name}.ts`)]));
const tsconfigRaw = { compilerOptions: { experimentalDecorators: true } };
await bundle({ entryPoints, outdir, outExtension: { '.js': '.mjs' }, sourcemap: 'inline', tsconfigRaw });
for (const name of chosen) {
  const { fault, skipped } = await verdictOn(name);
  if (skipped !== undefined) console.log(`SKIPPED ${name}: ${skipped}`);
  else console.log(fault === undefined ? `ok ${name}` : `FAILED ${name}: ${fault}`);
  if (fault !== undefined) process.exitCode = 1;
}
