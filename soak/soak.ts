/**
 * `npm run soak -- [--requests 100000] [--seconds 280] [--seed 1]`: mixed requests on both adapters. Ends with code 1
 * where an answer was wrong, or anything is left: a request under way, memory, a listener, a rejection, a handle.
 */
import { parseArgs } from 'node:util';
import axios from 'axios';
import { type CachedAxiosInstance, setupCache } from 'axios-client-cache';
import { formatTable } from '../demo/table.js';
import { growthOf, HEAP_LIMIT_BYTES, heldBytes } from './heap.js';
import { KEYS, type SoakOrigin, startSoakOrigin } from './origin.js';
import { makeOne, seeded, type Soaked } from './requests.js';
import { meetEngines, type MetEngines, pathsUnderWay } from './under-way.js';

const AT_ONCE = 50;
const SAMPLES = 10;
/** Longer than any request here may take: whoever waits so long has been forgotten. */
const HANG_MS = 30_000;
/** How long after the end something may still keep the process alive. */
const EXIT_MS = 5_000;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '280' },
    seed: { type: 'string', default: '1' },
  },
});
const total = Number(values.requests);
const startedMs = performance.now();
const deadlineMs = startedMs + Number(values.seconds) * 1000;

const faults = new Map<string, number>();
const counts = new Map<string, number>();
const add = (to: Map<string, number>, name: string): void => void to.set(name, (to.get(name) ?? 0) + 1);

process.on('warning', ({ name, message }) => { add(faults, `warning ${name}: ${message}`); });
process.on('unhandledRejection', (reason) => { add(faults, `unhandled rejection: ${String(reason)}`); });

/** Rejects where `promise` never ends. */
function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`${what} hangs`)); }, HANG_MS);
    promise.then(resolve, reject).finally(() => { clearTimeout(timer); });
  });
}

// Each error's stack would be looked up in the source map, at a hundred times its own cost.
process.setSourceMapsEnabled(false);

let begun = 0;
/** By so much the clock was put forward. */
let forwardMs = 0;

/** Requests until so many have begun, and all of them have ended. */
async function runUntil(end: number, soaked: Soaked): Promise<void> {
  const work = async (): Promise<void> => {
    while (begun < end && performance.now() < deadlineMs) {
      begun += 1;
      const { kind, fault } = await inTime(makeOne(soaked), 'a request');
      add(counts, kind);
      if (fault !== undefined) add(faults, `${kind}: ${fault}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await soaked.http.cache.idle();
}

async function checkNothingUnderWay(http: CachedAxiosInstance, origin: SoakOrigin, met: MetEngines): Promise<void> {
  const count = met.keysUnderWay();
  console.log(`${count} keys under way at the end`);
  if (count > 0) add(faults, `${count} keys are still under way`);
  for (const adapter of ['http', 'fetch']) {
    forwardMs += 10 * 86_400_000;
    const paths = await inTime(pathsUnderWay(http, origin, adapter), 'a request that should be alone');
    for (const path of paths) add(faults, `left under way: ${path}`);
  }
}

async function soak(): Promise<readonly number[]> {
  // Of the requests' number, not of the machine's speed: 500 requests are a second.
  const now = (): number => Date.UTC(2030, 0, 1) + begun * 2 + forwardMs;
  const met = meetEngines();
  const origin = await startSoakOrigin(now);
  const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { now });
  for (const type of ['hit', 'stale', 'revalidated', 'miss', 'bypass'] as const) {
    http.cache.on(type, () => { add(counts, `  ${type}`); });
  }
  http.cache.on('refresh-error', ({ error }) => {
    add(counts, `  refresh failed: ${(error as { code?: string }).code}`);
  });
  const soaked: Soaked = {
    http,
    random: seeded(Number(values.seed)),
    sharedSignal: new AbortController().signal,
    changed: [],
  };
  const samples: number[] = [];
  // The first part warms up: code is compiled, pools are filled.
  for (let part = 1; part <= SAMPLES; part += 1) {
    await runUntil(Math.round((total * part) / SAMPLES), soaked);
    if (part > 2) samples.push(await heldBytes());
  }
  await checkNothingUnderWay(http, origin, met);
  if (begun < total) add(faults, `only ${begun} of ${total} requests within ${values.seconds} s`);
  await http.cache.close();
  await origin.close();
  return samples;
}

function report(samples: readonly number[]): void {
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`${begun} requests, ${AT_ONCE} at once, ${KEYS} keys, in ${seconds.toFixed(0)} s\n`);
  console.log(formatTable(['what', 'requests'], [...counts].sort(([one], [other]) => (one < other ? -1 : 1))));
  const megabytes = samples.map((bytes) => (bytes / 1e6).toFixed(2));
  const growth = growthOf(samples);
  console.log(`\nHeld after the warm-up, MB: ${megabytes.join(' ')}; grown by ${Math.round(growth / 1000)} kB`);
  if (!(growth <= HEAP_LIMIT_BYTES)) add(faults, `the heap has grown by ${growth} bytes, more than ${HEAP_LIMIT_BYTES}`);
}

/** The last thing that runs, if anything does. */
function expectExit(): void {
  const timer = setTimeout(() => {
    console.error(`WRONG: still open: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, EXIT_MS);
  timer.unref();
}

report(await soak());
for (const [fault, times] of [...faults].slice(0, 20)) console.error(`WRONG: ${fault} (${times} times)`);
console.log(`${faults.size} failures`);
process.exitCode = faults.size > 0 ? 1 : 0;
expectExit();
