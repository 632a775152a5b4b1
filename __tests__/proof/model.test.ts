/** The model of `npm run proof` finds what is wrong, and nothing where nothing is. */
import { memoryArena } from '../../proof/model/arenas.js';
import { runModel } from '../../proof/model/model.js';
import { MUTANTS } from '../../proof/model/mutants.js';

test('schedules on a sound storage are as they may be', async () => {
  const { failure, schedules, hits } = await runModel(memoryArena(), { seed: 7, runs: 300 });
  expect(failure).toBeUndefined();
  expect(schedules).toBe(300);
  expect(hits).toBeGreaterThan(50);
}, 120_000);

test('no schedule begins when time is up, and that is no failure', async () => {
  const { failure, schedules } = await runModel(memoryArena(), { seed: 7, runs: 1_000_000, seconds: 0.5 });
  expect(failure).toBeUndefined();
  expect(schedules).toBeGreaterThan(0);
  expect(schedules).toBeLessThan(1_000_000);
}, 60_000);

const FOUND =
  /request \d+ \(.*\): (.*is given|.*another body|the Age|it fails)|not answered from the cache|the config of another/;

test.each(Object.entries(MUTANTS))('finds a cache that %s', async (_name, arena) => {
  const { failure } = await runModel(arena, { seed: 1, runs: 3000, shows: 'first' });
  expect(failure).toMatch(FOUND);
}, 120_000);
