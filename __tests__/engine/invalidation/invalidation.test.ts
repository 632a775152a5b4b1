/** Invalidation (RFC 9111 section 4.4), and its races with requests and writes under way. */
import type { Outcome } from '../../../lib/engine/exchange/outcome.js';
import type { RequestTarget, ResponseHead } from '../../../lib/rfc9111/model.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import type { MaybePromise, RenewedEntry, StorageSelector, StoredEntry } from '../../../lib/api/storage.js';
import { engineRig, type FakeOrigin, type Gate, gate, type Rig, settled } from '../../support/exchange.js';
import { storedUnder } from '../../support/entry.js';

const URL_OF_ALL = 'http://api.test/thing';
const RESOURCE = `resource ${URL_OF_ALL}`;
const HEADERS = { 'cache-control': 'max-age=60', etag: '"1"' };

const says =
  (text: string, headers: Readonly<Record<string, string>> = HEADERS): FakeOrigin =>
  () => ({ text, headers });
const get = (rig: Rig, origin: FakeOrigin, more: { user?: string; url?: string } = {}): Promise<Outcome> =>
  rig.engine.handle(rig.exchange({ origin, ...more }));
const put: RequestTarget = { method: 'PUT', url: URL_OF_ALL };
const answered = (status: number, headers: ResponseHead['headers'] = {}): ResponseHead => ({ status, headers });
const putNow = async (rig: Rig): Promise<void> =>
  rig.engine.invalidation.afterUnsafe(put, { resource: RESOURCE, socketPath: undefined }, answered(204));

function textOf({ content }: Outcome): string {
  if (content.kind === 'entry') return new TextDecoder().decode(content.entry.raw.body);
  const body = content.kind === 'origin' ? content.answer.body : undefined;
  return body?.kind === 'text' ? body.text : '';
}

/** What a caller is given who asks now, with an origin that says `new`. */
const nowSays = async (rig: Rig): Promise<string> => textOf(await get(rig, says('new')));

describe('after an unsafe request', () => {
  test('every user’s entries of that URL go, and an event tells how many', async () => {
    const rig = engineRig();
    await get(rig, says('a'), { user: 'ann' });
    await get(rig, says('b'), { user: 'bob' });
    await get(rig, says('c'), { url: 'http://api.test/other' });
    await putNow(rig);
    expect(rig.events.at(-1)).toEqual({ type: 'invalidated', url: URL_OF_ALL, tag: undefined, count: 2 });
    expect(textOf(await get(rig, says('new'), { user: 'ann' }))).toBe('new');
    expect(textOf(await get(rig, says('new'), { url: 'http://api.test/other' }))).toBe('c');
  });

  test('where nothing was stored there is nothing to tell', async () => {
    const rig = engineRig();
    await putNow(rig);
    expect(rig.events).toEqual([]);
  });

  test.each<[string, RequestTarget, ResponseHead | 'unknown', string]>([
    ['an answer without error', put, answered(302), 'new'],
    ['no answer: it may have had its effect', put, 'unknown', 'new'],
    ['an error answer', put, answered(500), 'old'],
    ['a refusal', put, answered(409), 'old'],
    ['a safe method', { ...put, method: 'OPTIONS' }, answered(200), 'old'],
    ['Location on this origin', { ...put, url: 'http://api.test/list' }, answered(201, { location: '/thing' }), 'new'],
    ['Content-Location', { ...put, url: 'http://api.test/list' }, answered(200, { 'content-location': URL_OF_ALL }), 'new'],
    ['Location elsewhere', { ...put, url: 'http://evil.test/' }, answered(201, { location: URL_OF_ALL }), 'old'],
  ])('%s', async (_rule, request, response, text) => {
    const rig = engineRig();
    await get(rig, says('old'));
    await rig.engine.invalidation.afterUnsafe(
      request,
      { resource: `resource ${request.url}`, socketPath: undefined },
      response,
    );
    expect(await nowSays(rig)).toBe(text);
  });

  test('a redirect is no error, whatever answers where it leads to', async () => {
    const rig = engineRig();
    await get(rig, says('old'));
    const redirect = { request: put, response: answered(303) };
    const place = { resource: RESOURCE, socketPath: undefined };
    const source = { finalUrl: 'http://elsewhere.test/', seenRedirects: [redirect] };
    await rig.engine.invalidation.afterUnsafe(put, place, answered(500), source);
    expect(await nowSays(rig)).toBe('new');
  });

  test('its own URL is found under the name that the request has, whatever of the URL may be shown', async () => {
    const rig = engineRig();
    await get(rig, says('old'));
    const shown = { ...put, url: 'http://api.test/thing?token=hidden' };
    await rig.engine.invalidation.afterUnsafe(shown, { resource: RESOURCE, socketPath: undefined }, answered(204));
    expect(await nowSays(rig)).toBe('new');
  });

  test.each<[string, RequestTarget, ResponseHead | 'unknown', string]>([
    ['a change', put, answered(204), 'new'],
    ['one whose answer never came', put, 'unknown', 'new'],
    ['an error answer', put, answered(500), 'old'],
    ['a safe method', { ...put, method: 'GET' }, answered(200), 'old'],
  ])('where it is not known what is under its URL nothing older is used after %s', async (_rule, request, response, text) => {
    const rig = engineRig();
    await get(rig, says('old'));
    rig.engine.invalidation.afterUnaddressed(request, response);
    expect(await nowSays(rig)).toBe(text);
  });

  test('a URL that cannot be a resource is passed over', async () => {
    const rig = engineRig();
    const request = { ...put, url: 'ftp://api.test/list' };
    await rig.engine.invalidation.afterUnsafe(
      request,
      { resource: 'resource of it', socketPath: undefined },
      answered(201, { location: 'ftp://api.test/thing' }),
    );
    expect(rig.events).toEqual([]);
  });
});

describe('what redirects on the way say', () => {
  const url = 'https://api.test/thing';
  const request: RequestTarget = { method: 'POST', url: 'https://api.test/asked' };
  const origins = { originOf: (each: string) => new URL(each).origin };
  const redirect = { request, response: answered(303, { 'clear-site-data': '"cache"' }) };
  const after = { finalUrl: 'https://elsewhere.test/', seenRedirects: [redirect] };

  test.each<ResponseHead | 'unknown'>([answered(200), 'unknown'])('is obeyed before %j', async (response) => {
    const rig = engineRig();
    await get(rig, says('old'), { url });
    await rig.engine.invalidation.afterAnswer(request, response, origins, after);
    expect(textOf(await get(rig, says('new'), { url }))).toBe('new');
  });

  test('is obeyed besides what the answer says, of its own origin', async () => {
    const rig = engineRig();
    const other = 'https://elsewhere.test/thing';
    for (const each of [url, other]) await get(rig, says('old'), { url: each });
    const response = answered(200, { 'clear-site-data': '"cache"' });
    await rig.engine.invalidation.afterAnswer(request, response, origins, after);
    for (const each of [url, other]) expect(textOf(await get(rig, says('new'), { url: each }))).toBe('new');
  });

  test('no answer says nothing', () => {
    const { invalidation } = engineRig().engine;
    expect(invalidation.afterAnswer(request, 'unknown', origins)).toBeUndefined();
  });
});

describe('a selection', () => {
  const only = { resource: RESOURCE, url: URL_OF_ALL };
  const isMeant = (): boolean => true;
  const QUERIES = ['', '?page=1', '?page=2'];
  const store = async (rig: Rig): Promise<void> => {
    for (const query of QUERIES) await get(rig, says('old'), { url: URL_OF_ALL + query });
  };

  test('of a URL without a query counts what is under its path', async () => {
    const rig = engineRig();
    await store(rig);
    expect(await rig.engine.invalidation.ofSelected({ isMeant, only })).toEqual({ ok: true, value: 3 });
    expect(rig.events.filter(({ type }) => type === 'invalidated').length).toBe(2);
  });

  test('of a URL with a query counts that alone', async () => {
    const rig = engineRig();
    await store(rig);
    const url = `${URL_OF_ALL}?page=1`;
    const selection = { isMeant, only: { resource: `resource ${url}`, url } };
    expect(await rig.engine.invalidation.ofSelected(selection)).toEqual({ ok: true, value: 1 });
  });

  const isListing = (selector: StorageSelector): boolean => Object.hasOwn(selector, 'revision');
  const isUnderWay = (selector: StorageSelector): boolean => Object.hasOwn(selector, 'underWay');
  const isOfUrl = (selector: StorageSelector): boolean => !isListing(selector) && !isUnderWay(selector);

  test.each([
    ['what is under way', isUnderWay],
    ['an entry of the listing', isListing],
    ['a URL', isOfUrl],
  ])('of which a storage cannot delete %s is a failure', async (_what, isRefused) => {
    class Refusing extends MemoryStorage {
      override delete(selector: StorageSelector): MaybePromise<number> {
        if (isRefused(selector)) throw new Error('read only');
        return super.delete(selector);
      }
    }
    const rig = engineRig({ storage: new Refusing() });
    await store(rig);
    const deleted = await rig.engine.invalidation.ofSelected({ isMeant, only });
    expect(deleted).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_STORAGE' } });
    expect(await nowSays(rig)).toBe('new');
  });

  test('of which a storage cannot list its entries at first is deleted when one of them is looked up', async () => {
    class Moody extends MemoryStorage {
      isDown = true;

      override entries(): ReturnType<MemoryStorage['entries']> {
        if (this.isDown) throw new Error('no listing');
        return super.entries();
      }
    }
    const storage = new Moody();
    const rig = engineRig({ storage });
    await store(rig);
    expect(await rig.engine.invalidation.ofSelected({ isMeant, only: undefined })).toMatchObject({ ok: false });
    storage.isDown = false;
    expect(await nowSays(rig)).toBe('new');
    await settled();
    expect(await storedUnder(storage, `GET ${URL_OF_ALL}?page=1 anybody`)).toEqual([]);
  });

  test('of which a storage gives no listing is a failure', async () => {
    class Unlisted extends MemoryStorage {
      override entries(): never {
        throw new Error('no listing');
      }
    }
    const rig = engineRig({ storage: new Unlisted() });
    const deleted = await rig.engine.invalidation.ofSelected({ isMeant, only: undefined });
    expect(deleted).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_STORAGE' } });
  });
});

describe('of a storage without fences', () => {
  class Unfenced extends MemoryStorage {
    override set(entry: StoredEntry): MaybePromise<boolean | 'too-large'> {
      return super.set(entry);
    }
  }
  const url = 'https://api.test/thing';
  const here = { originOf: (each: string) => new URL(each).origin };
  const clearing = (name: string, value: string) => (rig: Rig) =>
    rig.engine.invalidation.afterAnswer({ method: 'POST', url }, answered(200, { [name]: value }), here);

  test.each<[string, (rig: Rig) => Promise<unknown> | undefined, boolean, boolean]>([
    ['a path', (rig) => rig.engine.invalidation.ofSelected({
      isMeant: () => false, only: { resource: `resource ${url}`, url },
    }), true, true],
    ['another path', (rig) => rig.engine.invalidation.ofSelected({
      isMeant: () => false, only: { resource: 'resource other', url: 'https://api.test/other' },
    }), false, false],
    ['groups', clearing('cache-group-invalidation', '"a"'), true, true],
    ['an origin', clearing('clear-site-data', '"cache"'), true, true],
    ['variants of its URL', (rig) => rig.engine.invalidation.ofVariants(() => Promise.resolve([]), `resource ${url}`, url),
      true, false],
  ])('what is under way when %s is invalidated is stored only where it is not meant', async (_what, end, own, query) => {
    const rig = engineRig({ storage: new Unfenced() });
    const closed = gate();
    const origin: FakeOrigin = () => closed.passed.then(() => ({ text: 'old', headers: HEADERS }));
    const asked = [url, `${url}?q`, 'https://elsewhere.test/thing'].map((each) => get(rig, origin, { url: each }));
    await settled();
    await end(rig);
    closed.open();
    const ended = (await Promise.all(asked)).map(({ notStored }) => notStored === 'invalidated');
    expect(ended).toEqual([own, query, false]);
  });
});

describe('caches below this one may have copies of what was invalidated', () => {
  // Only in a page there are such caches.
  beforeAll(() => {
    Object.defineProperty(globalThis, 'location', { value: { origin: 'https://page.test' }, configurable: true });
  });
  afterAll(() => {
    Reflect.deleteProperty(globalThis, 'location');
  });

  const clear = (rig: Rig, url: string, name: string, value: string) =>
    rig.engine.invalidation.afterAnswer(
      { method: 'POST', url },
      answered(200, { [name]: value }),
      { originOf: (each: string) => new URL(each).origin },
    );

  test.each<[string, (rig: Rig, url: string) => Promise<unknown> | undefined]>([
    ['paths', (rig, url) => rig.engine.invalidation.ofSelected({
      isMeant: () => false, only: { resource: `resource ${url}`, url },
    })],
    ['groups', (rig, url) => clear(rig, url, 'cache-group-invalidation', '"a"')],
    ['origins', (rig, url) => clear(rig, url, 'clear-site-data', '"cache"')],
  ])('which will not do for any of several %s', async (_what, end) => {
    const rig = engineRig();
    for (const host of ['a', 'b']) await end(rig, `https://${host}.test/thing`);
    const asked: string[] = [];
    for (const host of ['a', 'b', 'c']) {
      const exchange = rig.exchange({ origin: says('new'), url: `https://${host}.test/thing?q` });
      const send: typeof exchange.send = (...args) => {
        asked.push(args[4]);
        return exchange.send(...args);
      };
      await rig.engine.handle({ ...exchange, send });
    }
    expect(asked).toEqual(['will-not-do', 'will-not-do', 'will-do']);
  });
});

describe('by the user', () => {
  test('variants: what is under way for other URLs is stored', async () => {
    const rig = engineRig();
    const closed = gate();
    const origin: FakeOrigin = () => closed.passed.then(() => ({ text: 'old', headers: HEADERS }));
    const asked = [URL_OF_ALL, 'http://api.test/other'].map((url) => get(rig, origin, { url }));
    await settled();
    await rig.engine.invalidation.ofVariants(() => Promise.resolve([]), RESOURCE, URL_OF_ALL);
    closed.open();
    expect((await Promise.all(asked)).map(({ notStored }) => notStored)).toEqual(['invalidated', undefined]);
  });

  test('variants of a storage that cannot say what is under way: said, not swallowed', async () => {
    class Refusing extends MemoryStorage {
      override delete(selector: StorageSelector): MaybePromise<number> {
        if (Object.hasOwn(selector, 'underWay')) throw new Error('read only');
        return super.delete(selector);
      }
    }
    const { invalidation } = engineRig({ storage: new Refusing() }).engine;
    const deleted = await invalidation.ofVariants(() => Promise.resolve([]), RESOURCE, URL_OF_ALL);
    expect(deleted).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_STORAGE' } });
  });

  test('keys: one user’s entries only', async () => {
    const rig = engineRig();
    await get(rig, says('a'), { user: 'ann' });
    await get(rig, says('b'), { user: 'bob' });
    const key = `GET ${URL_OF_ALL} ann`;
    const selector = { key, resource: RESOURCE };
    const deleted = await rig.engine.invalidation.ofKeys([selector, selector], RESOURCE, URL_OF_ALL);
    expect(deleted).toEqual({ ok: true, value: 1 });
    expect(textOf(await get(rig, says('new'), { user: 'bob' }))).toBe('b');
    expect(textOf(await get(rig, says('new'), { user: 'ann' }))).toBe('new');
  });

  test('keys of a storage that fails: said, not swallowed', async () => {
    const rig = engineRig({ storage: new FailingDeletes() });
    const result = await rig.engine.invalidation.ofKeys([{ key: 'any', resource: RESOURCE }], RESOURCE, URL_OF_ALL);
    expect(result).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_STORAGE' } });
  });
});

describe('a request under way', () => {
  const held = (): { origin: FakeOrigin; gate: Gate } => {
    const closed = gate();
    return { origin: () => closed.passed.then(() => ({ text: 'old', headers: HEADERS })), gate: closed };
  };

  test.each<[string, (rig: Rig) => Promise<void> | void]>([
    ['an unsafe request', putNow],
    ['the user’s delete of all', (rig) => void rig.engine.invalidation.clear()],
  ])('when %s comes between: answered, never stored, nor joined by those who come later', async (_by, invalidate) => {
    const rig = engineRig();
    const { origin, gate: closed } = held();
    const late = get(rig, origin);
    await settled();
    await invalidate(rig);
    expect(await nowSays(rig)).toBe('new');
    closed.open();
    const outcome = await late;
    expect([textOf(outcome), outcome.notStored, outcome.entry]).toEqual(['old', 'invalidated', undefined]);
    expect(textOf(await get(rig, says('newest')))).toBe('new');
  });

  test('who led it is answered by it, and those who waited with it ask anew', async () => {
    const rig = engineRig();
    const { origin, gate: closed } = held();
    const callers = [get(rig, origin), get(rig, says('a second request'))];
    await settled();
    await putNow(rig);
    closed.open();
    expect((await Promise.all(callers)).map(textOf)).toEqual(['old', 'a second request']);
  });

  test('another URL’s is not touched', async () => {
    const rig = engineRig();
    const { origin, gate: closed } = held();
    const other = get(rig, origin, { url: 'http://api.test/other' });
    await settled();
    await putNow(rig);
    closed.open();
    expect((await other).entry).toBeDefined();
  });

  test('a renewal is not stored either', async () => {
    const rig = engineRig();
    await get(rig, says('old'));
    rig.clock.advance(100);
    const closed = gate();
    const late = get(rig, () => closed.passed.then(() => ({ status: 304, headers: HEADERS })));
    await settled();
    await putNow(rig);
    closed.open();
    expect([textOf(await late), (await late).notStored]).toEqual(['old', 'invalidated']);
    expect(await nowSays(rig)).toBe('new');
  });

  test('a background refresh is not stored either', async () => {
    const rig = engineRig();
    const headers = { 'cache-control': 'max-age=60, stale-while-revalidate=600' };
    await get(rig, says('old', headers));
    rig.clock.advance(100);
    const { origin, gate: closed } = held();
    await get(rig, origin);
    await putNow(rig);
    closed.open();
    await rig.engine.idle();
    expect(await nowSays(rig)).toBe('new');
  });
});

/** Its writes wait, and then write what they were given, whatever happened meanwhile: it knows nothing of fences. */
class SlowWrites extends MemoryStorage {
  readonly #waiting: Gate[] = [];
  slow = true;

  override async set(entry: StoredEntry): Promise<boolean | 'too-large'> {
    await this.#wait();
    return super.set(entry);
  }

  /** Reads, waits and writes, as a storage without transactions does. */
  override async touch(head: RenewedEntry): Promise<boolean> {
    const found = (await super.get(head.key)).entries.find(({ variant }) => variant === head.variant);
    if (found === undefined) return false;
    await this.#wait();
    return (await super.set({ ...head, body: found.body })) === true;
  }

  land(): void {
    this.slow = false;
    for (const waiting of this.#waiting.splice(0)) waiting.open();
  }

  async #wait(): Promise<void> {
    if (!this.slow) return;
    const waiting = gate();
    this.#waiting.push(waiting);
    await waiting.passed;
  }
}

/** The engine of a database that is down for writing and deleting. */
class FailingDeletes extends MemoryStorage {
  failing = true;
  override delete(selector: StorageSelector): MaybePromise<number> {
    return this.failing ? Promise.reject(new Error('read only')) : super.delete(selector);
  }
}

const storedTexts = async (storage: MemoryStorage): Promise<string[]> =>
  (await storedUnder(storage, `GET ${URL_OF_ALL} anybody`)).map(({ body }) => new TextDecoder().decode(body));

describe('a write under way', () => {
  test('what lands after the invalidation is taken back', async () => {
    const storage = new SlowWrites();
    const rig = engineRig({ storage });
    const late = get(rig, says('old'));
    await settled();
    await putNow(rig);
    storage.land();
    expect(await late).toMatchObject({ notStored: 'invalidated', entry: undefined });
    expect(await storedTexts(storage)).toEqual([]);
    expect(await nowSays(rig)).toBe('new');
  });

  test('a renewal that lands after the invalidation is taken back', async () => {
    const storage = new SlowWrites();
    storage.slow = false;
    const rig = engineRig({ storage });
    await get(rig, says('old'));
    rig.clock.advance(100);
    storage.slow = true;
    const late = get(rig, () => ({ status: 304, headers: HEADERS }));
    await settled();
    await putNow(rig);
    storage.land();
    expect(await late).toMatchObject({ notStored: 'invalidated', entry: undefined });
    expect(await storedTexts(storage)).toEqual([]);
    expect(await nowSays(rig)).toBe('new');
  });

  test.each([['while its request waits', true], ['after its request was answered', false]])(
    'one that ran out of time and lands after an invalidation %s is taken back',
    async (_when, duringRequest) => {
      const storage = new SlowWrites();
      const rig = engineRig({ storage, timeoutMs: 20 });
      const late = get(rig, says('old'));
      if (duringRequest) await settled();
      else await late;
      await putNow(rig);
      expect(await late).toMatchObject({ notStored: 'storage-error', entry: undefined });
      storage.land();
      await settled();
      expect(await storedTexts(storage)).toEqual([]);
      expect(await nowSays(rig)).toBe('new');
    },
  );

  test('one that lands while the storage is given a rest is not served afterwards', async () => {
    const storage = new SlowWrites();
    const rig = engineRig({ storage, timeoutMs: 20 });
    await get(rig, says('old'));
    await putNow(rig);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await get(rig, says('x'), { url: `http://api.test/${name}` });
    await Promise.all(['f', 'g', 'h', 'i', 'j', 'k'].map((name) => get(rig, says('x'), { url: `http://api.test/${name}` })));
    expect(rig.events.some((event) => event.type === 'storage-error' && event.circuitOpen)).toBe(true);
    storage.land();
    await settled();
    rig.clock.advance(5);
    expect(await nowSays(rig)).toBe('new');
  });
});

describe('a storage that cannot delete', () => {
  test('what was invalidated is not served, and deleted once that works', async () => {
    const storage = new FailingDeletes();
    const rig = engineRig({ storage });
    await get(rig, says('old'));
    await putNow(rig);
    rig.clock.advance(1);
    expect(await nowSays(rig)).toBe('new');
    expect(textOf(await get(rig, says('newest')))).toBe('new');
    storage.failing = false;
    await get(rig, says('any'));
    expect(await nowSays(rig)).toBe('new');
    expect(textOf(await get(rig, says('newest')))).toBe('new');
    expect(await storedTexts(storage)).toEqual(['new']);
  });

  test('nor is any user’s', async () => {
    const storage = new FailingDeletes();
    const rig = engineRig({ storage });
    await get(rig, says('ann’s'), { user: 'ann' });
    await putNow(rig);
    rig.clock.advance(1);
    expect(textOf(await get(rig, says('new'), { user: 'ann' }))).toBe('new');
  });

  test('a write under way that cannot be taken back is not served either', async () => {
    class Stuck extends SlowWrites {
      failing = false;
      override delete(selector: StorageSelector): MaybePromise<number> {
        return this.failing ? Promise.reject(new Error('read only')) : super.delete(selector);
      }
    }
    const storage = new Stuck();
    const rig = engineRig({ storage });
    const late = get(rig, says('old'));
    await settled();
    await putNow(rig);
    storage.failing = true;
    storage.land();
    await late;
    expect(await storedTexts(storage)).toEqual(['old']);
    rig.clock.advance(1);
    expect(await nowSays(rig)).toBe('new');
  });
});
