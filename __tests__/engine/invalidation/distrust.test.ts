/** What was invalidated is not served, however the storage delays its calls, puts them in another order or fails. */
import axios from 'axios';
import { MemoryStorage, setupCache } from '../../../lib/index.js';
import type {
  CachedAxiosInstance,
  CacheManager,
  MaybePromise,
  StorageSelector,
} from '../../../lib/index.js';
import { having, numbered, startCached, told } from '../../support/cached-instance.js';
import { engineRig, gate, settled } from '../../support/exchange.js';
import { inTurn } from '../../support/origin.js';
import type { StorageReading, StoredEntry } from '../../../lib/api/storage.js';

const HOUR = { 'Cache-Control': 'max-age=3600' };
const ROUTES = () => ({
  'GET /a': numbered({ headers: { ...HOUR, 'Cache-Groups': '"g"' } }),
  'GET /b': numbered({ headers: HOUR }),
  'PUT /a': {},
  'PUT /x': {},
  'PUT /groups': { headers: { 'Cache-Group-Invalidation': '"g"' } },
});
const ONLY_STORED = { cache: 'only-if-cached', validateStatus: null } as const;
const tick = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Each write takes effect when the test says so, and ends when the test says so. */
class Steered extends MemoryStorage {
  delays = false;
  fails = false;
  readonly #effects: (() => void)[] = [];
  readonly #ends: (() => void)[] = [];

  override async set(...written: Parameters<MemoryStorage['set']>): Promise<boolean | 'too-large'> {
    let isWritten: MaybePromise<boolean | 'too-large'> = false;
    await this.#delayed(() => { isWritten = super.set(...written); });
    return isWritten;
  }

  override async touch(...written: Parameters<MemoryStorage['touch']>): Promise<boolean> {
    let touched: MaybePromise<boolean> = false;
    await this.#delayed(() => { touched = super.touch(...written); });
    return touched;
  }

  override get(...sought: Parameters<MemoryStorage['get']>): MaybePromise<StorageReading> {
    return Promise.resolve(super.get(...sought));
  }

  override async delete(selector: StorageSelector): Promise<number> {
    await tick();
    if (this.fails) throw new Error('disk I/O error');
    return super.delete(selector);
  }

  override clear(): MaybePromise<void> {
    if (this.fails) throw new Error('disk I/O error');
    void super.clear();
  }

  get waiting(): number {
    return this.#effects.length;
  }

  /** What was asked for happens. */
  land(): void {
    for (const effect of this.#effects.splice(0)) effect();
  }

  /** What has happened is said. */
  end(): void {
    this.delays = false;
    this.land();
    for (const end of this.#ends.splice(0)) end();
  }

  async #delayed(effect: () => void): Promise<void> {
    if (!this.delays) return effect();
    this.#effects.push(effect);
    await new Promise<void>((resolve) => void this.#ends.push(resolve));
  }
}

const start = async (storageTimeout: `${number}ms` = '2000ms') => {
  const storage = new Steered();
  const made = await startCached(ROUTES(), { storage, storageTimeout, expireAfter: '1h' });
  const { http } = made;
  const stored = async (): Promise<unknown> => {
    const { status, data } = await http.get<unknown>('/a', ONLY_STORED);
    return status === 504 ? undefined : data;
  };
  return { ...made, storage, stored };
};

const INVALIDATIONS: [string, (http: CachedAxiosInstance) => Promise<unknown>][] = [
  ['a PUT', (http) => http.put('/a', '')],
  ['a change that names it', (http) => http.put('/x', '', { cache: { invalidates: '/a' } })],
  ['a change that names a pattern', (http) => http.put('/x', '', { cache: { invalidates: { pattern: '**/a' } } })],
  ['a cache group', (http) => http.put('/groups', '')],
  ['cache.delete', (http) => http.cache.delete('/a')],
  ['cache.delete for a user', (http) => http.cache.delete('/a', { cache: { partition: 'nobody' } })],
  ['cache.clear', (http) => http.cache.clear()],
];

describe.each(INVALIDATIONS)('%s', (_name, invalidate) => {
  test('is not undone by a write that lands after it, not even before that ends', async () => {
    const { http, storage, stored } = await start();
    storage.delays = true;
    const early = http.get('/a');
    while (storage.waiting === 0) await tick();
    await invalidate(http);
    storage.land();
    expect(await stored()).toBeUndefined();
    storage.end();
    expect((await early).cache.notStored).toBe('invalidated');
    expect(await stored()).toBeUndefined();
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(await stored()).toBe('answer 2');
  });

  test('is not undone by a write that was given up, and lands and ends at last', async () => {
    const { http, storage, stored } = await start('40ms');
    storage.delays = true;
    expect((await http.get('/a')).cache.notStored).toBe('storage-error');
    await invalidate(http);
    storage.land();
    expect(await stored()).toBeUndefined();
    storage.end();
    for (let time = 0; time < 5; time += 1) await tick();
    expect(await stored()).toBeUndefined();
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(await stored()).toBe('answer 2');
  });
});

describe('while something is being written', () => {
  test('what has landed is a hit although the storage has not said so yet', async () => {
    const { http, storage, stored } = await start();
    storage.delays = true;
    const asked = http.get('/a');
    while (storage.waiting === 0) await tick();
    storage.land();
    expect(await stored()).toBe('answer 1');
    storage.end();
    await asked;
  });

  test.each([
    ['for another user', { auth: { username: 'ann', password: 'x' } }, { auth: { username: 'bob', password: 'x' } }],
    ['as another variant', having({ 'X-Kind': 'a' }), having({ 'X-Kind': 'b' })],
  ])('that is given up, what was stored in the same moment %s is a hit', async (_which, early, late) => {
    const storage = new Steered();
    const headers = { ...HOUR, Vary: 'X-Kind' };
    const { http } = await startCached({ '/a': { headers } }, { storage, storageTimeout: '40ms' });
    storage.delays = true;
    expect((await http.get('/a', early)).cache.notStored).toBe('storage-error');
    storage.delays = false;
    await http.get('/a', late);
    expect(told(await http.get('/a', late))).toBe('hit fresh');
    storage.end();
  });

  test('that is outdated, what is newer and what it does not concern are hits', async () => {
    const { http, storage, stored, clock } = await start();
    await http.get('/b');
    storage.delays = true;
    const early = http.get('/a');
    while (storage.waiting === 0) await tick();
    await http.put('/a', '');
    clock.advance(1);
    storage.delays = false;
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(await stored()).toBe('answer 2');
    expect(told(await http.get('/b'))).toBe('hit fresh');
    storage.end();
    await early;
  });
});

/** Each write takes effect, and ends, when the test says so, whatever was deleted meanwhile. */
class Stepwise extends MemoryStorage {
  readonly writes: { readonly land: () => void; readonly end: () => void }[] = [];

  override async set(entry: StoredEntry): Promise<boolean | 'too-large'> {
    const [landing, ending] = [gate(), gate()];
    this.writes.push({ land: () => { landing.open(); }, end: () => { ending.open(); } });
    await landing.passed;
    const written = await super.set(entry);
    await ending.passed;
    return written;
  }
}

test('of two writes under one key the one that lasts is not used after a deletion, although the other has ended', async () => {
  const storage = new Stepwise();
  const { http } = await startCached(
    { 'GET /a': { headers: { ...HOUR, Vary: 'X-Kind' } }, 'PUT /a': {} },
    { storage },
  );
  const [lasting, short] = [having({ 'X-Kind': 'lasting' }), having({ 'X-Kind': 'short' })];
  const first = http.get('/a', lasting);
  while (storage.writes.length < 1) await tick();
  const second = http.get('/a', { ...short, cache: 'reload' });
  while (storage.writes.length < 2) await tick();
  storage.writes[1]?.land();
  storage.writes[1]?.end();
  await second;
  await http.put('/a', '');
  storage.writes[0]?.land();
  await tick();
  expect((await http.get('/a', { ...lasting, ...ONLY_STORED })).status).toBe(504);
  storage.writes[0]?.end();
  expect((await first).cache.notStored).toBe('invalidated');
});

test('writes that have ended are not counted, however many they were', async () => {
  class Patient extends MemoryStorage {
    override async set(...written: Parameters<MemoryStorage['set']>): Promise<boolean | 'too-large'> {
      return super.set(...written);
    }
  }
  const rig = engineRig({ storage: new Patient({ maxEntries: 20_000 }) });
  const origin = () => ({ headers: { 'cache-control': 'max-age=60' }, text: 'some' });
  const ask = (url: string) => rig.engine.handle(rig.exchange({ url, origin }));
  await ask('http://api.test/former');
  for (let index = 0; index < 10_001; index += 1) await ask(`http://api.test/${index}`);
  expect((await ask('http://api.test/former')).status).toBe('hit');
});

test('where too many writes never end, what was stored before is not used any more', async () => {
  const held = gate();
  let isHeld = false;
  class Hanging extends MemoryStorage {
    override set(...written: Parameters<MemoryStorage['set']>): MaybePromise<boolean | 'too-large'> {
      return isHeld ? held.passed.then(() => false) : super.set(...written);
    }
  }
  const rig = engineRig({ storage: new Hanging(), timeoutMs: 600_000 });
  const origin = () => ({ headers: { 'cache-control': 'max-age=60' }, text: 'some' });
  const ask = (url: string) => rig.engine.handle(rig.exchange({ url, origin }));
  await ask('http://api.test/former');
  isHeld = true;
  const asked = Array.from({ length: 10_000 }, (_, index) => ask(`http://api.test/${index}`));
  await settled();
  isHeld = false;
  expect((await ask('http://api.test/former')).status).toBe('hit');
  isHeld = true;
  asked.push(ask('http://api.test/one-more'));
  await settled();
  isHeld = false;
  expect((await ask('http://api.test/former')).status).toBe('miss');
  expect((await ask('http://api.test/former')).status).toBe('hit');
  held.open();
  await Promise.all(asked);
});

describe('deletions that take time', () => {
  /** A deletion takes effect, and ends, when the test says so. */
  class SlowDeletions extends MemoryStorage {
    readonly asked: string[] = [];
    effect: Promise<unknown> | undefined;
    end: Promise<unknown> | undefined;

    override async delete(selector: StorageSelector): Promise<number> {
      const { effect, end } = this;
      this.asked.push(Object.keys(selector).join());
      await effect;
      const count = await super.delete(selector);
      await end;
      return count;
    }
  }

  test('one that ends does not end another of the same: what was stored between the two is not used', async () => {
    const storage = new SlowDeletions();
    const { http } = await startCached(ROUTES(), { storage });
    const [effect, end] = [gate(), gate()];
    await http.get('/a');
    storage.end = end.passed;
    const first = http.put('/a', '');
    while (storage.asked.length < 2) await tick();
    expect((await http.get('/a')).data).toBe('answer 2');
    storage.effect = effect.passed;
    const second = http.put('/a', '');
    while (storage.asked.length < 4) await tick();
    end.open();
    await first;
    expect((await http.get('/a', ONLY_STORED)).status).toBe(504);
    effect.open();
    await second;
  });

  test('while they last look-ups do not ask for them again', async () => {
    const storage = new SlowDeletions();
    const { http } = await startCached(ROUTES(), { storage });
    const effect = gate();
    await http.get('/a');
    storage.effect = effect.passed;
    const put = http.put('/a', '');
    while (storage.asked.length < 2) await tick();
    for (const _time of [1, 2]) expect((await http.get('/a', ONLY_STORED)).status).toBe(504);
    effect.open();
    await put;
    expect(storage.asked).toEqual(['tag', 'resource']);
  });
});

describe('a storage that cannot delete', () => {
  test.each<[string, (cache: CacheManager, http: CachedAxiosInstance) => Promise<unknown>]>([
    ['clear()', (cache) => cache.clear()],
    ['delete(url)', (cache) => cache.delete('/a')],
    ['delete(url) of one user', (cache) => cache.delete('/a', { auth: { username: 'ann', password: 'x' } })],
    ['a cache group', (_cache, http) => http.put('/groups', '')],
    ['a tag', (_cache, http) => http.put('/groups', '', { cache: { invalidates: { tag: 'mine' } } })],
    ['a pattern', (_cache, http) => http.put('/groups', '', { cache: { invalidates: { pattern: '**/a' } } })],
  ])('after %s the former answer is no hit; once it can, all is as ever', async (_name, invalidate) => {
    const { http, storage, clock } = await start();
    const config = { cache: { tags: ['mine'] }, auth: { username: 'ann', password: 'x' } };
    await http.get('/a', config);
    storage.fails = true;
    await invalidate(http.cache, http).catch(() => undefined);
    clock.set(0);
    expect((await http.get('/a', config)).data).toBe('answer 2');
    expect(told(await http.get('/a', config))).toBe('hit fresh');
    storage.fails = false;
    await http.get('/a', config);
    await http.put('/a');
    expect((await http.get('/a', config)).data).not.toBe('answer 2');
    expect(told(await http.get('/a', config))).toBe('hit fresh');
  });

  test.each([
    ['a no-store one', { headers: { 'Cache-Control': 'no-store' } }],
    ['a 404', { status: 404 }],
    ['one without a lifetime', { headers: { 'Cache-Control': 'max-age=0' } }],
  ])('nor what %s has taken the place of', async (_name, reply) => {
    const storage = new Steered();
    const { http } = await startCached(
      { '/a': inTurn({ headers: HOUR, body: 'former' }, reply) },
      { storage, defaults: { validateStatus: null } },
    );
    await http.get('/a');
    storage.fails = true;
    await http.get('/a', { cache: 'reload' });
    expect((await http.get('/a', ONLY_STORED)).status).toBe(504);
  });

  test.each<[string, (http: CachedAxiosInstance) => Promise<unknown>]>([
    ['a PUT', (http) => http.put('/a', '')],
    ['delete(url)', (http) => http.cache.delete('/a')],
    ['a cache group', (http) => http.put('/groups', '')],
    ['a tag', (http) => http.put('/groups', '', { cache: { invalidates: { tag: 'mine' } } })],
    ['a pattern', (http) => http.put('/x', '', { cache: { invalidates: { pattern: '**/a' } } })],
  ])('after %s what was not meant is a hit as before', async (_name, invalidate) => {
    const { http, storage } = await start();
    await http.get('/a', { cache: { tags: ['mine'] } });
    await http.get('/b', { cache: { tags: ['other'] } });
    storage.fails = true;
    await invalidate(http).catch(() => undefined);
    expect(told(await http.get('/b'))).toBe('hit fresh');
  });

  test('of the variants of one URL those that were not meant are hits as before', async () => {
    const storage = new Steered();
    const [one, other] = [having({ 'X-Kind': 'a' }), having({ 'X-Kind': 'b' })];
    const { http } = await startCached({ '/a': numbered({ headers: { ...HOUR, Vary: 'X-Kind' } }) }, { storage });
    for (const config of [one, other]) await http.get('/a', config);
    storage.fails = true;
    await http.cache.delete('/a', one).catch(() => undefined);
    expect(told(await http.get('/a', other))).toBe('hit fresh');
    expect((await http.get('/a', { ...one, ...ONLY_STORED })).status).toBe(504);
  });

  test('of the users of one URL those who were not meant have hits as before', async () => {
    const { http, storage } = await start();
    const [ann, bob] = ['ann', 'bob'].map((username) => ({ auth: { username, password: 'x' } }));
    for (const config of [ann, bob]) await http.get('/a', config);
    storage.fails = true;
    await http.cache.delete('/a', ann).catch(() => undefined);
    expect(told(await http.get('/a', bob))).toBe('hit fresh');
    expect((await http.get('/a', { ...ann, ...ONLY_STORED })).status).toBe(504);
  });

  test('what was stored since is a hit, also once another deletion has succeeded', async () => {
    const { http, storage, stored } = await start();
    await http.get('/a');
    storage.fails = true;
    await http.put('/a', '');
    expect((await http.get('/a')).data).toBe('answer 2');
    storage.fails = false;
    await http.put('/x', '');
    expect(await stored()).toBe('answer 2');
  });

  test.each<[string, number, (http: CachedAxiosInstance, name: string) => Promise<unknown>]>([
    ['URLs', 10_001, (http, name) => http.cache.delete(`/${name}`)],
    ['patterns', 60, (http, name) => http.put('/x', '', { cache: { invalidates: { pattern: `**/${name}` } } })],
  ])('nor after so many other %s that it cannot be remembered what was to be deleted', async (_what, many, invalidate) => {
    const { http, storage, clock } = await start();
    await http.get('/a');
    storage.fails = true;
    await invalidate(http, 'a').catch(() => undefined);
    for (let index = 0; index < many; index += 1) await invalidate(http, String(index)).catch(() => undefined);
    storage.fails = false;
    clock.advance(600);
    expect((await http.get('/a')).data).toBe('answer 2');
    expect(told(await http.get('/a'))).toBe('hit fresh');
  });

  test('nor what a HEAD has found gone', async () => {
    const storage = new Steered();
    const { http } = await startCached(
      { 'GET /a': { headers: HOUR }, 'HEAD /a': { status: 404 } },
      { storage, defaults: { validateStatus: null } },
    );
    await http.get('/a');
    storage.fails = true;
    await http.head('/a', { cache: 'reload' });
    expect((await http.get('/a', ONLY_STORED)).status).toBe(504);
  });
});

/** The same storage, of which nothing that this process remembers is known. */
const ofAnotherProcess = (storage: MemoryStorage): MemoryStorage =>
  new Proxy(storage, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });

describe('a look-up that takes longer than a deletion', () => {
  /** Each look-up has what was there when it began, and brings it when the test says so. */
  class SlowToRead extends MemoryStorage {
    held: Promise<void> | undefined;

    override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
      const read = super.get(...sought);
      await this.held;
      return read;
    }

  }

  class SlowToDelete extends SlowToRead {
    override async delete(selector: StorageSelector): Promise<number> {
      await tick();
      return super.delete(selector);
    }
  }

  const storages = { 'a storage that deletes at once': SlowToRead, 'one that takes time for it': SlowToDelete };

  describe.each(Object.entries(storages))('of %s', (_which, Slow) => {
    const startSlow = async () => {
      const storage = new Slow();
      const made = await startCached(ROUTES(), { storage });
      const elsewhere = { storage: ofAnotherProcess(storage), now: made.clock.now };
      await made.http.get('/a');
      /** It asks, and resolves when the storage has been asked, whose answer then waits for the gate. */
      const ask = async () => {
        const held = gate();
        storage.held = held.passed;
        const asked = made.http.get('/a');
        await tick();
        storage.held = undefined;
        return { asked, held };
      };
      return { ...made, ask, other: setupCache(axios.create({ baseURL: made.origin.url }), elsewhere) };
    };
    const meant = INVALIDATIONS.filter(([name]) => name !== 'cache.delete for a user');

    test.each(meant)('brings nothing back after %s; what others store then is used', async (_by, invalidate) => {
      const { http, other, ask } = await startSlow();
      const { asked, held } = await ask();
      await invalidate(http);
      held.open();
      expect((await asked).data).toBe('answer 2');
      await other.get('/a', { cache: 'reload' });
      const { data, cached } = await http.get('/a');
      expect([data, cached]).toEqual(['answer 3', true]);
    });

    test.each(meant)('where there is none during %s, what others store then is used', async (_by, invalidate) => {
      const { http, other } = await startSlow();
      await invalidate(http);
      await other.get('/a', { cache: 'reload' });
      const { data, cached } = await http.get('/a');
      expect([data, cached]).toEqual(['answer 2', true]);
    });

    test('does not bring it back either where a later look-up has ended before', async () => {
      const { http, ask } = await startSlow();
      const { asked, held } = await ask();
      await http.cache.delete('/a');
      await http.get('/b');
      held.open();
      expect((await asked).data).toBe('answer 2');
    });
  });
});

describe('the head of one answer never goes with the body of another', () => {
  const version = (number: number) => ({ headers: { ...HOUR, ETag: `"v${number}"` }, body: `body ${number}` });

  test.each(['before the newer answer is stored', 'after it'])('a HEAD whose renewal takes effect %s', async (when) => {
    const storage = new Steered();
    let current = version(1);
    const { http } = await startCached({ '/a': () => current }, { storage });
    await http.get('/a');
    storage.delays = true;
    const head = http.head('/a', { cache: 'no-cache' });
    while (storage.waiting === 0) await tick();
    if (when.startsWith('before')) storage.land();
    storage.delays = false;
    current = version(2);
    await http.get('/a', { cache: 'reload' });
    storage.land();
    const during = await http.get('/a', ONLY_STORED);
    expect([['body 2', '"v2"'], ['', undefined]]).toContainEqual([during.data, during.headers['etag']]);
    storage.end();
    await head;
    const { data, headers } = await http.get('/a');
    expect([data, headers['etag']]).toEqual(['body 2', '"v2"']);
  });

  test('a renewal that is given up is withdrawn', async () => {
    const storage = new Steered();
    const { http, clock } = await startCached(
      ({ headers }) => (headers['if-none-match'] === undefined ? version(1) : { ...version(1), status: 304 }),
      { storage, storageTimeout: '40ms' },
    );
    await http.get('/a');
    clock.advance(4000);
    storage.delays = true;
    expect((await http.get('/a')).data).toBe('body 1');
    storage.land();
    expect((await http.get('/a', ONLY_STORED)).status).toBe(504);
    storage.end();
  });
});

test('an invalidation by one origin leaves what others have under way', async () => {
  const one = await startCached({ 'PUT /x': { headers: { 'Cache-Group-Invalidation': '"a"' } } });
  const other = await startCached({ '/slow': { headers: HOUR } });
  const own = one.origin.hold('/slow');
  const gate = other.origin.hold('/slow');
  const slow = one.http.get(`${other.origin.url}/slow`);
  const mine = one.http.get('/slow', { validateStatus: null, cache: { allowedCodes: () => true } });
  await Promise.all([gate.arrived(), own.arrived()]);
  await one.http.put('/x');
  gate.release();
  own.release();
  expect([(await slow).cache.stored, (await mine).cache.notStored]).toEqual([true, 'invalidated']);
});

test('an order is no matter of the clock: an invalidation after the clock was set back counts', async () => {
  const { http, storage, clock } = await start();
  await http.get('/a');
  clock.advance(-3);
  storage.fails = true;
  await http.put('/a');
  expect((await http.get('/a')).data).toBe('answer 2');
});

test.each<[string, (http: CachedAxiosInstance) => Promise<unknown>]>([
  ['its URL is deleted', ({ cache }) => cache.delete('/')],
  ['its tag is invalidated', ({ cache }) => cache.invalidateTags('t')],
  ['all is cleared', ({ cache }) => cache.clear()],
  ['it is changed', (http) => http.put('/')],
])('of several variants none is used that a storage in memory could not delete, when %s', async (_how, invalidate) => {
  let fails = false;
  class Failing extends MemoryStorage {
    override delete(selector: StorageSelector): MaybePromise<number> {
      if (fails) throw new Error('out of order');
      return super.delete(selector);
    }

    override clear(): MaybePromise<void> {
      if (fails) throw new Error('out of order');
      return super.clear();
    }
  }
  const versions = numbered({ headers: { ...HOUR, Vary: 'X-Variant' } });
  // Whichever of them the storage gives first.
  for (const asked of ['a', 'b']) {
    const { http } = await startCached({ 'GET /': versions, 'PUT /': {} }, { storage: new Failing() });
    const get = (variant: string) =>
      http.get<string>('/', { headers: { 'X-Variant': variant }, cache: { tags: ['t'] } });
    for (const variant of ['a', 'b']) await get(variant);
    fails = true;
    await invalidate(http).catch(() => undefined);
    fails = false;
    expect((await get(asked)).cached).toBe(false);
  }
});
