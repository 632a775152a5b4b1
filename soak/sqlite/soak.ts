/**
 * `npm run soak:sqlite -- [--driver sqlite3] [--seconds 20] [--kills 100]`: several processes on one file, and writers
 * killed in the midst of it. Ends with code 1 where anything was lost, torn, stale or locked.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { StoredEntry } from 'axios-client-cache';
import { SqliteStorage, type SqliteDriverName } from 'axios-client-cache/sqlite';
import { entryOf, KEYS, keyOf, numberOf } from './entries.js';
import { buildWorker, Worker } from './processes.js';

const WRITERS = 4;
const READERS = 4;
const PROBES_A_SECOND = 20;

const { values } = parseArgs({
  options: {
    driver: { type: 'string', default: 'sqlite3' },
    seconds: { type: 'string', default: '20' },
    kills: { type: 'string', default: '100' },
  },
});
const driver = values.driver as SqliteDriverName;
const file = await buildWorker();
const folder = mkdtempSync(join(tmpdir(), 'sqlite-soak-'));
process.on('exit', () => { rmSync(folder, { recursive: true, force: true }); });

const open = (path: string): SqliteStorage => new SqliteStorage({ path, driver, busyTimeout: '20s' });

/** What a writer wrote last under each of its keys is there, byte for byte; the newer of two where it was killed. */
async function missingOf(storage: SqliteStorage, writer: number, last: number): Promise<string[]> {
  const missing: string[] = [];
  for (let slot = 0; slot < KEYS; slot += 1) {
    const expected = last - ((((last - slot) % KEYS) + KEYS) % KEYS);
    const [entry] = await storage.get(keyOf(writer, slot));
    const number = entry === undefined ? -1 : numberOf(entry);
    // A killed writer may have stored, or deleted to store anew, one more than it could say.
    const underWay = slot === (last + 1) % KEYS;
    if (expected < 0 || underWay || number >= expected) continue;
    missing.push(`${keyOf(writer, slot)}: ${number}, not ${expected}`);
  }
  return missing;
}

/** What this process sets and deletes is seen so by every reader at its next look. */
async function probe(storage: SqliteStorage, readers: readonly Worker[], endMs: number): Promise<[number, string[]]> {
  const failures: string[] = [];
  let rounds = 0;
  for (; performance.now() < endMs; rounds += 1) {
    const entry: StoredEntry = { ...entryOf(99, rounds), resource: 'probe' };
    for (const present of [true, false]) {
      if (present) await storage.set(entry);
      else await storage.delete({ resource: 'probe' });
      const seen = await Promise.all(readers.map((reader) => reader.sees(entry.key)));
      if (seen.includes(!present)) failures.push(`probe ${rounds}: ${present ? 'not seen' : 'still seen'} by a reader`);
    }
    await sleep(1000 / PROBES_A_SECOND);
  }
  return [rounds, failures];
}

async function runProcesses(seconds: number): Promise<string[]> {
  const path = join(folder, 'processes.sqlite');
  const start = (role: 'writer' | 'reader', count: number): Worker[] =>
    Array.from({ length: count }, (_, name) => new Worker(file, path, driver, role, name));
  const [writers, readers] = [start('writer', WRITERS), start('reader', READERS)];
  const storage = open(path);
  const [rounds, failures] = await probe(storage, readers, performance.now() + seconds * 1000);
  await Promise.all([...writers, ...readers].map((worker) => worker.end()));
  for (const [name, { count }] of writers.entries()) failures.push(...(await missingOf(storage, name, count - 1)));
  failures.push(...[...writers, ...readers].flatMap((worker) => worker.failures));
  await storage.close();
  const sum = (workers: readonly Worker[]): number => workers.reduce((total, { count }) => total + count, 0);
  console.log(`${WRITERS} writers and ${READERS} readers for ${seconds} s by ${driver}: ${sum(writers)} sets, ` +
    `${sum(readers)} gets, ${rounds} sets and deletes seen by every reader at its next look`);
  return failures;
}

async function runKills(kills: number): Promise<string[]> {
  const path = join(folder, 'kills.sqlite');
  const failures: string[] = [];
  let written = 0;
  let read = 0;
  for (let round = 0; round < kills; round += 1) {
    const writer = new Worker(file, path, driver, 'writer', 0);
    await writer.wrote(Math.floor(Math.random() * 2 * KEYS));
    await writer.kill();
    written += writer.lastWritten + 1;
    failures.push(...writer.failures);
    const storage = open(path);
    storage.onProblem((operation, { message }) => failures.push(`${operation}: ${message}`));
    failures.push(...(await missingOf(storage, 0, writer.lastWritten)));
    for await (const { key } of storage.entries()) {
      for (const entry of await storage.get(key)) read += numberOf(entry) >= 0 ? 1 : 0;
    }
    // Each round is on its own: a number of this one must not pass for one of the next.
    await storage.clear();
    await storage.close();
  }
  const aside = readdirSync(folder).filter((name) => name.includes('.corrupt-'));
  if (aside.length > 0) failures.push(`put aside: ${aside.join(', ')}`);
  console.log(`${kills} writers killed by SIGKILL: ${written} sets confirmed, ` +
    `${read} surviving entries read back whole`);
  return failures;
}

const failures = [...(await runProcesses(Number(values.seconds))), ...(await runKills(Number(values.kills)))];
for (const failure of failures.slice(0, 20)) console.error(`WRONG: ${failure}`);
console.log(`${failures.length} failures`);
process.exitCode = failures.length > 0 ? 1 : 0;
