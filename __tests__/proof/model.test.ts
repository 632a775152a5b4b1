/** The model of `npm run proof` finds what is wrong, and nothing where nothing is. */
import { type ArenaName, ARENAS, fenceless, memoryArena } from '../../proof/model/arenas.js';
import { runModel } from '../../proof/model/model.js';
import { MUTANTS } from '../../proof/model/mutants.js';
import { describeOwnService } from '../support/services.js';

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
  const { failure } = await runModel(arena, { seed: 1, runs: 6000, shows: 'first' });
  expect(failure).toMatch(FOUND);
}, 120_000);

/** What few schedules on an engine find wrong with it. */
async function failureOn(name: ArenaName, planted?: typeof fenceless): Promise<string | undefined> {
  const arena = await ARENAS[name](planted);
  try {
    return (await runModel((time) => arena.arenaOf(time), { seed: 1, runs: 400, shows: 'first' })).failure;
  } finally {
    await arena.close();
  }
}

const BEFORE = /request \d+ \(.*\): it is given \S+, which was made before/;

test.each(['sqlite', 'filesystem'] as const)('finds that the fences of %s are taken out', async (name) => {
  expect(await failureOn(name, fenceless)).toMatch(BEFORE);
}, 120_000);

describeOwnService('redis', () => {
  test('finds that the fences of Redis are taken out', async () => {
    expect(await failureOn('redis', fenceless)).toMatch(BEFORE);
  }, 120_000);
});

test('and nothing on SQLite as it is', async () => {
  expect(await failureOn('sqlite')).toBeUndefined();
}, 240_000);
