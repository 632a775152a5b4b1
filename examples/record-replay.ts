/**
 * Tests without a server, in jest and in vitest: a first run records what the server answers, a second one replays it
 * with the server gone. The program under test and its tests are in `record-replay/`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendJson, startOrigin } from './support/origin.js';

const folder = join(import.meta.dirname, 'record-replay');
const programOf = createRequire(join(import.meta.dirname, 'package.json')).resolve;
const RUNNERS = {
  jest: [programOf('jest/bin/jest'), '--config', join(folder, 'jest.config.mjs')],
  vitest: [join(programOf('vitest/package.json'), '..', 'vitest.mjs'), 'run', '--root', folder],
};

async function run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (said += text.toString()));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) console.log(said);
  return code === 0 ? 'passed' : 'FAILED';
}

for (const [name, args] of Object.entries(RUNNERS)) {
  const origin = await startOrigin((_request, response) => sendJson(response, [{ name: 'Ada' }, { name: 'Alan' }]));
  const place = await mkdtemp(join(tmpdir(), 'record-replay-'));
  const env = { API_URL: origin.url, RECORDING: join(place, 'users.har') };

  // `CI` decides what `recordReplay` does where no mode is named: elsewhere what is missing is recorded.
  const first = await run(args, { ...env, CI: '' });
  console.log(`${name}, first run: ${first}, ${origin.asked.length} request to the server`);
  await origin.close();
  console.log(`${name}, in CI and without the server: ${await run(args, { ...env, CI: 'true' })}`);

  const { log } = JSON.parse(await readFile(env.RECORDING, 'utf8')) as { log: { entries: unknown[] } };
  console.log(`${name}, answers in the recording: ${log.entries.length}`);
  await rm(place, { recursive: true });
}

// It prints:
// jest, first run: passed, 1 request to the server
// jest, in CI and without the server: passed
// jest, answers in the recording: 1
// vitest, first run: passed, 1 request to the server
// vitest, in CI and without the server: passed
// vitest, answers in the recording: 1
