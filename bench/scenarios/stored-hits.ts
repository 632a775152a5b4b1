/** Hits where it matters what the cache holds: a file of SQLite, or very many entries. */
import { type Contestant, contestants, type Group, type Pace, type TimedWork } from './scenario.js';
import type { Stage } from '../stage.js';

const common = { unit: 'ns', lifetime: 'fresh', origin: 'in process' } as const;

/** Hits on a part of the keys, spread evenly over all of them, in the same order for everybody. */
async function prepareHitsAmong(stage: Stage, entries: number, asked: number): Promise<TimedWork> {
  const pathOf = (key: number): string => `/items/${key + 1}`;
  for (let key = 0; key < entries; key += 1) await stage.fill(pathOf(key));
  const paths = Array.from({ length: asked }, (_, index) => pathOf(Math.floor((index * entries) / asked)));
  for (const path of paths) await stage.hit(path);
  const [first = pathOf(0)] = paths;
  await stage.checkOwnership(() => stage.hit(first));
  const { get } = stage.client;
  let next = 0;
  return {
    kind: 'timed',
    operation: () => get(paths[(next = (next + 1) % asked)] ?? first),
    requests: 1,
    full: stage.reaching(1),
    notModified: 0,
  };
}

export const sqliteHits: Group = {
  name: 'sqlite',
  title: 'A hit in SQLite',
  about:
    'One answer is stored in a file and asked for again and again. What it is compared with is axios with an adapter ' +
    'that answers the same text from memory at once.',
  scenarios: [
    {
      ...common,
      name: 'sqlite-10kB',
      title: 'A hit in a file of SQLite, 10 kB of JSON',
      payload: { bytes: 10_000, distinct: false },
      contestants: contestants('axios', 'ours', 'ours-sqlite3', 'ours-node-sqlite'),
      prepare: (stage) => prepareHitsAmong(stage, 1, 1),
    },
  ],
};

const ASKED = 1_000;
const ENTRIES: Readonly<Record<Pace, readonly number[]>> = {
  quick: [1_000, 3_000],
  full: [1_000, 10_000, 100_000, 1_000_000],
};

export const growth = (pace: Pace): Group => ({
  name: 'growth',
  title: 'A hit as the cache grows',
  about:
    `The cache holds more and more entries in memory. The hits are always on ${ASKED.toLocaleString('en')} of them, ` +
    'spread evenly, so that what is seen is the cost of finding an entry and not that of a cold processor cache.',
  scenarios: [
    {
      ...common,
      name: 'growth',
      title: 'A hit in memory among so many entries, 200 B of JSON',
      payload: { bytes: 200, distinct: true },
      contestants: ENTRIES[pace].map((entries): Contestant => ({ candidate: 'ours', entries })),
      execArgv: ['--max-old-space-size=12288'],
      prepare: (stage, { entries }) => prepareHitsAmong(stage, entries, ASKED),
    },
  ],
});
