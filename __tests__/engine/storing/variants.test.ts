/** `maxVariants`, and what is noted of a key, however many callers there are at once. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { AxiosAdapter } from 'axios';
import type { CacheEvent } from '../../../lib/api/events.js';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { Flights } from '../../../lib/engine/flights/flights.js';
import { busyAtRead } from '../../support/busy-storage.js';
import { startCached } from '../../support/cached-instance.js';
import { gate } from '../../support/exchange.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const VARYING = { headers: { 'cache-control': 'max-age=60', vary: 'X-Request-Id' }, body: { ok: 1 } };
const id = (value: string) => ({ headers: { 'X-Request-Id': value } });

describe.each<[string, () => CacheStorage]>([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('on %s', (_name, storage) => {
  test('maxVariants holds at rest, though all are asked for at once', async () => {
    const events: CacheEvent[] = [];
    const { http } = await startCached({ '/hot': VARYING }, {
      storage: storage(),
      maxVariants: 5,
      onEvent: (event) => events.push(event),
    });
    await Promise.all(Array.from({ length: 50 }, (_none, index) => http.get('/hot', id(String(index)))));
    // Two who make room at once may both take one.
    const count = await http.cache.count();
    expect([count > 0, count <= 5]).toEqual([true, true]);
    expect(events.filter(({ type }) => type === 'evicted').length).toBeGreaterThanOrEqual(45);
    await http.get('/hot', id('another'));
    expect(await http.cache.count()).toBeLessThanOrEqual(5);
    expect((await http.get('/hot', id('another'))).cached).toBe(true);
  });

  test('what nobody can have any more is not counted among the variants', async () => {
    const { http, clock } = await startCached({ '/hot': VARYING }, { storage: storage(), maxVariants: 5 });
    for (const value of ['1', '2', '3', '4', '5']) await http.get('/hot', id(value));
    clock.advance(40 * 86_400);
    for (const value of ['6', '7']) await http.get('/hot', id(value));
    expect(await http.cache.count()).toBe(2);
    for (const value of ['6', '7']) expect((await http.get('/hot', id(value))).cached).toBe(true);
  });
});

test('of too many variants those go first that ended while the latest was asked for, and not the oldest', async () => {
  const { http, origin, clock } = await startCached({
    '/hot': ({ headers }) => ({ headers: { vary: 'X-Request-Id', 'cache-control': `max-age=${String(headers['x-request-id'])}` } }),
  }, { maxVariants: 2, keepStale: 0 });
  for (const value of ['1000', '1']) {
    await http.get('/hot', id(value));
    clock.advance(0.5);
  }
  const held = origin.hold('/hot');
  const latest = http.get('/hot', id('100'));
  await held.arrived();
  clock.advance(5);
  held.release();
  await latest;
  expect(await http.cache.count()).toBe(2);
  expect((await http.get('/hot', id('1000'))).cached).toBe(true);
});

test('no variant has to go where others have gone while the latest was asked for', async () => {
  const { http, origin, clock } = await startCached({
    '/hot': ({ headers }) => ({ headers: { vary: 'X-Request-Id', 'cache-control': `max-age=${String(headers['x-request-id'])}` } }),
  }, { maxVariants: 4, keepStale: 0 });
  for (const value of ['1000', '1001', '1', '2']) await http.get('/hot', id(value));
  const held = origin.hold('/hot');
  const latest = http.get('/hot', id('1002'));
  await held.arrived();
  clock.advance(5);
  await http.cache.deleteExpired();
  held.release();
  await latest;
  for (const value of ['1000', '1001', '1002']) expect((await http.get('/hot', id(value))).cached).toBe(true);
});

test('an answer is stored although the storage does not tell how many variants there are', async () => {
  const { http, events } = await startCached({ '/hot': VARYING }, { storage: busyAtRead(3), maxVariants: 1 });
  for (const value of ['1', '2']) expect((await http.get('/hot', id(value))).cache.stored).toBe(true);
  expect(events.filter(({ type }) => type === 'storage-error')).toHaveLength(1);
});

test('variants count whatever kind of body they have', async () => {
  const adapter: AxiosAdapter = async (config) => {
    const data = config.responseType === 'arraybuffer' ? Buffer.from('bytes') : 'text';
    return { data, status: 200, statusText: 'OK', headers: VARYING.headers, config };
  };
  const { http } = await startCached({}, { maxVariants: 2, defaults: { adapter } });
  for (const value of ['1', '2']) await http.get('/hot', id(value));
  // Bytes cannot be made of their texts, so that none of these may answer.
  await http.get('/hot', { ...id('3'), responseType: 'arraybuffer' });
  expect(await http.cache.count()).toBe(2);
});

test('a part counts that came while the whole body was asked for as a stream', async () => {
  const fields = { etag: '"1"', 'cache-control': 'max-age=60' };
  const whole = gate();
  const adapter: AxiosAdapter = async ({ headers: asked, ...others }) => {
    const answer = { statusText: '', config: { headers: asked, ...others } };
    if (asked.has('Range')) {
      const headers = { ...fields, 'content-range': 'bytes 7-9/10' };
      return { ...answer, status: 206, headers, data: Buffer.from('789') };
    }
    await whole.passed;
    const data = Readable.from([Buffer.from('0123456789')], { objectMode: false });
    return { ...answer, status: 200, headers: fields, data };
  };
  const { http } = await startCached({}, { maxVariants: 1, allowedCodes: [200, 206], defaults: { adapter } });
  const streaming = http.get<Readable>('/', { responseType: 'stream' });
  await http.get('/', { headers: { Range: 'bytes=-3' }, responseType: 'arraybuffer' });
  whole.open();
  await buffer((await streaming).data);
  await http.cache.idle();
  expect(await http.cache.count()).toBe(1);
});

test.each([301, 302])('variants count where redirects led to them, by %d', async (status) => {
  const { http } = await startCached(
    { '/from': { status, headers: { location: '/hot', 'cache-control': 'no-store' } }, '/hot': VARYING },
    { maxVariants: 2 },
  );
  for (const value of ['1', '2', '3', '4']) await http.get('/from', id(value));
  expect(await http.cache.count({ url: '/hot' })).toBe(2);
  expect((await http.get('/hot', id('4'))).cached).toBe(true);
});

test('what is noted of the variants of a key that never rests is bounded, and an old answer never replaces a newer one', () => {
  const flights = new Flights<string, { travelsAs: () => boolean }>();
  const slow = flights.enter('key', 'resource');
  const first = slow.beginFetch();
  const write = (count: number): void => {
    const hold = flights.enter('key', 'resource');
    hold.noteWrite(hold.beginFetch(), `variant ${count}`);
    hold.release();
  };
  for (let count = 0; count < 1000; count += 1) write(count);
  expect([999, 1000].map((limit) => slow.mayExceed(limit, []))).toEqual([true, false]);
  for (let count = 1000; count < 4000; count += 1) write(count);
  const later = slow.beginFetch();
  for (let count = 4000; count < 5000; count += 1) write(count);
  expect([first, later].map((fetch) => slow.isNewest(fetch, 'variant 0'))).toEqual([false, false]);
  expect(slow.isNewest(first, 'variant 4999')).toBe(false);
  expect(slow.isNewest(slow.beginFetch(), 'variant 0')).toBe(true);
  // It is not known any more how many there are.
  expect(slow.mayExceed(1_000_000, [])).toBe(true);
  slow.release();
  expect(flights.size).toBe(0);
});
