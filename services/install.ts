/**
 * `npm run services:install`: puts the engines and the browser that tests need on a machine that has none of them, as
 * far as it can; then, as `npm run services` does alone, starts each and prints which it is. Ends with 1 where one is
 * missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium, missingChromium } from './chromium.js';
import { isProgram, onPath } from './commands.js';
import { FERRETDB_VERSION, ferretProgram, SECANTUSDB_VERSION, secantusFolder, secantusProgram } from './mongo.js';
import type { ServiceSource } from './service.js';
import { SOURCES } from './services.js';

/** What Debian has a package of: the package, and whether it is there already. */
const DEBIAN = [
  { program: 'redis-server', missing: () => onPath('redis-server', 'valkey-server') === undefined },
  { program: 'chromium', missing: () => findChromium() === undefined },
];

function installFromDebian(): void {
  const programs = DEBIAN.filter(({ missing }) => missing()).map(({ program }) => program);
  if (programs.length === 0) return;
  if (onPath('apt-get') === undefined || process.getuid?.() !== 0) {
    const names = programs.join(' and ');
    console.error(`As root on Debian they would be installed here: ${names}. Elsewhere put them on PATH.`);
    return;
  }
  if (run('apt-get', ['update', '-qq'])) run('apt-get', ['install', '-y', '-qq', ...programs]);
}

/** Into an environment of its own: nothing of the machine's Python changes. */
function installSecantus(): void {
  const done = join(secantusFolder, 'installed');
  if (onPath('mongod') !== undefined || (existsSync(done) && isProgram(secantusProgram))) return;
  rmSync(secantusFolder, { recursive: true, force: true });
  mkdirSync(dirname(secantusFolder), { recursive: true });
  const pip = join(secantusFolder, 'bin', 'pip');
  const options = ['--disable-pip-version-check', '--quiet'];
  if (!run('python3', ['-m', 'venv', secantusFolder])) return;
  if (run(pip, ['install', ...options, `secantusdb==${SECANTUSDB_VERSION}`])) writeFileSync(done, '');
}

function buildFerret(): void {
  if (isProgram(ferretProgram)) return;
  if (onPath('go') === undefined) {
    console.error(`FerretDB ${FERRETDB_VERSION}: it is built by Go, and there is none on PATH.`);
    return;
  }
  mkdirSync(dirname(ferretProgram), { recursive: true });
  run('go', ['build', '-o', ferretProgram, '.'], join(import.meta.dirname, 'ferretdb'));
}

/** Whether the command succeeded. What it says is shown. */
function run(command: string, args: readonly string[], folder?: string): boolean {
  console.log(`> ${command} ${args.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error } = spawnSync(command, args, { cwd: folder, env, stdio: 'inherit' });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}

/** Prints what answers; whether something does. */
async function answers(source: ServiceSource): Promise<boolean> {
  const say = (text: string): void => console.log(`${source.name.padEnd(16)} ${text}`);
  const url = source.variable === undefined ? undefined : process.env[source.variable];
  try {
    if (url !== undefined && url !== '') {
      say(`${await source.versionAt(url)} (${source.variable})`);
      return true;
    }
    const reason = source.missing();
    if (reason !== undefined) throw new Error(reason);
    const service = await source.start();
    await service.stop();
    say(service.version);
    return true;
  } catch (error) {
    say(`MISSING: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** Chromium is not a server, so it only says who it is. */
function showsChromium(): boolean {
  const found = findChromium();
  const version = found === undefined ? '' : spawnSync(found, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`${'chromium'.padEnd(16)} ${version === '' ? `MISSING: ${missingChromium() ?? 'no version'}` : version}`);
  return version !== '';
}

const { install } = parseArgs({ options: { install: { type: 'boolean', default: false } } }).values;
if (install) {
  installFromDebian();
  installSecantus();
  buildFerret();
}
for (const source of Object.values(SOURCES)) if (!(await answers(source))) process.exitCode = 1;
if (!showsChromium()) process.exitCode = 1;
