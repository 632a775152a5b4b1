/** Leases of a storage: of many processes one asks the origin, and nobody waits for it for ever. */
import axios, { type AxiosRequestConfig } from 'axios';
import {
  type CachedAxiosInstance, type CacheEvent, type CacheRequestOptions, MemoryStorage, setupCache, type StorageLease,
} from '../../../lib/index.js';
import { RedisStorage } from '../../../lib/redis.js';
import { until } from '../../../services/until.js';
import { startCached } from '../../support/cached-instance.js';
import { Caller, engineRig, gate } from '../../support/exchange.js';
import { disconnect, type Handler, inTurn, type Origin, type Reply } from '../../support/origin.js';
import { describeService } from '../../support/services.js';

const FRESH = { 'Cache-Control': 'max-age=60' };

/** A storage in memory with leases, which each of several instances takes for one of another process. */
class LeasingStorage extends MemoryStorage {
  readonly leaseMs: number;
  readonly held = new Set<string>();
  readonly forAll = new Set<string>();
  leases = 0;
  asked = 0;

  constructor(leaseMs = 10_000) {
    super();
    this.leaseMs = leaseMs;
  }

  async lease(key: string): Promise<StorageLease | undefined> {
    this.asked += 1;
    if (this.forAll.has(key)) return { release: async () => undefined };
    if (this.held.has(key)) return undefined;
    this.held.add(key);
    this.leases += 1;
    const release = async (answer?: 'unstorable'): Promise<void> => {
      this.held.delete(key);
      if (answer === 'unstorable') this.forAll.add(key);
    };
    return { release };
  }
}

let opened: CachedAxiosInstance[] = [];
afterEach(async () => {
  await Promise.all(opened.map((http) => http.cache.close()));
  opened = [];
});

async function startMany(count: number, handler: Handler, storage = new LeasingStorage()) {
  const errors: CacheEvent[] = [];
  const onEvent = (event: CacheEvent): void => { if (event.type === 'refresh-error') errors.push(event); };
  const { origin, http, clock } = await startCached(handler, { storage, onEvent });
  const others = Array.from({ length: count - 1 }, () =>
    setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage, now: clock.now, onEvent }),
  );
  opened = others;
  return { origin, clock, storage, errors, all: [http, ...others] };
}

const getAll = (all: readonly CachedAxiosInstance[], config?: AxiosRequestConfig) =>
  Promise.all(all.map((http) => http.get<{ text: string }>('/thing', config)));

test('eight processes ask a slow origin once for a cold key, each with fifty callers', async () => {
  const held = gate();
  const { origin, all, storage } = await startMany(8, async () => {
    await held.passed;
    return { headers: FRESH, body: { text: 'one' } };
  });
  const callers = all.flatMap((http) => Array.from({ length: 50 }, () => http.get<{ text: string }>('/thing')));
  setTimeout(() => { held.open(); }, 100);
  const responses = await Promise.all(callers);
  expect(responses.every(({ data }) => data.text === 'one')).toBe(true);
  expect(origin.count()).toBe(1);
  expect(storage.held.size).toBe(0);
});

test('so it is for callers who would not wait for ever', async () => {
  const { origin, all } = await startMany(3, () => ({ headers: FRESH, body: { text: 'one' } }));
  const held = origin.hold('/thing');
  const asking = getAll(all, { timeout: 60_000 });
  await held.arrived();
  held.release();
  expect((await asking).map(({ data }) => data.text)).toEqual(['one', 'one', 'one']);
  expect(origin.count()).toBe(1);
});

test('without leases each of them asks', async () => {
  const held = gate();
  const storage = Object.assign(new LeasingStorage(), { leaseMs: undefined }) as unknown as LeasingStorage;
  const { origin, all } = await startMany(3, async () => {
    await held.passed;
    return { headers: FRESH, body: { text: 'one' } };
  }, storage);
  const asking = getAll(all);
  setTimeout(() => { held.open(); }, 50);
  await asking;
  expect(origin.count()).toBe(3);
});

/** The first request to a slow origin, then all others together: two of its times, however many there are. */
async function expectTwoWaves(
  origin: Origin,
  all: readonly CachedAxiosInstance[],
  /** Whether everybody who may ask for a lease has done so. */
  allWait: () => boolean,
): Promise<void> {
  const first = origin.hold('/thing');
  const asking = getAll(all);
  await first.arrived();
  await until(async () => { expect(allWait()).toBe(true); }, { limitMs: 4000 });
  expect(origin.count('/thing')).toBe(1);
  const others = origin.hold('/thing');
  first.release();
  await others.arrived(all.length - 1);
  others.release();
  expect((await asking).map(({ data }) => data.text)).toEqual(all.map(() => 'mine'));
  expect(origin.count('/thing')).toBe(all.length);
}

const UNSTORABLE = () => ({ headers: { 'Cache-Control': 'no-store' }, body: { text: 'mine' } });

test('what may not be stored is asked for by each, and after the first answer nobody waits for another', async () => {
  const { origin, all, storage } = await startMany(20, UNSTORABLE);
  await expectTwoWaves(origin, all, () => storage.asked >= 20);
});

test('so it is for the callers of one process', async () => {
  const { origin, all: [http], storage } = await startMany(1, UNSTORABLE);
  await expectTwoWaves(origin, Array.from({ length: 20 }, () => http as CachedAxiosInstance), () => storage.asked > 0);
});

test.each<[string, 'wait' | 'need not wait', Reply, CacheRequestOptions]>([
  ['is stored', 'wait', {}, {}],
  ['is still being stored', 'wait', {}, { filter: () => new Promise<boolean>(() => undefined) }],
  ['may not be stored', 'need not wait', { headers: { 'Cache-Control': 'no-store' } }, {}],
  ['is a renewal, and may not be stored', 'need not wait', {
    status: 304, headers: { 'Cache-Control': 'no-store', ETag: '"1"' },
  }, {}],
])('where the answer %s, those who come later %s for each other', async (_what, expected, reply, cache) => {
  const storage = new LeasingStorage();
  const stored = { headers: { ...FRESH, ETag: '"1"' }, body: { text: 'one' } };
  const routes = { '/thing': inTurn(stored, { ...stored, ...reply }) };
  const { http, clock } = await startCached(routes, { storage, storageTimeout: '20ms' });
  await http.get('/thing');
  clock.advance(100);
  await http.get('/thing', { cache });
  await until(async () => { expect(storage.held.size).toBe(0); }, { limitMs: 4000 });
  expect(storage.forAll.size > 0 ? 'need not wait' : 'wait').toBe(expected);
});

test('so they do where a storage fails to store it', async () => {
  const storage = Object.assign(new LeasingStorage(), { set: () => { throw new Error('the disk is full'); } });
  const { http } = await startCached({ '/thing': { headers: FRESH, body: { text: 'one' } } }, { storage });
  await http.get('/thing');
  await until(async () => { expect(storage.held.size).toBe(0); }, { limitMs: 4000 });
  expect(storage.forAll.size).toBe(0);
});

test.each<[string, Handler]>([
  ['answers 503', () => ({ status: 503, body: { text: 'down' } })],
  ['breaks the connection', disconnect],
])('a server that %s is waited for twice, and after that nobody waits for another', async (_what, handler) => {
  const { origin, all, storage } = await startMany(8, handler);
  const first = origin.hold('/thing');
  const asking = Promise.allSettled(all.map((http) => http.get('/thing')));
  await first.arrived();
  await until(async () => { expect(storage.asked).toBeGreaterThanOrEqual(8); }, { limitMs: 4000 });
  const second = origin.hold('/thing');
  first.release();
  await second.arrived();
  const others = origin.hold('/thing');
  second.release();
  await others.arrived(6);
  others.release();
  expect(new Set((await asking).map(({ status }) => status))).toEqual(new Set(['rejected']));
  expect(origin.count('/thing')).toBe(8);
});

test('who follows a failure, and is answered, answers the others too', async () => {
  const { origin, all, storage } = await startMany(8, inTurn(
    { status: 503, body: { text: 'down' } },
    { headers: FRESH, body: { text: 'up' } },
  ));
  const answers = await Promise.all(all.map((http) => http.get<{ text: string }>('/thing', { validateStatus: null })));
  expect(answers.map(({ data }) => data.text).sort()).toEqual(['down', ...Array.from({ length: 7 }, () => 'up')]);
  expect(origin.count('/thing')).toBe(2);
  expect(storage.forAll).toEqual(new Set());
});

test('who follows a failure, and is gone before there is an answer, has not failed', async () => {
  const { origin, all, storage } = await startMany(4, inTurn(
    { status: 503, body: { text: 'down' } },
    { headers: FRESH, body: { text: 'up' } },
  ));
  const [first, second, ...others] = all;
  const failing = origin.hold('/thing');
  const failed = first?.get('/thing', { validateStatus: null });
  await failing.arrived();
  const controller = new AbortController();
  const leaving = expect(second?.get('/thing', { signal: controller.signal })).rejects.toThrow('canceled');
  await until(async () => { expect(storage.asked).toBeGreaterThanOrEqual(2); }, { limitMs: 4000 });
  const following = origin.hold('/thing');
  failing.release();
  await following.arrived();
  controller.abort();
  await leaving;
  await failed;
  following.release();
  expect((await getAll(others)).map(({ data }) => data.text)).toEqual(['up', 'up']);
  expect(origin.count('/thing')).toBe(3);
});

test('what is stored while somebody is given the lease is not asked for again', async () => {
  const { origin, all: [one, other], storage } = await startMany(2, () => ({ headers: FRESH, body: { text: 'one' } }));
  const lease = storage.lease.bind(storage);
  storage.lease = async (key) => {
    storage.lease = lease;
    await one?.get('/thing');
    return lease(key);
  };
  expect((await other?.get('/thing'))?.data).toEqual({ text: 'one' });
  expect(origin.count('/thing')).toBe(1);
  expect([storage.held.size, storage.forAll.size]).toEqual([0, 0]);
});

test('where there is no lease, a failure is told as it is', async () => {
  const storage = Object.assign(new LeasingStorage(), { lease: () => Promise.reject(new Error('down')) });
  const { http } = await startCached(disconnect, { storage });
  await expect(http.get('/thing')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('where the only caller has left, nobody waits for a lease any more', async () => {
  const storage = Object.assign(new LeasingStorage(60_000), { lease: async () => undefined });
  const rig = engineRig({ storage });
  const caller = new Caller();
  const handling = rig.engine.handle(rig.exchange({ caller, origin: ({ signal }) => { throw signal.reason; } }));
  caller.leave();
  await expect(handling).rejects.toThrow('left');
  await until(async () => { expect(rig.engine.inFlight).toBe(0); }, { limitMs: 2000 });
});

describeService('redis', (service) => {
  test('so it is for processes that share a Redis, also for those that begin then', async () => {
    const namespace = `lease ${process.pid}`;
    let asked = 0;
    const openOne = (): RedisStorage => {
      const storage = new RedisStorage({ url: service().url, namespace, lease: true });
      const { lease } = storage;
      return Object.assign(storage, {
        lease: (key: string, ttlMs: number) => {
          asked += 1;
          return lease?.(key, ttlMs);
        },
      });
    };
    const { origin, http, clock } = await startCached(UNSTORABLE, { storage: openOne() });
    const open = () =>
      setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage: openOne(), now: clock.now });
    opened = Array.from({ length: 19 }, open);
    await expectTwoWaves(origin, [http, ...opened], () => asked >= 20);
    const late = [open(), open()];
    opened.push(...late);
    const held = origin.hold('/thing');
    const asking = getAll(late);
    await held.arrived(2);
    held.release();
    await asking;
  });
});

test('who holds a lease and never gives it back is not waited for longer than the lease holds', async () => {
  const storage = new LeasingStorage(60);
  storage.lease = async () => undefined;
  const { all } = await startMany(2, () => ({ headers: FRESH, body: { text: 'own' } }), storage);
  expect((await getAll(all)).map(({ data }) => data.text)).toEqual(['own', 'own']);
});

test('nor longer than for half of the caller’s own timeout, which holds to the end', async () => {
  const storage = new LeasingStorage(60_000);
  storage.lease = async () => undefined;
  let isHanging = false;
  const { all: [http] } = await startMany(1, async () => {
    if (isHanging) await new Promise(() => undefined);
    return { headers: FRESH, body: { text: 'own' } };
  }, storage);
  expect((await http?.get('/thing', { timeout: 1500 }))?.data).toEqual({ text: 'own' });
  isHanging = true;
  const began = performance.now();
  await expect(http?.get('/other', { timeout: 1000 })).rejects.toMatchObject({ code: 'ECONNABORTED' });
  // Half of it for another process, and as long for its own request: together no more than its timeout.
  expect(performance.now() - began).toBeLessThan(1400);
});

test.each([
  ['rejects', () => Promise.reject(new Error('down'))],
  ['throws', () => { throw new Error('down'); }],
  ['hangs', () => new Promise<undefined>(() => undefined)],
  ['gives rubbish', async () => ({}) as StorageLease],
  ['gives one whose release rejects', async () => ({ release: () => Promise.reject(new Error('down')) })],
  ['gives one whose release throws', async () => ({ release: () => { throw new Error('down'); } })],
])('a lease() that %s is no hindrance', async (_what, lease) => {
  const storage = Object.assign(new LeasingStorage(), { lease });
  const { http } = await startCached(
    { '/thing': { headers: FRESH, body: { text: 'one' } } },
    { storage, storageTimeout: '50ms' },
  );
  expect((await http.get('/thing')).data).toEqual({ text: 'one' });
  expect((await http.get('/thing')).cached).toBe(true);
});

test.each<[string, () => unknown]>([
  ['throws', () => { throw new Error('down'); }],
  ['is without end', () => Infinity],
  ['is no number', () => '10s'],
])('where leaseMs %s, no lease is waited for', async (_what, get) => {
  const storage = new LeasingStorage();
  Object.defineProperty(storage, 'leaseMs', { get });
  storage.lease = async () => undefined;
  const { http } = await startCached({ '/thing': { headers: FRESH, body: { text: 'one' } } }, { storage });
  expect((await http.get('/thing')).data).toEqual({ text: 'one' });
  expect((await http.get('/thing')).cached).toBe(true);
});

test('a renewal in the background is made by one process, and the others leave it to that one', async () => {
  const held = gate();
  let isStale = false;
  const { origin, clock, all, errors } = await startMany(4, async () => {
    if (isStale) await held.passed;
    return { headers: { 'Cache-Control': 'max-age=1, stale-while-revalidate=60' }, body: { text: `${isStale}` } };
  });
  await getAll(all);
  const before = origin.count();
  clock.advance(5);
  isStale = true;
  expect((await getAll(all)).map(({ data }) => data.text)).toEqual(['false', 'false', 'false', 'false']);
  held.open();
  await Promise.all(all.map((http) => http.cache.idle()));
  expect(origin.count() - before).toBe(1);
  expect(errors).toEqual([]);
  expect((await getAll(all)).map(({ data }) => data.text)).toEqual(['true', 'true', 'true', 'true']);
});

test.each<[string, AxiosRequestConfig]>([
  ['who demands an answer of the origin', { cache: 'reload' }],
  ['who shares no request', { cache: { collapse: false } }],
  ['who reads a stream', { responseType: 'stream' }],
])('%s does not wait for a lease', async (_who, config) => {
  const storage = new LeasingStorage();
  storage.lease = async () => { throw new Error('nobody is to ask for one'); };
  const { http, events } = await startCached({ '/thing': { headers: FRESH, body: { text: 'one' } } }, { storage });
  await http.get('/thing', config);
  expect(events.filter(({ type }) => type === 'storage-error')).toEqual([]);
});
