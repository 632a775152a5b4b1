/**
 * What holds of every storage and every way in which it can go wrong: requests get the origin's answers in time, the
 * storage is left alone after a while, and it is used again once it works again.
 */
import { randomUUID } from 'node:crypto';
import axios from 'axios';
import { type CacheOptions, type CacheStorage, setupCache } from '../../lib/index.js';
import { until } from '../../services/until.js';
import { type CachedOrigin, startCached } from '../support/cached-instance.js';
import { type NetworkFault, startTcpProxy } from '../support/tcp-proxy.js';

/** A storage that was set up for one test, and how to make it go wrong. */
export interface Subject<Fault extends string> {
  readonly storage: CacheStorage;
  begin(fault: Fault): unknown;
  /** Lets it work again. */
  end(): unknown;
  /** Frees what it stands on, after the cache was closed. */
  close?(): unknown;
}

/** What a fault keeps from working. Only damage is no failure: what is damaged is not there, and the rest works on. */
export type Concerns = 'everything' | 'writes' | 'listings' | 'damage';

/** The `storageTimeout` of these tests. */
export const TIMEOUT_MS = 200;
/** What a request may take besides, on a machine that does other things. No fault ends so soon by itself. */
const SLACK_MS = 600;
/** Enough for each circuit to open: a request makes one call of each kind or more. */
const REQUESTS = 8;
/** An engine that was away may need some attempts of its driver. */
const BACK_WITHIN_MS = 15_000;

export function describeGuard<Fault extends string>(
  name: string,
  faults: Readonly<Record<Fault, Concerns>>,
  create: () => Subject<Fault> | Promise<Subject<Fault>>,
): void {
  const rows = Object.entries(faults) as [Fault, Concerns][];
  describe.each(rows)(`${name} that %s`, (fault, concerns) => {
    let subject: Subject<Fault>;
    beforeEach(async () => {
      subject = await create();
    });
    afterEach(async () => {
      await subject.end();
      // Where the end began while the fault lasted, it has failed by now.
      await Promise.resolve(subject.storage.close()).catch(() => undefined);
      await subject.close?.();
    });
    const options = (): CacheOptions => ({
      storage: subject.storage,
      storageTimeout: `${TIMEOUT_MS}ms`,
      expireAfter: '1h',
    });
    const start = (): Promise<CachedOrigin> => startCached(({ path }) => ({ body: bodyOf(path) }), options());

    test('midway: the origin answers in time, and it is left alone until it works again', async () => {
      const cached = await start();
      await untilBack(cached);
      await subject.begin(fault);
      await answersInTime(cached);
      if (concerns === 'listings') await listsInTime(cached);
      else expect(circuitOpened(cached)).toBe(concerns !== 'damage');
      await subject.end();
      await untilBack(cached);
    });

    test('from the start: the origin answers in time, and it is used once it works', async () => {
      const cached = await start();
      await subject.begin(fault);
      await answersInTime(cached);
      await subject.end();
      await untilBack(cached);
    });

    test('is closed in time nevertheless', async () => {
      const { cache } = setupCache(axios.create(), options());
      // The first call may have to load a driver and to connect.
      await until(async () => expect(await cache.count()).toBe(0), { limitMs: BACK_WITHIN_MS });
      await subject.begin(fault);
      await inTime(() => cache.close().catch(() => undefined));
    });
  });
}

/** What a network does concerns all calls. */
const NETWORK_FAULTS: readonly NetworkFault[] = ['refuses', 'hangs', 'is silent', 'is slow', 'cuts', 'garbles'];

/**
 * The same of a storage that reaches the engine at `url` over a network of ours.
 * @param faults Where the same driver is tried on a second engine, some of them will do.
 */
export function describeGuardOnNetwork(
  name: string,
  url: () => string,
  create: (url: string, namespace: string) => CacheStorage,
  faults: readonly NetworkFault[] = NETWORK_FAULTS,
): void {
  const concerns = Object.fromEntries(faults.map((fault) => [fault, 'everything'])) as Record<NetworkFault, Concerns>;
  describeGuard(`${name} on a network`, concerns, async () => {
    const proxy = await startTcpProxy(url());
    const storage = create(proxy.url, newNamespace());
    return {
      storage,
      begin: (fault: NetworkFault) => proxy.begin(fault),
      end: () => proxy.end(),
      close: () => proxy.close(),
    };
  });
}

/** No other test has it, in this run or an earlier one. */
export const newNamespace = (): string => `faults-${randomUUID()}`;

/** No page of an engine has room for it besides. */
const bodyOf = (path: string): string => `${path} ${'.'.repeat(5000)}`;

let count = 0;

/** Something new is stored, and found. */
async function storesAgain({ http }: CachedOrigin): Promise<void> {
  count += 1;
  const path = `/sound/${count}`;
  expect((await http.get<string>(path)).data).toBe(bodyOf(path));
  expect((await http.get<string>(path)).data).toBe(bodyOf(path));
  expect((await http.get(path)).cached).toBe(true);
}

/** The circuit closes: requests find what they store, and listings list it. */
async function untilBack(cached: CachedOrigin): Promise<void> {
  await until(async () => {
    cached.clock.advance(5);
    await storesAgain(cached);
    expect(await cached.http.cache.count()).toBeGreaterThan(0);
  }, { limitMs: BACK_WITHIN_MS });
}

/** Old and new URLs, each with its own answer. */
async function answersInTime({ http }: CachedOrigin): Promise<void> {
  for (let request = 0; request < REQUESTS; request += 1) {
    for (const path of ['/often', `/new/${request}`]) {
      const { data } = await inTime(() => http.get<string>(path));
      expect(data).toBe(bodyOf(path));
    }
  }
}

async function listsInTime({ http }: CachedOrigin): Promise<void> {
  for (let listing = 0; listing < REQUESTS; listing += 1) {
    await inTime(() => expect(http.cache.count()).rejects.toMatchObject({ name: 'CacheError' }));
  }
  await expect(http.cache.count()).rejects.toThrow(/was not tried/);
}

async function inTime<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  expect(performance.now() - started).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  return result;
}

const circuitOpened = ({ events }: CachedOrigin): boolean =>
  events.some((event) => event.type === 'storage-error' && event.circuitOpen);
