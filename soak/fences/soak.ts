/**
 * `npm run soak:fences -- [--storage sqlite] [--rounds 10000] [--processes 2] [--broken set-without-fence] [--docs]`:
 * processes on one storage that look up, ask slowly and store or renew, while others invalidate by resource, tag, key or all, and the
 * engine loses tokens where it has them. Ends with code 1 where an invalidated entry was found again, where a head stood
 * on another body, where a call failed, and where so little happened that nothing is shown by it. `--broken` takes a
 * storage that is broken on purpose; `--docs` writes the counts into the row of the storage in docs/reliability.md.
 */
import { parseArgs } from 'node:util';
import { runWorkers } from '../storages/run-workers.js';
import { soakStorage } from '../storages/storages.js';
import { judge, type Verdict } from './judge.js';
import type { Log } from './log.js';
import { writeCounts } from './docs.js';
import type { Settings } from './worker.js';

const { values } = parseArgs({
  options: {
    storage: { type: 'string', default: 'sqlite' },
    rounds: { type: 'string', default: '10000' },
    processes: { type: 'string', default: '2' },
    broken: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});

/** Prints what was seen, and gives what is wrong with it. */
function report({ counts, resurrected, failures }: Verdict, damage: readonly string[]): string[] {
  const { rounds, hits, stored, refused, lost, invalidations, heads } = counts;
  const count = [...resurrected.values()].reduce((sum, each) => sum + each, 0);
  console.log(`${rounds} rounds on ${values.storage} in ${values.processes} processes: ${hits} hits, ${stored} stored, ` +
    `${refused} refused, ${invalidations} invalidations, tokens lost ${lost} times`);
  console.log(`${count} resurrected entries, ${heads} heads on another body`);
  if (values.docs) writeCounts(values.storage, { ...counts, resurrected: count });
  const wrong = [
    ...[...resurrected].map(([by, times]) => `found again after an invalidation (${by}): ${times} times`),
    ...[...failures].map(([message, times]) => `failed: ${message} (${times} times)`),
    ...damage.map((name) => `damaged: ${name}`),
  ];
  if (heads > 0) wrong.push(`a head on another body: ${heads} times`);
  for (const [name, times] of Object.entries({ hits, stored, refused })) {
    if (times === 0) wrong.push(`there were no ${name}, so that nothing is shown`);
  }
  return wrong;
}

const place = await soakStorage(values.storage).prepare();
const { storage, broken } = values;
const processes = Number(values.processes);
const settings: Settings = {
  storage, address: place.address, broken, rounds: Math.ceil(Number(values.rounds) / processes),
};
const wrong = await runWorkers<Log>('fences/worker.ts', settings, processes).then(
  async (logs) => report(judge(logs), await place.damage()),
  (error: unknown) => [String(error)],
);
await place.remove();
for (const each of wrong) console.error(`WRONG: ${each}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
