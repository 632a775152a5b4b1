/** The same request on axios alone and behind a cache, twice: what a caller sees must be equal. */
import { isDeepStrictEqual } from 'node:util';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { setupCache } from 'axios-client-cache';
import fc from 'fast-check';
import { within } from '../../lib/support/timers.js';
import { DIFFERENCES } from './differences.js';
import { type Draw, draws, INTERCEPTORS } from './draws.js';
import { type Plan, startPlannedOrigin } from './origin.js';
import { type Seen, seenOf } from './seen.js';

const PATIENCE_MS = 10_000;

type Call = 'first call' | 'second call';

export interface CompareSettings {
  readonly seed: number;
  readonly runs: number;
  readonly path?: string | undefined;
}

export interface CompareResult {
  readonly runs: number;
  readonly hits: number;
  readonly failure: string | undefined;
}

export async function compare({ seed, runs, path }: CompareSettings): Promise<CompareResult> {
  const origin = await startPlannedOrigin({} as Plan);
  const plain = axios.create({ baseURL: origin.url, proxy: false });
  const cached = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { expireAfter: '1h' });
  let count = 0;
  let hits = 0;
  const call = ({ form }: Draw, instance: AxiosInstance, config: AxiosRequestConfig): Promise<AxiosResponse<unknown>> => {
    if (form === 'request') return instance.request(config);
    return form === 'function' ? instance(config) : instance(config.url ?? '', config);
  };
  const alone = (draw: Draw, config: AxiosRequestConfig): Promise<Seen> =>
    settled('axios alone', seenOf(call(draw, plain, copyOf(config))));
  const behind = (draw: Draw, config: AxiosRequestConfig): Promise<Seen> => {
    const pending = call(draw, cached, copyOf(config)).then((response) => {
      if (response.cached === true) hits += 1;
      return response;
    });
    return settled('the cache', seenOf(pending));
  };
  const compared = (expected: Seen, seen: Seen, which: Call, at: string, config: AxiosRequestConfig): void => {
    const unequal = differing(expected, seen, which, config);
    if (unequal.length > 0) throw new Error(`at the ${at}:\n  ${unequal.join('\n  ')}`);
  };
  const play = async (draw: Draw): Promise<void> => {
    count += 1;
    const { plan, config, suffix } = draw;
    const ask = { url: `/${count}${suffix}`, ...config };
    origin.plan = plan;
    for (const which of ['first call', 'second call'] as const) {
      const expected = await alone(draw, ask);
      compared(expected, await behind(draw, ask), which, which, ask);
    }
    const both = { url: `/${count}/both${suffix}`, ...config };
    const expected = await alone(draw, both);
    const [leader, follower] = await Promise.all([behind(draw, both), behind(draw, both)]);
    compared(expected, leader, 'first call', 'first of two calls at once', both);
    compared(expected, follower, 'second call', 'second of two calls at once', both);
  };
  const property = fc.asyncProperty(draws, async (draw) => {
    const used = draw.interceptors.map((name) => [name, [plain, cached].map(INTERCEPTORS[name])] as const);
    try {
      await play(draw);
    } finally {
      for (const [name, ids] of used) {
        [plain, cached].forEach((instance, index) => { instance.interceptors[name].eject(ids[index] ?? -1); });
      }
    }
  });
  try {
    const details = await fc.check(property, { seed, numRuns: runs, ...(path === undefined ? {} : { path }) });
    return { runs: count, hits, failure: details.failed ? describeFailure(details, seed) : undefined };
  } finally {
    await cached.cache.close();
    await origin.close();
  }
}

/** No request of a draw needs a second, and one that never ends would be waited for without end. */
const settled = (who: string, seen: Promise<Seen>): Promise<Seen> =>
  within(PATIENCE_MS, seen).catch(() => { throw new Error(`with ${who} it has not ended after ${PATIENCE_MS} ms`); });

/** axios writes to headers, and to nothing else. */
const copyOf = (config: AxiosRequestConfig): AxiosRequestConfig =>
  config.headers === undefined ? { ...config } : { ...config, headers: { ...config.headers } };

function differing(
  expected: Seen,
  seen: Seen,
  call: Call,
  config: AxiosRequestConfig,
): string[] {
  const names = [...new Set([...expected.keys(), ...seen.keys()])];
  return names.flatMap((name) => {
    const [one, other] = [expected.get(name), seen.get(name)];
    const isListed = DIFFERENCES.some(({ part, at, of }) =>
      part.test(name) && (at === 'both calls' || at === call) && (of === undefined || of(config, one)));
    if (isListed || isDeepStrictEqual(one, other)) return [];
    return [`${name} is ${shown(other)}, with axios alone ${shown(one)}`];
  });
}

const shown = (value: unknown): string => (typeof value === 'function' ? 'a function' : fc.stringify(value)).slice(0, 200);

function describeFailure(details: fc.RunDetails<[Draw]>, seed: number): string {
  const [{ plan, config, ...how } = {}] = details.counterexample ?? [];
  const reason = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return [
    reason,
    `  the request ${fc.stringify(config)} ${fc.stringify(how)}`,
    `  the answer ${fc.stringify(plan)}`,
    `again: npm run proof -- --only differential --seed ${seed} --path ${details.counterexamplePath}`,
  ].join('\n');
}
