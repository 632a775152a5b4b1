/** The `background` option: what goes on after the answer is handed to the user's platform, and nothing else. */
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import axios, { type AxiosAdapter } from 'axios';
import { type CacheOptions, MemoryStorage, type StoredEntryInfo } from '../../../lib/index.js';
import { sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import { until } from '../../../services/until.js';
import { disconnect, inTurn } from '../../support/origin.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import { gate } from '../../support/exchange.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';

allowNoUnhandledRejection();

const STALE = { headers: { 'cache-control': 'max-age=10, stale-while-revalidate=60' } };

const INFO: StoredEntryInfo = { ...withoutBody(sample()), bodyBytes: 3 };

/** A platform that takes work: `all` resolves when all of it is done. */
function platform() {
  const given: Promise<unknown>[] = [];
  return {
    given,
    background: (work: Promise<unknown>): void => void given.push(work),
    all: () => Promise.all(given),
  };
}

/** A storage that stores nothing until it is opened. */
class Slow extends MemoryStorage {
  readonly #gate = gate();
  override async set(...args: Parameters<MemoryStorage['set']>): Promise<boolean | 'too-large'> {
    await this.#gate.passed;
    return super.set(...args);
  }
  open(): void {
    this.#gate.open();
  }
}

test('a refresh is handed over once, before the stale answer is given, and its promise ends with it', async () => {
  const { given, background, all } = platform();
  const { http, clock, origin } = await startCached({ '/': numbered(STALE) }, { background });
  await http.get('/');
  clock.advance(20);
  const held = origin.hold('/');
  expect((await http.get('/')).data).toBe('answer 1');
  expect(given).toHaveLength(1);
  let ended = false;
  const ending = all().then(() => { ended = true; });
  await held.arrived();
  expect(ended).toBe(false);
  expect(told(await http.get('/'))).toBe('stale stale-while-revalidate');
  expect(given).toHaveLength(1);
  held.release();
  await ending;
  expect(told(await http.get('/'))).toBe('hit fresh');
});

test('a refresh that fails ends its promise without a rejection, and is not tried again', async () => {
  const { given, background, all } = platform();
  const { http, clock, events, origin } = await startCached({ '/': inTurn(numbered(STALE), disconnect) }, {
    background,
  });
  await http.get('/');
  clock.advance(20);
  await http.get('/');
  expect(given).toHaveLength(1);
  await expect(all()).resolves.toEqual([undefined]);
  expect(events.map(({ type }) => type)).toContain('refresh-error');
  expect(origin.count()).toBe(2);
});

test('a process need not wait for a refresh to which nobody answers', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  let isHanging = false;
  const adapter: AxiosAdapter = (config) =>
    isHanging ? new Promise(() => undefined) : axios.getAdapter('http')(config);
  const { http, clock } = await startCached({ '/': numbered(STALE) }, { defaults: { adapter } });
  await http.get('/');
  clock.advance(20);
  isHanging = true;
  const before = timers();
  expect(told(await http.get('/'))).toBe('stale stale-while-revalidate');
  expect(timers()).toBe(before);
});

test('what was stored by the time of the answer is not handed over', async () => {
  const { given, background } = platform();
  const { http } = await startCached({ '/': numbered(STALE) }, { background });
  await http.get('/');
  await http.get('/');
  expect(given).toEqual([]);
});

test('an answer that is not stored when its caller has no time left is handed over until it is', async () => {
  const { given, background, all } = platform();
  const storage = new Slow();
  const { http } = await startCached({ '/': numbered(STALE) }, { background, storage });
  expect((await http.get('/', { timeout: 100 })).data).toBe('answer 1');
  expect(given).toHaveLength(1);
  storage.open();
  await all();
  expect(told(await http.get('/'))).toBe('hit fresh');
});

test('a stream is handed over when its reader has all of it, until it is stored', async () => {
  const { given, background, all } = platform();
  const storage = new Slow();
  const { http } = await startCached({ '/': numbered(STALE) }, { background, storage });
  const { data } = await http.get<NodeJS.ReadableStream>('/', { responseType: 'stream' });
  expect(await text(data)).toBe('answer 1');
  await until(async () => expect(given).toHaveLength(1), { limitMs: 5000 });
  storage.open();
  await all();
  expect(told(await http.get('/'))).toBe('hit fresh');
});

test('what an answer makes outdated is handed over where looking for it takes too long', async () => {
  const { given, background, all } = platform();
  const passed = gate();
  const storage = new MemoryStorage();
  // Each step of the listing is quick enough, all of them together are not.
  const entries = async function* (): AsyncIterable<StoredEntryInfo> {
    for (let isOpen = false; !isOpen; ) {
      isOpen = await Promise.race([passed.passed.then(() => true), sleep(10, false)]);
      yield INFO;
    }
    yield* MemoryStorage.prototype.entries.call(storage);
  };
  const { http } = await startCached(
    { '/': numbered(STALE), '/logout': { headers: { 'clear-site-data': '"cache"' } } },
    { background, storage: Object.assign(storage, { entries }), storageTimeout: '50ms', clearSiteData: true },
  );
  await http.get('/');
  await http.get('/logout');
  expect(given).toHaveLength(1);
  passed.open();
  await all();
  expect((await http.get('/')).data).toBe('answer 2');
});

test.each<[string, CacheOptions['background']]>([
  ['throws', () => { throw new Error('Illegal invocation'); }],
  ['rejects', () => Promise.reject(new Error('too late'))],
])('a function that %s changes nothing', async (_what, background) => {
  const { http, clock } = await startCached({ '/': numbered(STALE) }, { background });
  await http.get('/');
  clock.advance(20);
  expect((await http.get('/')).data).toBe('answer 1');
  await http.cache.idle();
  expect((await http.get('/')).data).toBe('answer 2');
});
