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

describe('by the user', () => {
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
