/** What a hit, an entry and an instance weigh: promises and bytes. */
import { createHook } from 'node:async_hooks';
import { type Contestant, contestants, type Group, type Pace, type Scenario, type Work } from './scenario.js';
import type { Client } from '../candidates/candidate.js';
import type { Stage } from '../stage.js';

const common = { lifetime: 'fresh', origin: 'in process' } as const;

const PATH = '/items/1';
const HITS = 1_000;

/** `measure` hears how to make `HITS` hits. */
async function prepareGauge(stage: Stage, measure: (makeHits: () => Promise<void>) => Promise<number>): Promise<Work> {
  await stage.fill(PATH);
  await stage.checkOwnership(() => stage.hit(PATH));
  const { get } = stage.client;
  const makeHits = async (): Promise<void> => {
    stage.expect(stage.reaching(HITS));
    for (let count = 0; count < HITS; count += 1) await get(PATH);
  };
  // Code that is not compiled yet allocates more.
  for (let round = 0; round < 10; round += 1) await makeHits();
  return { kind: 'gauge', measure: async () => (await measure(makeHits)) / HITS };
}

async function countPromises(makeHits: () => Promise<void>): Promise<number> {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') count += 1;
    },
  }).enable();
  await makeHits();
  hook.disable();
  return count;
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('the process was started without --expose-gc');
  globalThis.gc();
}

/** JavaScript objects, and what buffers hold beside them. */
function heldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The young generation is so large that nothing is collected meanwhile: what is held more was allocated. */
async function countBytes(makeHits: () => Promise<void>): Promise<number> {
  collectGarbage();
  const before = heldBytes();
  await makeHits();
  return heldBytes() - before;
}

const LARGE_YOUNG_GENERATION = ['--expose-gc', '--min-semi-space-size=512', '--max-semi-space-size=512'];

const perHit = (
  unit: 'promises' | 'bytes',
  measure: (makeHits: () => Promise<void>) => Promise<number>,
): Scenario => ({
  ...common,
  name: `weight-${unit}-per-hit`,
  title: unit === 'promises' ? 'Promises made for a hit' : 'Bytes allocated for a hit, 200 B of JSON',
  unit,
  payload: { bytes: 200, distinct: false },
  contestants: contestants('axios-ready', 'interceptor', 'interceptor-clone', 'ours', 'ours-frozen'),
  execArgv: LARGE_YOUNG_GENERATION,
  rounds: 5,
  prepare: (stage) => prepareGauge(stage, measure),
});

const FILLED: Readonly<Record<Pace, number>> = { quick: 2_000, full: 100_000 };

/** All that is held more once so many answers are stored, by the entry. */
async function prepareFilling(stage: Stage, { entries }: Contestant): Promise<Work> {
  await stage.fill(PATH);
  await stage.checkOwnership(() => stage.hit(PATH));
  const measure = async (): Promise<number> => {
    await stage.client.clear();
    collectGarbage();
    const before = heldBytes();
    for (let count = 0; count < entries; count += 1) await stage.fill(`/items/${count + 1}`);
    collectGarbage();
    return (heldBytes() - before) / entries;
  };
  return { kind: 'gauge', measure };
}

const INSTANCES = 200;

/** All that is held more once so many instances exist that were never asked. */
async function prepareIdle({ candidate, setting }: Stage): Promise<Work> {
  const measure = async (): Promise<number> => {
    const clients: Client[] = [];
    // What the first instance of all loads and makes once is not counted.
    clients.push(await candidate.open(setting));
    collectGarbage();
    const before = heldBytes();
    for (let count = 0; count < INSTANCES; count += 1) clients.push(await candidate.open(setting));
    collectGarbage();
    const bytes = (heldBytes() - before) / INSTANCES;
    for (const client of clients) await client.close();
    return bytes;
  };
  return { kind: 'gauge', measure };
}

export const weight = (pace: Pace): Group => ({
  name: 'weight',
  title: 'Promises and bytes',
  about:
    'Promises are counted by `async_hooks`. Allocated bytes are what the heap holds more after a thousand hits, with ' +
    'a young generation so large that nothing is collected meanwhile. Bytes that are held are heap and buffers after ' +
    'a full collection.',
  scenarios: [
    perHit('promises', countPromises),
    perHit('bytes', countBytes),
    {
      ...common,
      name: 'weight-bytes-per-entry',
      title: `Bytes held for a stored answer of 200 B, ${FILLED[pace].toLocaleString('en')} of them stored`,
      unit: 'bytes',
      payload: { bytes: 200, distinct: true },
      contestants: contestants('interceptor', 'interceptor-clone', 'ours').map((each) => ({
        ...each,
        entries: FILLED[pace],
      })),
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
      rounds: 1,
      prepare: prepareFilling,
    },
    {
      ...common,
      name: 'weight-bytes-idle',
      title: 'Bytes held for an instance that was never asked',
      unit: 'bytes',
      payload: { bytes: 200, distinct: false },
      contestants: contestants('axios', 'interceptor', 'ours'),
      execArgv: ['--expose-gc'],
      rounds: 3,
      prepare: prepareIdle,
    },
  ],
});
