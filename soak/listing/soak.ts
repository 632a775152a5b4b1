/**
 * `npm run soak:listing -- [--storage sqlite,redis] [--entries 100000] [--docs]`: what a look through many entries takes
 * of the heap, and how long it takes to delete many. It ends with code 1 where a listing takes more than its limit, or
 * where a number is wrong. `--docs` writes the figures into docs/manager.md.
 */
import { parseArgs } from 'node:util';
import axios from 'axios';
import { type CacheManager, type CacheStorage, setupCache } from 'axios-client-cache';
import { fill, TAG } from './entries.js';
import { formatTable, markdownTable } from '../../demo/table.js';
import { writePart } from '../../scripts/page-part.mjs';
import { heldBytes } from '../heap.js';
import { soakStorage } from '../storages/storages.js';

/** So much more than before it a listing may hold, in bytes. */
const LIMIT_BYTES = 50_000_000;
/** So often a listing is stopped for a look at the heap, which is collected first. */
const LOOKS = 20;
const HOUR_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    storage: { type: 'string', default: 'sqlite,redis' },
    entries: { type: 'string', default: '100000' },
    docs: { type: 'boolean', default: false },
  },
});
const total = Number(values.entries);
const tagged = total / 10;

const faults: string[] = [];
function expect(what: string, is: number, wanted: number): void {
  if (is !== wanted) faults.push(`${what}: ${is} and not ${wanted}`);
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startedMs = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - startedMs) / 1000 };
}

/** The most that was held beside what was before. */
async function heapOf(cache: CacheManager): Promise<{ readonly seen: number; readonly bytes: number }> {
  const before = await heldBytes();
  const step = Math.floor(total / LOOKS);
  let [seen, most] = [0, 0];
  for await (const { url } of cache.entries()) {
    if (url !== '') seen += 1;
    if (seen % step === 0) most = Math.max(most, (await heldBytes()) - before);
  }
  return { seen, bytes: most };
}

async function measure(name: string, storage: CacheStorage): Promise<readonly string[]> {
  let forwardMs = 0;
  const now = (): number => Date.now() + forwardMs;
  const { cache } = setupCache(axios.create(), { storage, now, storageTimeout: '120s' });
  const filling = await timed(async () => {
    await fill(storage, 'short', total, HOUR_MS);
    await fill(storage, TAG, tagged, 24 * HOUR_MS, TAG);
  });
  console.log(`${name}: filled in ${filling.seconds.toFixed(1)} s`);
  const { seen, bytes } = await heapOf(cache);
  expect(`${name}: listed`, seen, total + tagged);
  const listing = await timed(() => cache.count());
  expect(`${name}: counted`, listing.value, total + tagged);
  console.log(`${name}: listed in ${listing.seconds.toFixed(1)} s`);
  if (bytes > LIMIT_BYTES) faults.push(`${name}: a listing took ${bytes} bytes, more than ${LIMIT_BYTES}`);
  const byTag = await timed(() => cache.deleteMatching({ tag: TAG }));
  expect(`${name}: deleted by a tag`, byTag.value, tagged);
  console.log(`${name}: deleted by a tag in ${byTag.seconds.toFixed(1)} s`);
  forwardMs = 2 * HOUR_MS;
  const expired = await timed(() => cache.deleteExpired());
  expect(`${name}: deleted as expired`, expired.value, total);
  expect(`${name}: left`, await cache.count(), 0);
  await cache.close();
  const seconds = [listing, byTag, expired].map((each) => `${each.seconds.toFixed(1)} s`);
  return [name, `${(bytes / 1e6).toFixed(0)} MB`, ...seconds];
}

const rows: (readonly string[])[] = [];
for (const name of values.storage.split(',')) {
  const kind = soakStorage(name);
  const place = await kind.prepare();
  try {
    rows.push(await measure(name, await kind.open(place.address)));
  } finally {
    await place.remove();
  }
}

const thousands = (count: number): string => count.toLocaleString('en');
const titles = [
  'storage', 'heap held', `listing ${thousands(total + tagged)}`, `deleting ${thousands(tagged)} by a tag`,
  `deleteExpired of ${thousands(total)}`,
];
console.log(formatTable(titles, rows));
for (const fault of faults) console.error(`WRONG: ${fault}`);
if (values.docs) {
  const place = { page: 'docs/manager.md', name: 'listing', command: 'npm run soak:listing -- --docs' };
  writePart(place, markdownTable(titles, rows));
}
process.exitCode = faults.length > 0 ? 1 : 0;
