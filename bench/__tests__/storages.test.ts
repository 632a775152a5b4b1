/** The benchmark of storages: its options, its rounds, and how it judges what it found. */
import { aimsIn, sentenceOf } from '../storages/aims.js';
import { choiceOf } from '../storages/choice.js';
import { measure, TEXT } from '../storages/measure.js';
import { parseOptions } from '../storages/options.js';
import { atMost, type Contestant, inBothModes, OURS, type Scenario } from '../storages/scenario.js';

const NAMES = ['redis', 'redis-axios', 'mongo'];

test.each([
  [[], [['redis', []], ['redis-axios', []], ['mongo', []]]],
  [['--only', 'mongo'], [['mongo', []]]],
  [['--only', 'redis'], [['redis', []]]],
  [['--only', 'redis-axios-hit, redis-miss-alone'], [['redis', ['redis-miss-alone']], ['redis-axios', ['redis-axios-hit']]]],
])('%j names groups as a whole, and scenarios by how they begin', (args, expected) => {
  const { groups } = parseOptions(args, NAMES);
  expect(groups.map(({ name, scenarios }) => [name, scenarios])).toEqual(expected);
});

test('an unknown group is told with those that there are', () => {
  expect(() => parseOptions(['--only', 'mango'], NAMES)).toThrow('there is no group "mango"; there are redis');
});

/** Takes as many turns of the event loop as it is slow. */
const contestant = (id: string, slowness: number, given: Partial<Contestant> = {}): Contestant => ({
  id,
  title: `the ${id}`,
  operation: async () => {
    for (let turn = 0; turn < slowness; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
  },
  check: async () => TEXT,
  ...given,
});

const scenarioOf = (aim: number, ...contestants: Contestant[]): Scenario => {
  const [alone] = inBothModes('redis-hit', 'A hit', contestants, atMost('clock', aim));
  if (alone === undefined) throw new Error('there is one for each mode');
  return alone;
};

const judged = async (scenario: Scenario) =>
  aimsIn({ group: 'redis', engine: 'Redis', scenarios: [await measure(scenario, 'quick')] });

test('an aim is met where the median of the ratios by the clock is no greater', async () => {
  const contestants = [contestant('raw', 1), contestant(OURS, 20)];
  const [missed] = await judged(scenarioOf(1.5, ...contestants));
  const [met] = await judged(scenarioOf(1000, ...contestants));
  expect([missed?.isMet, met?.isMet]).toEqual([false, true]);
  expect(missed?.found.median).toBeGreaterThan(1.5);
  expect(missed && sentenceOf(missed)).toMatch(/^NOT MET redis-hit-alone: the ours takes .* times the raw .* by the clock; the aim is 1\.50$/);
});

test('a scenario without an aim is judged by none', async () => {
  const [, together] = inBothModes('redis-hit', 'A hit', [contestant('raw', 1), contestant(OURS, 1)], atMost('clock', 1.5));
  expect(together && (await judged(together))).toEqual([]);
});

test('an answer that is wrong, before or after the rounds, is no result', async () => {
  const never = contestant(OURS, 1, { check: async () => 'another answer' });
  await expect(measure(scenarioOf(1, never), 'quick')).rejects.toThrow('the ours has another answer in place of [{');
  let checks = 0;
  const notAnyMore = contestant(OURS, 1, { check: async () => ((checks += 1) === 1 ? TEXT : 'nothing') });
  await expect(measure(scenarioOf(1, notAnyMore), 'quick')).rejects.toThrow('the ours has nothing in place of');
});

test('no two operations have the same turn, and each round is prepared for its own', async () => {
  const prepared: number[] = [];
  const done: number[] = [];
  const counting = contestant(OURS, 0, {
    before: async (turns) => { prepared.push(...turns); },
    operation: async (turn) => { done.push(turn); },
    check: async (turn) => {
      done.push(turn);
      return TEXT;
    },
  });
  await measure(scenarioOf(1, counting), 'quick');
  expect(new Set(done).size).toBe(done.length);
  expect(done).toEqual(prepared);
});

const quartiles = (median: number) => ({ lower: median, median, upper: median });
const timed = (id: string, us: number, ratio: number) => {
  const series = { value: quartiles(us * 1000), ratio: quartiles(ratio) };
  return { id, title: id, outcome: { kind: 'measured', ...series, clock: series, rounds: 1, requests: 1 } } as const;
};
const scenarioWith = (name: string, us: number, ratio: number) =>
  ({ name, title: name, unit: 'ns', contestants: [timed('raw', us / ratio, 1), timed(OURS, us, ratio)] }) as const;

test('the figures by which a storage is chosen are those of one call at a time, of the storages that were measured', () => {
  const run = {
    node: 'v20', platform: 'linux', cores: 2, load: 1, pace: 'full', seconds: 1,
    groups: [
      {
        group: 'redis',
        engine: 'Redis 7',
        scenarios: [
          scenarioWith('redis-hit-together', 9, 9), scenarioWith('redis-hit-alone', 150, 1.2),
          scenarioWith('redis-set-alone', 250, 2),
        ],
      },
      { group: 'redis-axios', engine: 'Redis 7', scenarios: [] },
    ],
  } as const;
  expect(choiceOf([run]).split('\n').slice(2)).toEqual(['| `RedisStorage` | Redis 7 | 150 | 1.20 | 250 | 2.00 |']);
});
