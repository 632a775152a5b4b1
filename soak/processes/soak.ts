/**
 * `npm run soak:processes -- [--storage sqlite] [--seconds 20] [--kills 100]`: several processes on one storage, and
 * writers killed in the midst of it. Ends with code 1 where anything was lost, torn, stale or locked.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CacheStorage } from 'axios-client-cache';
import { soakStorage } from '../storages/storages.js';
import { buildWorker } from '../storages/worker-file.js';
import { entryOf, KEYS, keyOf, lookUp, numberOf } from './entries.js';
import { Worker } from './processes.js';

const WRITERS = 4;
const READERS = 4;
const PROBES_A_SECOND = 20;

const { values } = parseArgs({
  options: {
    storage: { type: 'string', default: 'sqlite' },
    seconds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '100' },
  },
});
const engine = soakStorage(values.storage);
const file = await buildWorker('processes/worker.ts');

/** What a writer wrote last under each of its keys is there, byte for byte; the newer of two where it was killed. */
async function missingOf(storage: CacheStorage, writer: number, last: number): Promise<string[]> {
  const missing: string[] = [];
  for (let slot = 0; slot < KEYS; slot += 1) {
    const expected = last - ((((last - slot) % KEYS) + KEYS) % KEYS);
    const [entry] = await lookUp(storage, keyOf(writer, slot));
    const number = entry === undefined ? -1 : numberOf(entry);
    // A killed writer may have stored, or deleted to store anew, one more than it could say.
    const underWay = slot === (last + 1) % KEYS;
    if (expected < 0 || underWay || number >= expected) continue;
    missing.push(`${keyOf(writer, slot)}: ${number}, not ${expected}`);
  }
  return missing;
}

/** What this process sets and deletes is seen so by every reader at its next look. */
async function probe(storage: CacheStorage, readers: readonly Worker[], endMs: number): Promise<[number, string[]]> {
  const failures: string[] = [];
  let rounds = 0;
  for (; performance.now() < endMs; rounds += 1) {
    const entry = entryOf(99, rounds);
    for (const present of [true, false]) {
      if (present) await storage.set(entry);
      else await storage.delete({ key: entry.key, resource: entry.resource });
      const seen = await Promise.all(readers.map((reader) => reader.sees(entry.key)));
      if (seen.includes(!present)) failures.push(`probe ${rounds}: ${present ? 'not seen' : 'still seen'} by a reader`);
    }
    await sleep(1000 / PROBES_A_SECOND);
  }
  return [rounds, failures];
}

async function runProcesses(seconds: number): Promise<string[]> {
  const place = await engine.prepare();
  const start = (role: 'writer' | 'reader', count: number): Worker[] =>
    Array.from({ length: count }, (_, name) => new Worker(file, values.storage, place.address, role, name));
  const [writers, readers] = [start('writer', WRITERS), start('reader', READERS)];
  const storage = await engine.open(place.address);
  const [rounds, failures] = await probe(storage, readers, performance.now() + seconds * 1000);
  await Promise.all([...writers, ...readers].map((worker) => worker.end()));
  for (const [name, { count }] of writers.entries()) failures.push(...(await missingOf(storage, name, count - 1)));
  failures.push(...[...writers, ...readers].flatMap((worker) => worker.failures));
  await storage.close();
  await place.remove();
  const sum = (workers: readonly Worker[]): number => workers.reduce((total, { count }) => total + count, 0);
  console.log(`${WRITERS} writers and ${READERS} readers for ${seconds} s on ${values.storage}: ${sum(writers)} sets, ` +
    `${sum(readers)} gets, ${rounds} sets and deletes seen by every reader at its next look`);
  return failures;
}

async function runKills(kills: number): Promise<string[]> {
  const place = await engine.prepare();
  const failures: string[] = [];
  let written = 0;
  let read = 0;
  for (let round = 0; round < kills; round += 1) {
    const writer = new Worker(file, values.storage, place.address, 'writer', 0);
    await writer.wrote(Math.floor(Math.random() * 2 * KEYS));
    await writer.kill();
    written += writer.lastWritten + 1;
    failures.push(...writer.failures);
    const storage = await engine.open(place.address);
    storage.onProblem?.((operation, { message }) => failures.push(`${operation}: ${message}`));
    failures.push(...(await missingOf(storage, 0, writer.lastWritten)));
    for await (const { key } of storage.entries()) {
      for (const entry of await lookUp(storage, key)) read += numberOf(entry) >= 0 ? 1 : 0;
    }
    // Each round is on its own: a number of this one must not pass for one of the next.
    await storage.clear();
    await storage.close();
  }
  const damage = await place.damage();
  if (damage.length > 0) failures.push(`damaged: ${damage.join(', ')}`);
  await place.remove();
  console.log(`${kills} writers killed by SIGKILL: ${written} sets confirmed, ` +
    `${read} surviving entries read back whole`);
  return failures;
}

const failures = [...(await runProcesses(Number(values.seconds))), ...(await runKills(Number(values.kills)))];
for (const failure of failures.slice(0, 20)) console.error(`WRONG: ${failure}`);
console.log(`${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;
