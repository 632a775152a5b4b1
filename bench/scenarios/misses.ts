/** Answers that are not stored yet, for one caller and for many at once. */
import { contestants, type Group, type Scenario, SMALL_SIZES, type TimedWork } from './scenario.js';
import type { Stage } from '../stage.js';

const common = { unit: 'ns', lifetime: 'fresh' } as const;

/** Each request is for another URL. Before each round the cache holds exactly `held` entries. */
async function prepareMisses(stage: Stage, held: number): Promise<TimedWork> {
  let next = 1;
  const newPath = (): string => `/items/${next++}`;
  const path = newPath();
  await stage.fill(path);
  await stage.checkOwnership(() => stage.hit(path));
  const { client } = stage;
  return {
    kind: 'timed',
    operation: () => client.get(newPath()),
    requests: 1,
    full: 1,
    notModified: 0,
    before: async () => {
      if (stage.candidate.reaches === 'always') return;
      await client.clear();
      for (let count = 0; count < held; count += 1) await stage.fill(newPath());
    },
  };
}

const onAxios = contestants('axios', 'interceptor', 'interceptor-clone', 'ours');
const HELD = 3_000;

const missOf = (suffix: string, title: string, bytes: number, held: number): Scenario => ({
  ...common,
  name: `miss-${suffix}`,
  title,
  origin: 'in process',
  payload: { bytes, distinct: false },
  contestants: onAxios,
  fullOnly: bytes > 200,
  // Filling it before each round takes longer than the round.
  ...(held > 0 && { rounds: 9 }),
  prepare: (stage) => prepareMisses(stage, held),
});

export const misses: Group = {
  name: 'miss',
  title: 'A miss',
  about:
    'Each request is for a new URL, and its answer is stored. The origin is an adapter in the same process that ' +
    'answers at once with text, so that what is compared is the work of the cache and not the network.',
  scenarios: [
    ...SMALL_SIZES.map(([suffix, size, bytes]) => missOf(suffix, `A miss, ${size} of JSON`, bytes, 0)),
    missOf('held', `A miss, 200 B of JSON, with ${HELD.toLocaleString('en')} entries held`, 200, HELD),
  ],
};

const CALLERS = 1_000;

/** In each operation the same new URL is asked for by everybody at once. */
async function prepareColdCallers(stage: Stage): Promise<TimedWork> {
  let next = 1;
  const { client, candidate } = stage;
  const askTogether = (path: string): Promise<unknown[]> =>
    Promise.all(Array.from({ length: CALLERS }, () => client.get(path)));
  const path = `/items/${next++}`;
  stage.expect(1);
  const answers = (await askTogether(path)).map((result) => client.look(result));
  for (const answer of answers) stage.check(answer, path);
  const objects = new Set(answers.map(({ data }) => data)).size;
  if (candidate.data === 'own' && objects !== CALLERS) {
    throw new Error(`${CALLERS.toLocaleString('en')} callers hold ${objects.toLocaleString('en')} objects`);
  }
  return {
    kind: 'timed',
    operation: () => askTogether(`/items/${next++}`),
    requests: CALLERS,
    full: 1,
    notModified: 0,
    before: () => client.clear(),
  };
}

export const coldCallers: Group = {
  name: 'cold',
  title: 'Many callers, nothing stored',
  about:
    `${CALLERS.toLocaleString('en')} callers ask for the same new URL at once, and the origin must see one request. ` +
    'The time is that of one caller. A candidate that promises data of their own must give each of them another ' +
    'object.',
  scenarios: [
    {
      ...common,
      name: 'cold-callers',
      title: `${CALLERS.toLocaleString('en')} callers of one new URL, 200 B of JSON`,
      origin: 'in process, a turn later',
      payload: { bytes: 200, distinct: false },
      contestants: contestants('interceptor', 'interceptor-clone', 'ours'),
      prepare: prepareColdCallers,
    },
  ],
};
