/** What goes wrong at one call harms nobody: `npm run proof -- --only faults` for a short while. */
import { plant, runFaults } from '../../proof/faults/faults.js';
import { VirtualTime } from '../../proof/time/virtual-time.js';

test('single faults and pairs of them', async () => {
  const { failures, runs, points } = await runFaults({ seed: 3, alone: 40, crowded: 2, pairs: 8 });
  expect(failures).toEqual([]);
  expect(runs).toBe(50);
  expect(points).toBeGreaterThan(1000);
}, 120_000);

/** One caller, and a storage in the process. */
const MISS_AND_HIT = { scenario: 'a miss and a hit', callers: 1, place: 'in the process' } as const;

test('a request that hangs is found', async () => {
  const time = new VirtualTime();
  const restore = time.install();
  try {
    const { wrong } = await plant(time, { ...MISS_AND_HIT, faults: new Map() });
    expect(wrong).toEqual([]);
  } finally {
    restore();
  }
  // Without a time that passes no timeout ends what hangs.
  const stuck = new VirtualTime();
  const back = stuck.install();
  stuck.elapseToNext = async () => false;
  try {
    const { points } = await plant(new VirtualTime(), { ...MISS_AND_HIT, faults: new Map() });
    const origin = points.findIndex(({ place }) => place === 'origin');
    const faults = new Map([[origin, 'hangs' as const]]);
    const { wrong } = await plant(stuck, { ...MISS_AND_HIT, faults });
    expect(wrong.join()).toContain('hang');
  } finally {
    back();
  }
}, 60_000);
