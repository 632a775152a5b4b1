/** The load, the many URLs and the day of `npm run soak:load` find what is planted, and little ones nothing else. */
import { playDay } from '../soak/day/day.js';
import { latencyRow } from '../soak/load/latency.js';
import { type LoadSettings, playLoad } from '../soak/load/load.js';
import { startOrigin } from '../soak/load/origin.js';
import { playUnique } from '../soak/unique/unique.js';
import { SOURCES } from '../services/services.js';
import { unless } from './support/unless.js';

jest.setTimeout(120_000);

test('percentiles are of the sorted numbers', () => {
  const milliseconds = Float64Array.from({ length: 1000 }, (_, index) => 1000 - index);
  expect(latencyRow('any', milliseconds)).toEqual(['any', '1,000', '500.0', '900.0', '990.0', '999.0', '1000.0']);
});

const redis = process.env['REQUIRE_SERVICES'] === '1' ? undefined : SOURCES.redis.missing();
unless(redis, 'load: its tests are').describe('load', () => {
  const settings = { seed: 1, requests: 600, callers: 50, restMs: 0, startOrigin };

  test('fails with the cache only what fails without it, while Redis comes and goes', async () => {
    const { faults, failed, kills, latencies } = await playLoad(settings);
    expect([faults, kills]).toEqual([[], 3]);
    expect(failed.alone).toBeGreaterThan(5);
    expect(latencies.map(([, requests]) => requests).slice(0, 2)).toEqual(['600', '600']);
  });

  test('finds an instance that fails where axios alone does not, and one that gives other answers', async () => {
    let count = 0;
    const plant: LoadSettings['plant'] = ({ interceptors }) => {
      interceptors.response.use((response) => {
        count += 1;
        if (count % 40 === 0) throw new Error('planted');
        return count % 41 === 0 ? { ...response, data: { key: -1 } } : response;
      });
    };
    const { faults } = await playLoad({ ...settings, plant });
    expect(faults.join()).toMatch(/with the cache alone: Error: planted/);
    expect(faults.join()).toMatch(/with the cache alone: another answer than that of \d+/);
  });
});

test('a few thousand URLs leave no request under way, and no more entries than there may be', async () => {
  const { faults, hits, entries } = await playUnique({ urls: 4000 });
  expect(faults).toEqual([]);
  expect(entries).toBeLessThanOrEqual(2000);
  expect(hits).toBeGreaterThan(100);
});

describe('an hour of the day', () => {
  test('is as it is due to be', async () => {
    const { faults, requests, refreshes, sweeps } = await playDay({ hours: 1 });
    expect([faults, sweeps]).toEqual([[], 6]);
    expect(requests).toBeGreaterThan(2000);
    expect(refreshes).toBeGreaterThan(30);
  });

  test('shows sweeps that do not come, and what is left for want of them', async () => {
    const { faults } = await playDay({ hours: 1, options: { deleteExpiredEvery: '20m' } });
    expect(faults.join()).toMatch(/3 sweeps, and 6 were due/);
    expect(faults.join()).toMatch(/a sweep has left what was to be purged/);
  });

  test('shows answers that come from the cache when they are not due to', async () => {
    const { faults } = await playDay({ hours: 1 / 6, options: { cacheControl: false, expireAfter: '1h' } });
    expect(faults.join()).toMatch(/\/fresh, every 7 s: hit where miss is due/);
    expect(faults.join()).toMatch(/requests at the server/);
  });
});
