/**
 * `npm run soak:http -- [--storage sqlite] [--reads 100000] [--processes 2] [--broken set-without-fence]`: processes with
 * axios on one storage, before an origin that answers late: GET, HEAD, no-cache, reload, PUT, and what is deleted by
 * URL, tag, pattern and all. Ends with code 1 where a head came with another body, where anything was read from before
 * an invalidation that had ended, where the storage failed, and where nothing was a hit.
 */
import { parseArgs } from 'node:util';
import { runWorkers } from '../storages/run-workers.js';
import { soakStorage } from '../storages/storages.js';
import { findStale } from './judge.js';
import { startOrigin } from './origin.js';
import type { Seen, Settings } from './worker.js';

const { values } = parseArgs({
  options: {
    storage: { type: 'string', default: 'sqlite' },
    reads: { type: 'string', default: '100000' },
    processes: { type: 'string', default: '2' },
    broken: { type: 'string' },
  },
});

function report(seen: readonly Seen[], seconds: number): string[] {
  const sum = (count: (each: Seen) => number): number => seen.reduce((total, each) => total + count(each), 0);
  const { versions, deleted } = findStale(seen);
  const heads = sum((each) => each.heads);
  const hits = sum((each) => each.hits);
  console.log(`${sum(({ reads }) => reads.length)} reads on ${values.storage} in ${values.processes} processes in ` +
    `${seconds.toFixed(0)} s: ${hits} hits, ${sum(({ headRequests }) => headRequests)} HEAD, ` +
    `${sum(({ changes }) => changes.length)} changed items, ${sum(({ deletions }) => deletions.length)} deletions`);
  console.log(`${versions} reads from before a change, ${deleted} from before a deletion, ` +
    `${heads} heads with another body`);
  const wrong = seen.flatMap(({ events }) => Object.entries(events).map(([name, times]) => `${name}: ${times} times`));
  if (versions + deleted > 0) wrong.push('something was read from before an invalidation that had ended');
  if (heads > 0) wrong.push('a head came with another body');
  if (hits === 0) wrong.push('there were no hits, so that nothing is shown');
  return wrong;
}

const place = await soakStorage(values.storage).prepare();
const origin = await startOrigin();
const processes = Number(values.processes);
const settings: Settings = {
  storage: values.storage,
  address: place.address,
  url: origin.url,
  reads: Math.ceil(Number(values.reads) / processes),
  broken: values.broken,
};
const startedMs = performance.now();
const wrong = await runWorkers<Seen>('http/worker.ts', settings, processes).then(
  (seen) => report(seen, (performance.now() - startedMs) / 1000),
  (error: unknown) => [String(error)],
);
for (const name of await place.damage()) wrong.push(`damaged: ${name}`);
await origin.close();
await place.remove();
for (const each of wrong) console.error(`WRONG: ${each}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
