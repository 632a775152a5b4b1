/** The same request on axios alone and behind a cache, twice: what a caller sees must be equal. */
import { isDeepStrictEqual } from 'node:util';
import axios, { type AxiosRequestConfig } from 'axios';
import { setupCache } from 'axios-client-cache';
import fc from 'fast-check';
import { within } from '../../lib/support/timers.js';
import { DIFFERENCES } from './differences.js';
import { type Draw, draws } from './draws.js';
import { type Plan, startPlannedOrigin } from './origin.js';
import { type Seen, seenOf } from './seen.js';

const PATIENCE_MS = 10_000;

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
  const property = fc.asyncProperty(draws, async ({ plan, config }) => {
    count += 1;
    const url = `/${count}`;
    const ask = { url, ...config };
    origin.plan = plan;
    for (const call of ['first call', 'second call'] as const) {
      const expected = await settled('axios alone', seenOf(plain.request(copyOf(ask))));
      const pending = cached.request(copyOf(ask)).then((response) => {
        if (response.cached) hits += 1;
        return response;
      });
      const unequal = differing(expected, await settled('the cache', seenOf(pending)), call, config);
      if (unequal.length > 0) throw new Error(`at the ${call}:\n  ${unequal.join('\n  ')}`);
    }
  });
  try {
    const details = await fc.check(property, { seed, numRuns: runs, ...(path === undefined ? {} : { path }) });
    return { runs: count, hits, failure: details.failed ? describeFailure(details) : undefined };
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
  call: 'first call' | 'second call',
  config: AxiosRequestConfig,
): string[] {
  const names = [...new Set([...expected.keys(), ...seen.keys()])];
  return names.flatMap((name) => {
    const [one, other] = [expected.get(name), seen.get(name)];
    // The request of a hit is described by what both adapters have, so that it may have more.
    if (call === 'second call' && name.startsWith('request.') && one === undefined) return [];
    const isListed = DIFFERENCES.some(({ part, at, of }) =>
      part.test(name) && (at === 'both calls' || at === call) && (of === undefined || of(config, one)));
    if (isListed || isDeepStrictEqual(one, other)) return [];
    return [`${name} is ${shown(other)}, with axios alone ${shown(one)}`];
  });
}

const shown = (value: unknown): string => (typeof value === 'function' ? 'a function' : fc.stringify(value)).slice(0, 200);

function describeFailure(details: fc.RunDetails<[Draw]>): string {
  const [{ plan, config } = {}] = details.counterexample ?? [];
  const reason = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return [
    reason,
    `  the request ${fc.stringify(config)}`,
    `  the answer ${fc.stringify(plan)}`,
    `again with --path ${details.counterexamplePath}`,
  ].join('\n');
}
