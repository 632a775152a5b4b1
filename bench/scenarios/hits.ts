/** Answers from memory, one after another and many at once. */
import { contestants, type Group, type Scenario, SIZES, SMALL_SIZES, type TimedWork } from './scenario.js';
import type { RequestConfig } from '../candidates/candidate.js';
import type { Stage } from '../stage.js';

const common = { unit: 'ns', lifetime: 'fresh', origin: 'in process' } as const;

const PATH = '/items/1';

/** One stored answer, asked for again and again. */
async function prepareHits(stage: Stage, config?: RequestConfig): Promise<TimedWork> {
  await stage.fill(PATH, config);
  await stage.checkOwnership(() => stage.hit(PATH, config));
  const { get } = stage.client;
  return { kind: 'timed', operation: () => get(PATH, config), requests: 1, full: stage.reaching(1), notModified: 0 };
}

const PARAMS: RequestConfig = {
  params: { page: 3, size: 20, sort: 'name', order: 'asc', filter: 'active customers' },
  headers: { Accept: 'application/json', 'Accept-Language': 'en', 'X-Request-Source': 'benchmark' },
};

const onAxios = contestants('axios-ready', 'interceptor', 'interceptor-clone', 'ours', 'ours-frozen');
const everybody = [...onAxios, ...contestants('undici', 'cacheable-request', 'make-fetch-happen')];

const hitOf = ([suffix, size, bytes]: (typeof SIZES)[number]): Scenario => ({
  ...common,
  name: `hit-${suffix}`,
  title: `A hit in memory, ${size} of JSON`,
  payload: { bytes, distinct: false },
  contestants: everybody,
  prepare: (stage) => prepareHits(stage),
});

export const hits: Group = {
  name: 'hit',
  title: 'A hit in memory',
  about:
    'One answer is stored and asked for again and again, one request after another, up to the parsed data. ' +
    'Candidates that do not work on axios have stored it from a server on the same machine, which is not asked again.',
  scenarios: [
    ...SIZES.map(hitOf),
    {
      ...common,
      name: 'hit-params',
      title: 'A hit in memory, 200 B of JSON, five params and three headers',
      payload: { bytes: 200, distinct: false },
      contestants: onAxios,
      prepare: (stage) => prepareHits(stage, PARAMS),
    },
  ],
};

export const listeners: Group = {
  name: 'listeners',
  title: 'A hit that is told of',
  about:
    'The same with nobody who listens, with a function as `onEvent`, and with a subscriber of the tracing channel. What ' +
    'these cost is the difference to the first one, which is the usual case.',
  scenarios: [
    {
      ...common,
      name: 'listeners-hit-200B',
      title: 'A hit in memory, 200 B of JSON, by who listens',
      payload: { bytes: 200, distinct: false },
      contestants: contestants('ours', 'ours-heard', 'ours-traced'),
      prepare: (stage) => prepareHits(stage),
    },
  ],
};

const AT_ONCE = 64;

/** Requests that are made at once; their keys take turns, in the same order for everybody. */
async function prepareTogether(stage: Stage, keys: number): Promise<TimedWork> {
  const paths = Array.from({ length: keys }, (_, key) => `/items/${key + 1}`);
  for (const path of paths) await stage.fill(path);
  await stage.checkOwnership(() => stage.hit(PATH));
  const { get } = stage.client;
  let next = 0;
  return {
    kind: 'timed',
    operation: () => {
      const requests: Promise<unknown>[] = [];
      for (let count = 0; count < AT_ONCE; count += 1) {
        requests.push(get(paths[next] ?? PATH));
        next = (next + 1) % keys;
      }
      return Promise.all(requests);
    },
    requests: AT_ONCE,
    full: stage.reaching(AT_ONCE),
    notModified: 0,
  };
}

const keysText = (keys: number): string => (keys === 1 ? 'one key' : `${keys.toLocaleString('en')} keys`);

const togetherOf = (keys: number, [suffix, size, bytes]: (typeof SIZES)[number]): Scenario => ({
  ...common,
  name: `together-${keys}-${suffix}`,
  title: `${AT_ONCE} hits at once over ${keysText(keys)}, ${size} of JSON`,
  payload: { bytes, distinct: false },
  contestants: onAxios,
  fullOnly: (keys === 1) !== (bytes === 200),
  prepare: (stage) => prepareTogether(stage, keys),
});

export const together: Group = {
  name: 'together',
  title: 'Many hits at once',
  about: `${AT_ONCE} requests are made at once and awaited together. The time is that of one of them.`,
  scenarios: [1, 1_000].flatMap((keys) => SMALL_SIZES.map((size) => togetherOf(keys, size))),
};
