/** The pipeline: what is looked up, decided, asked, kept and answered, with a made-up origin. */
import { decodeBody } from '../../lib/entries/body.js';
import type { CacheEvent } from '../../lib/api/events.js';
import type { Outcome } from '../../lib/engine/exchange/outcome.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import type { StorageReading } from '../../lib/api/storage.js';
import {
  Caller,
  engineRig,
  type FakeOrigin,
  gate,
  type Given,
  Gone,
  type Reply,
  type Rig,
  settled,
  Wrong,
} from '../support/exchange.js';
import { storedUnder } from '../support/entry.js';

/** An origin that answers in turn, the last answer again and again, and counts. */
interface Script {
  readonly origin: FakeOrigin;
  readonly asked: (Readonly<Record<string, unknown>> | undefined)[];
}

function inTurn(...replies: readonly (Reply | Error)[]): Script {
  const asked: Script['asked'] = [];
  const origin: FakeOrigin = ({ conditions }) => {
    const reply = replies[Math.min(asked.length, replies.length - 1)];
    asked.push(conditions === undefined ? undefined : { ...conditions });
    if (reply === undefined) throw new TypeError('An origin without an answer');
    if (reply instanceof Error) throw reply;
    return reply;
  };
  return { origin, asked };
}

const caching = (seconds: number, more: HeaderFields = {}): HeaderFields => ({
  'cache-control': `max-age=${seconds}`,
  ...more,
});

const handle = (rig: Rig, given: Given): Promise<Outcome> => rig.engine.handle(rig.exchange(given));

/** The text that the caller is given. */
function textOf({ content }: Outcome): string | undefined {
  if (content.kind === 'entry') {
    const body = decodeBody(content.entry.bodyKind, content.entry.raw.body);
    return body.kind === 'text' ? body.text : undefined;
  }
  if (content.kind !== 'origin') return undefined;
  const { body } = content.answer;
  return body?.kind === 'text' ? body.text : undefined;
}

const summary = (outcome: Outcome): string => `${outcome.status} ${outcome.reason}`;
const typesOf = (events: readonly CacheEvent[]): string[] => events.map(({ type }) => type);

afterEach(() => {
  expect(rigs.map(({ engine }) => engine.inFlight)).toEqual(rigs.map(() => 0));
  rigs.length = 0;
});
const rigs: Rig[] = [];
function newRig(...options: Parameters<typeof engineRig>): Rig {
  const rig = engineRig(...options);
  rigs.push(rig);
  return rig;
}

describe('from the store', () => {
  test('a miss asks without conditions and stores; then it is a hit', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60) });
    const first = await handle(rig, { origin });
    expect([summary(first), textOf(first), first.notStored]).toEqual(['miss uri-miss', 'one', undefined]);
    expect(first.entry?.url).toBe('http://api.test/thing');
    rig.clock.advance(20);
    const second = await handle(rig, { origin });
    expect([summary(second), textOf(second), second.age]).toEqual(['hit fresh', 'one', 20]);
    expect(asked).toEqual([undefined]);
    expect(rig.events).toMatchObject([{ type: 'stored', key: 'shown GET http://api.test/thing anybody', bytes: 3 }]);
  });

  test('what is put there by hand is a hit, and its key is not held', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60) });
    const { content } = await handle(rig, { origin, url: 'http://api.test/other' });
    if (content.kind !== 'origin') throw new TypeError('It is no answer');
    expect(await rig.engine.seed(rig.exchange({ origin }).request, content.answer)).toBe(true);
    expect(rig.engine.inFlight).toBe(0);
    expect(summary(await handle(rig, { origin }))).toBe('hit fresh');
    expect(asked).toHaveLength(1);
  });

  test('a stale answer that the caller takes is stale, not fresh', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60) });
    await handle(rig, { origin });
    rig.clock.advance(61);
    const outcome = await handle(rig, { origin, headers: { 'cache-control': 'max-stale=10' } });
    expect([summary(outcome), outcome.age, asked.length]).toEqual(['stale max-stale', 61, 1]);
  });

  test('the caller asked for what changed since: a 304 of our own', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60, { etag: '"1"' }) });
    await handle(rig, { origin });
    const outcome = await handle(rig, { origin, headers: { 'if-none-match': '"1"' } });
    expect([outcome.content.kind, summary(outcome), asked.length]).toEqual(['not-modified', 'hit fresh', 1]);
  });

  test('the caller asked for a part: the part is said, the entry is whole', async () => {
    const rig = newRig();
    const bytes = { kind: 'bytes', bytes: new Uint8Array([1, 2, 3, 4]) } as const;
    const exchange = rig.exchange({ origin: () => ({ headers: caching(60, { etag: '"1"' }) }) });
    const send: typeof exchange.send = async (...args) => ({ ...(await exchange.send(...args)), body: bytes });
    await rig.engine.handle({ ...exchange, send });
    const outcome = await handle(rig, { origin: inTurn().origin, headers: { range: 'bytes=1-2' } });
    expect(outcome.content).toMatchObject({ kind: 'entry', part: { first: 1, last: 2 } });
    expect(summary(outcome)).toBe('hit fresh');
  });

  test('only-if-cached and nothing there: 504, and nobody is asked', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({});
    const outcome = await handle(rig, { origin, cache: 'only-if-cached' });
    expect([outcome.content.kind, summary(outcome), asked.length]).toEqual([
      'gateway-timeout',
      'miss only-if-cached',
      0,
    ]);
    expect([outcome.notStored, outcome.collapsed]).toEqual(['failed', false]);
  });

  test('an entry past its purge time counts as gone', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60, { etag: '"1"' }) });
    await handle(rig, { origin, cache: { keepStale: '1m' } });
    rig.clock.advance(120);
    expect(summary(await handle(rig, { origin, cache: { keepStale: '1m' } }))).toBe('miss uri-miss');
    expect(asked).toEqual([undefined, undefined]);
  });
});

describe('validation', () => {
  async function staleRig(...later: readonly (Reply | Error)[]) {
    const rig = newRig();
    const script = inTurn({ text: 'one', headers: caching(60, { etag: '"1"' }) }, ...later);
    await handle(rig, { origin: script.origin });
    rig.clock.advance(100);
    return { rig, ...script };
  }

  test('a 304 to our validators renews the entry, for whoever comes next', async () => {
    const { rig, origin, asked } = await staleRig({
      status: 304,
      headers: caching(600, { etag: '"1"', 'x-new': 'yes' }),
    });
    const outcome = await handle(rig, { origin });
    expect([summary(outcome), textOf(outcome), outcome.age]).toEqual(['revalidated not-modified', 'one', 0]);
    expect(asked[1]).toEqual({ 'if-none-match': '"1"' });
    rig.clock.advance(500);
    const later = await handle(rig, { origin });
    expect([summary(later), textOf(later), later.entry?.headers['x-new']]).toEqual(['hit fresh', 'one', 'yes']);
    expect(typesOf(rig.events)).toEqual(['stored', 'freshened']);
  });

  test('a 304 that forbids storing answers, and leaves nothing behind', async () => {
    const { rig, origin } = await staleRig({ status: 304, headers: { etag: '"1"', 'cache-control': 'no-store' } });
    const outcome = await handle(rig, { origin });
    expect([summary(outcome), outcome.entry, outcome.notStored]).toEqual([
      'revalidated not-modified',
      undefined,
      'no-store',
    ]);
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toEqual([]);
  });

  test('an entry that the storage was cleared of while it was validated is not written anew', async () => {
    const { rig } = await staleRig();
    const outcome = await handle(rig, {
      origin: async () => {
        await rig.storage.clear();
        return { status: 304, headers: caching(60, { etag: '"1"' }) };
      },
    });
    expect([summary(outcome), outcome.notStored]).toEqual(['revalidated not-modified', 'invalidated']);
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toEqual([]);
  });

  test('an entry that is gone once it was validated is not written anew', async () => {
    const { rig } = await staleRig();
    const outcome = await handle(rig, {
      origin: async () => {
        for await (const { key, resource, variant } of rig.storage.entries())
          await rig.storage.delete({ key, resource, variant });
        return { status: 304, headers: caching(60, { etag: '"1"' }) };
      },
    });
    expect([summary(outcome), outcome.notStored]).toEqual(['revalidated not-modified', 'invalidated']);
    const { origin } = inTurn({ text: 'two' });
    expect(textOf(await handle(rig, { origin }))).toBe('two');
  });

  test('a whole answer replaces the entry', async () => {
    const { rig, origin, asked } = await staleRig({ text: 'two', headers: caching(60, { etag: '"2"' }) });
    expect(summary(await handle(rig, { origin }))).toBe('miss expired');
    expect(textOf(await handle(rig, { origin }))).toBe('two');
    expect(asked).toHaveLength(2);
  });

  test('a 304 to something else is asked again without conditions', async () => {
    const { rig, origin, asked } = await staleRig(
      { status: 304, headers: { etag: '"other"' } },
      { text: 'two', headers: caching(60) },
    );
    const outcome = await handle(rig, { origin });
    expect([summary(outcome), textOf(outcome)]).toEqual(['miss condition-failed', 'two']);
    expect(asked).toEqual([undefined, { 'if-none-match': '"1"' }, undefined]);
    expect(typesOf(rig.events)).toEqual(['stored', 'stored']);
  });

  test('what a storage renews that takes its time is known as stored', async () => {
    class Slow extends MemoryStorage {
      override async touch(...given: Parameters<MemoryStorage['touch']>): Promise<boolean> {
        return super.touch(...given);
      }
    }
    const rig = newRig({ storage: new Slow() });
    const headers = caching(60, { etag: '"1"' });
    const { origin } = inTurn({ text: 'one', headers }, { status: 304, headers });
    await handle(rig, { origin });
    rig.clock.advance(100);
    const outcome = await handle(rig, { origin });
    expect([summary(outcome), outcome.entry?.url]).toEqual(['revalidated not-modified', 'http://api.test/thing']);
  });

  test.each([
    ['404: what was stored is wrong now', { status: 404 }, 0],
    ['200 that may not be stored: so is this', { text: 'two', headers: { 'cache-control': 'no-store' } }, 0],
    ['500 says nothing of it', { status: 500 }, 1],
    ['206 is a part', { status: 206, text: 'tw' }, 1],
    ['416 is about a range', { status: 416 }, 1],
  ])('answered by %s', async (_rule, reply, left) => {
    const { rig, origin } = await staleRig(reply);
    const outcome = await handle(rig, { origin });
    expect(outcome.content).toMatchObject({ kind: 'origin' });
    expect(outcome.entry).toBeUndefined();
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toHaveLength(left);
  });

  test('the entry of a reload is replaced without conditions, or dropped', async () => {
    const { rig, origin, asked } = await staleRig({ status: 404 });
    expect(summary(await handle(rig, { origin, cache: 'reload' }))).toBe('miss reload');
    expect(asked[1]).toBeUndefined();
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toEqual([]);
  });
});

describe('not stored', () => {
  const long = 'x'.repeat(100);
  test.each<[string, Reply, Given['cache'], string]>([
    ['no-store', { headers: { 'cache-control': 'no-store' } }, undefined, 'no-store'],
    ['a status that is not allowed', { status: 500 }, undefined, 'status'],
    ['a body that cannot be kept', { unreadable: true, headers: caching(60) }, undefined, 'incomplete'],
    ['a body too large', { text: long, headers: caching(60) }, { maxEntryBytes: 99 }, 'too-large'],
    ['a filter that refuses', { headers: caching(60) }, { filter: () => false }, 'filtered'],
    ['a filter that rejects', { headers: caching(60) }, { filter: () => Promise.reject(new Error('no')) }, 'filtered'],
    ['tags that throw', { headers: caching(60) }, { tags: () => { throw new Error('no'); } }, 'filtered'],
    ['tags that are no list', { headers: caching(60) }, { tags: () => undefined as never }, 'filtered'],
  ])('%s', async (_rule, reply, cache, reason) => {
    const rig = newRig();
    const outcome = await handle(rig, { origin: () => reply, ...(cache === undefined ? {} : { cache }) });
    expect(outcome).toMatchObject({ status: 'miss', reason: 'uri-miss', entry: undefined, notStored: reason });
    expect(rig.events).toEqual([{ type: 'not-stored', url: 'http://api.test/thing', reason }]);
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toEqual([]);
  });

  test('tags are kept with the entry, given as a list or by what the answer holds', async () => {
    const rig = newRig();
    const origin: FakeOrigin = () => ({ text: 'one', headers: caching(60) });
    const listed = await handle(rig, { origin, url: 'http://api.test/a', cache: { tags: ['a', 'b'] } });
    const computed = await handle(rig, { origin, url: 'http://api.test/b', cache: { tags: (answer) => [answer.text()] } });
    expect([listed.entry?.raw.tags, computed.entry?.raw.tags]).toEqual([['a', 'b'], ['one']]);
  });

  test('what a filter refuses on reading is deleted, and the reason is said', async () => {
    const rig = newRig();
    const { origin } = inTurn({ text: 'one', headers: caching(60) });
    await handle(rig, { origin });
    const outcome = await handle(rig, { origin, cache: { filter: (answer) => answer.text() !== 'one' } });
    expect([summary(outcome), outcome.notStored]).toEqual(['miss filtered', 'filtered']);
  });
});

describe('why there was nothing to serve', () => {
  test('the storage failed', async () => {
    class Failing extends MemoryStorage {
      override get(): Promise<StorageReading> {
        return Promise.reject(new Error('disk on fire'));
      }
    }
    const rig = newRig({ storage: new Failing() });
    const outcome = await handle(rig, { origin: () => ({ text: 'one' }) });
    expect([summary(outcome), textOf(outcome)]).toEqual(['miss storage-error', 'one']);
    expect(outcome.notStored).toBe('storage-error');
  });

  test('the entry could not be read: it is deleted', async () => {
    const rig = newRig();
    const { origin } = inTurn({ text: 'one', headers: caching(60) }, { status: 500 });
    const { entry } = await handle(rig, { origin });
    if (entry === undefined) throw new TypeError('Nothing was stored');
    await rig.storage.set({ ...entry.raw, head: '{}' });
    expect(summary(await handle(rig, { origin }))).toBe('miss unreadable');
    expect(await storedUnder(rig.storage, entry.raw.key)).toEqual([]);
  });

  test('the entry could not be read, but another one was found', async () => {
    const rig = newRig();
    const { origin } = inTurn({ text: 'one', headers: caching(60, { vary: 'x-language' }) });
    const [german, english, french] = ['de', 'en', 'fr'].map((name) => ({ origin, headers: { 'x-language': name } }));
    const { entry } = await handle(rig, german!);
    await handle(rig, english!);
    await rig.storage.set({ ...entry!.raw, head: '{}' });
    expect(summary(await handle(rig, french!))).toBe('miss vary-miss');
  });
});

describe('variants', () => {
  const byLanguage: FakeOrigin = () => ({ text: 'words', headers: caching(60, { vary: 'x-language' }) });
  const languages = (...names: readonly string[]): Given[] =>
    names.map((name) => ({ origin: byLanguage, headers: { 'x-language': name } }));

  test('one that may not be stored takes the others along', async () => {
    const rig = newRig();
    for (const given of languages('de', 'en')) await handle(rig, given);
    const forbidden: FakeOrigin = () => ({ headers: { 'cache-control': 'no-store', vary: 'x-language' } });
    await handle(rig, { origin: forbidden, headers: { 'x-language': 'fr' } });
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toEqual([]);
  });

  test('at most maxVariants are kept, the oldest goes', async () => {
    const rig = newRig({ maxVariants: 2 });
    for (const given of languages('de', 'en', 'fr')) {
      expect((await handle(rig, given)).entry).toBeDefined();
      rig.clock.advance(1);
    }
    const statuses: string[] = [];
    for (const given of languages('en', 'fr', 'de')) statuses.push(summary(await handle(rig, given)));
    expect(statuses).toEqual(['hit fresh', 'hit fresh', 'miss vary-miss']);
    expect(rig.events.filter(({ type }) => type === 'evicted')).toMatchObject([
      { reason: 'variants' },
      { reason: 'variants' },
    ]);
  });
});

describe('HEAD', () => {
  const url = 'http://api.test/thing';
  async function afterGet(reply: Reply) {
    const rig = newRig();
    await handle(rig, { origin: () => ({ text: 'one', headers: caching(60, { etag: '"1"' }) }) });
    const head = inTurn(reply);
    return { rig, head, get: inTurn({ text: 'two' }) };
  }

  test('is answered by a stored GET', async () => {
    const { rig, head } = await afterGet({});
    expect(summary(await handle(rig, { origin: head.origin, method: 'HEAD' }))).toBe('hit fresh');
    expect(head.asked).toEqual([]);
  });

  test('that finds the same freshens the stored GET', async () => {
    const { rig, head, get } = await afterGet({ headers: caching(600, { etag: '"1"' }) });
    rig.clock.advance(100);
    await handle(rig, { origin: head.origin, method: 'HEAD', cache: 'reload' });
    rig.clock.advance(300);
    expect(summary(await handle(rig, { origin: get.origin }))).toBe('hit fresh');
  });

  test('that finds another drops the stored GET', async () => {
    const { rig, head, get } = await afterGet({ headers: caching(600, { etag: '"2"' }) });
    await handle(rig, { origin: head.origin, method: 'HEAD', cache: 'reload' });
    expect(await storedUnder(rig.storage, `GET ${url} anybody`)).toEqual([]);
    expect(summary(await handle(rig, { origin: get.origin }))).toBe('miss uri-miss');
  });

  test('that fails says nothing of the stored GET', async () => {
    const { rig, head } = await afterGet({ status: 500 });
    await handle(rig, { origin: head.origin, method: 'HEAD', cache: 'reload' });
    expect(await storedUnder(rig.storage, `GET ${url} anybody`)).toHaveLength(1);
  });
});

describe('stale in place of an error', () => {
  const bridging = { staleIfError: '1h' } as const;
  async function staleRig(failure: Reply | Error) {
    const rig = newRig();
    const script = inTurn({ text: 'one', headers: caching(60) }, failure);
    await handle(rig, { origin: script.origin });
    rig.clock.advance(100);
    return { rig, ...script };
  }

  test.each<[string, Reply | Error]>([
    ['the origin cannot be reached', new Error('ECONNRESET')],
    ['503', { status: 503 }],
  ])('%s', async (_failure, failure) => {
    const { rig, origin } = await staleRig(failure);
    const outcome = await handle(rig, { origin, cache: bridging });
    expect([summary(outcome), textOf(outcome), outcome.age]).toEqual(['stale stale-if-error', 'one', 100]);
    expect(await storedUnder(rig.storage, 'GET http://api.test/thing anybody')).toHaveLength(1);
  });

  test.each<[string, Reply | Error]>([
    ['the request was wrong', new Wrong('no such option')],
    ['the caller gave up', new Gone('left')],
  ])('not when %s', async (_rule, failure) => {
    const { rig, origin } = await staleRig(failure);
    await expect(handle(rig, { origin, cache: bridging })).rejects.toBe(failure);
  });

  test('not unless somebody allows it', async () => {
    const { rig, origin } = await staleRig(new Error('ECONNRESET'));
    await expect(handle(rig, { origin })).rejects.toThrow('ECONNRESET');
  });

  test('not without an entry', async () => {
    const rig = newRig();
    await expect(handle(rig, { origin: inTurn(new Error('ECONNRESET')).origin, cache: bridging })).rejects.toThrow(
      'ECONNRESET',
    );
  });

  test('each caller of a shared failure by its own policy', async () => {
    const { rig } = await staleRig({ status: 503 });
    const held = gate();
    const origin: FakeOrigin = async () => {
      await held.passed;
      return { status: 503 };
    };
    const bridged = handle(rig, { origin, cache: bridging });
    await settled();
    const plain = handle(rig, { origin });
    await settled();
    held.open();
    expect(summary(await bridged)).toBe('stale stale-if-error');
    expect((await plain).content).toMatchObject({ kind: 'origin', answer: { status: 503 } });
  });
});

describe('streams', () => {
  test('a miss is not shared', async () => {
    const rig = newRig();
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60) });
    const outcomes = await Promise.all([1, 2].map(() => handle(rig, { origin, streams: true })));
    expect(outcomes.map(summary)).toEqual(['miss uri-miss', 'miss uri-miss']);
    expect(asked.length).toBe(2);
  });

  test('a hit is served', async () => {
    const rig = newRig();
    const { origin } = inTurn({ text: 'one', headers: caching(60) });
    await handle(rig, { origin });
    expect(summary(await handle(rig, { origin, streams: true }))).toBe('hit fresh');
  });
});

describe('background refresh', () => {
  const refreshing = caching(60, { 'cache-control': 'max-age=60, stale-while-revalidate=600', etag: '"1"' });
  async function staleRig() {
    const rig = newRig();
    await handle(rig, { origin: () => ({ text: 'one', headers: refreshing }) });
    rig.clock.advance(100);
    return rig;
  }

  test('the stale answer at once, one refresh for all, the new one afterwards; idle waits for it', async () => {
    const rig = await staleRig();
    const held = gate();
    let asked = 0;
    const origin: FakeOrigin = async () => {
      asked += 1;
      await held.passed;
      return { text: 'two', headers: refreshing };
    };
    const outcomes = [await handle(rig, { origin }), await handle(rig, { origin })];
    expect(outcomes.map(summary)).toEqual(['stale stale-while-revalidate', 'stale stale-while-revalidate']);
    expect(outcomes.map(textOf)).toEqual(['one', 'one']);
    let idle = false;
    const waiting = rig.engine.idle().then(() => {
      idle = true;
    });
    await settled();
    expect([asked, idle]).toEqual([1, false]);
    held.open();
    await waiting;
    expect(textOf(await handle(rig, { origin }))).toBe('two');
    expect(asked).toBe(1);
  });

  test('a 304 renews', async () => {
    const rig = await staleRig();
    const { origin, asked } = inTurn({ status: 304, headers: refreshing });
    await handle(rig, { origin });
    await rig.engine.idle();
    expect(asked).toEqual([{ 'if-none-match': '"1"' }]);
    expect(summary(await handle(rig, { origin }))).toBe('hit fresh');
  });

  test.each<[string, Reply | Error, string, number]>([
    // It may have been the conditions, so that it is asked without them too: once that was in vain, not again.
    ['an origin that cannot be reached', new Error('ECONNRESET'), 'ECONNRESET', 4],
    ['an error answer', { status: 502 }, '502', 3],

  ])('%s is an event, and the entry stays', async (_rule, failure, message, requests) => {
    const rig = await staleRig();
    const { origin, asked } = inTurn(failure);
    await handle(rig, { origin });
    await rig.engine.idle();
    const errors = rig.events.filter((event) => event.type === 'refresh-error');
    expect(errors).toMatchObject([{ url: 'http://api.test/thing' }]);
    expect(String(errors[0]?.error)).toContain(message);
    expect(summary(await handle(rig, { origin }))).toBe('stale stale-while-revalidate');
    await rig.engine.idle();
    expect(asked).toHaveLength(requests);
  });

  test('a resource that is gone: the entry goes too, without an error', async () => {
    const rig = await staleRig();
    await handle(rig, { origin: () => ({ status: 404 }) });
    await rig.engine.idle();
    expect(typesOf(rig.events)).not.toContain('refresh-error');
    expect(summary(await handle(rig, { origin: () => ({ status: 404 }) }))).toBe('miss uri-miss');
  });

  test('the one whose request began it may leave: it goes on', async () => {
    const rig = await staleRig();
    const held = gate();
    const caller = new Caller();
    const origin: FakeOrigin = async ({ signal }) => {
      await held.passed;
      signal.throwIfAborted();
      return { text: 'two', headers: refreshing };
    };
    await handle(rig, { origin, caller });
    caller.leave();
    held.open();
    await rig.engine.idle();
    expect(textOf(await handle(rig, { origin }))).toBe('two');
  });
});

describe('many callers', () => {
  /** All are under way before the first answer comes. */
  async function together(rig: Rig, givens: readonly Given[], reply: (number: number) => Reply | Error) {
    const held = gate();
    let asked = 0;
    const origin: FakeOrigin = async () => {
      asked += 1;
      const number = asked;
      await held.passed;
      const given = reply(number);
      if (given instanceof Error) throw given;
      return given;
    };
    const outcomes = givens.map((given) => handle(rig, { ...given, origin }));
    await settled();
    const before = asked;
    held.open();
    const results = await Promise.allSettled(outcomes);
    return {
      before,
      asked,
      results,
      outcomes: results.map((result) => (result.status === 'fulfilled' ? result.value : undefined)),
    };
  }
  const anybody = { origin: inTurn().origin };
  const three = [anybody, anybody, anybody];

  test('share one origin request', async () => {
    const { asked, outcomes } = await together(newRig(), three, () => ({ text: 'one', headers: caching(60) }));
    expect(asked).toBe(1);
    expect(outcomes.map((outcome) => [outcome?.collapsed, outcome?.status, outcome?.reason])).toEqual([
      [false, 'miss', 'uri-miss'],
      [true, 'miss', 'uri-miss'],
      [true, 'miss', 'uri-miss'],
    ]);
  });

  test('share a renewal', async () => {
    const rig = newRig();
    await handle(rig, { origin: () => ({ text: 'one', headers: caching(60, { etag: '"1"' }) }) });
    rig.clock.advance(100);
    const { asked, outcomes } = await together(rig, three, () => ({
      status: 304,
      headers: caching(60, { etag: '"1"' }),
    }));
    expect(asked).toBe(1);
    expect(outcomes.map((outcome) => outcome && [outcome.collapsed, summary(outcome), textOf(outcome)])).toEqual([
      [false, 'revalidated not-modified', 'one'],
      [true, 'revalidated not-modified', 'one'],
      [true, 'revalidated not-modified', 'one'],
    ]);
  });

  test.each<[string, Reply, Given['cache']]>([
    ['an answer whose status is not cached', { status: 404 }, undefined],
    ['an answer too large to keep', { text: 'large', headers: caching(60) }, { maxEntryBytes: 1 }],
  ])('share %s, which cannot be stored, and nobody is served it later', async (_rule, reply, cache) => {
    const rig = newRig();
    const givens = three.map((given) => (cache === undefined ? given : { ...given, cache }));
    const { asked, outcomes } = await together(rig, givens, () => reply);
    expect(asked).toBe(1);
    expect(outcomes.map((outcome) => outcome?.collapsed)).toEqual([false, true, true]);
    const { asked: later } = await together(rig, givens, () => reply);
    expect(later).toBe(1);
  });

  test.each<[string, Partial<Given>, Partial<Given>]>([
    ['that travel differently', { identity: 'a' }, { identity: 'b' }],
    ['of different users', { user: 'a' }, { user: 'b' }],
    ['of different URLs', { url: 'http://api.test/a' }, { url: 'http://api.test/b' }],
    ['who do not want to', { cache: { collapse: false } }, { cache: { collapse: false } }],
  ])('do not share: those %s', async (_rule, one, other) => {
    const givens = [{ ...anybody, ...one }, { ...anybody, ...other }];
    const { before } = await together(newRig(), givens, () => ({ headers: caching(60) }));
    expect(before).toBe(2);
  });

  test.each<[string, Partial<Given>]>([
    ['mode reload', { cache: 'reload' }],
    ['mode no-cache', { cache: 'no-cache' }],
    ['Cache-Control: no-cache', { headers: { 'cache-control': 'no-cache' } }],
    ['max-age=0', { headers: { 'cache-control': 'max-age=0' } }],
  ])('%s: what was asked before does not answer it, and others share as before', async (_rule, demand) => {
    const rig = newRig();
    const answer = (number: number): Reply => ({ text: String(number), headers: caching(60) });
    const held = gate();
    const before = handle(rig, { origin: () => held.passed.then(() => answer(0)) });
    await settled();
    const demanding = handle(rig, { ...demand, origin: () => answer(1) });
    // Nor does it wait for it.
    expect(textOf(await demanding)).toBe('1');
    held.open();
    expect(textOf(await before)).toBe('0');
    const newest = await handle(rig, { ...demand, origin: () => answer(2) });
    expect(textOf(newest)).toBe('2');
    rig.clock.advance(100);
    expect((await together(rig, three, () => answer(3))).asked).toBe(1);
  });

  test('who demands the origin’s word does not wait for what was asked before', async () => {
    const rig = newRig();
    await handle(rig, { origin: () => ({ text: 'old', headers: caching(60) }) });
    rig.clock.advance(100);
    const held = gate();
    const before = handle(rig, { origin: () => held.passed.then(() => ({ text: 'before', headers: caching(60) })) });
    await settled();
    const after = await handle(rig, { cache: 'reload', origin: () => ({ text: 'after', headers: caching(60) }) });
    expect(textOf(after)).toBe('after');
    held.open();
    await before;
  });

  test.each<[string, HeaderFields, Given['headers']]>([
    ['a max-age that is less than its age', caching(60), { 'cache-control': 'max-age=10' }],
    ['a min-fresh that is more than it has left', caching(60), { 'cache-control': 'min-fresh=50' }],
    ['no-cache of its own', { 'cache-control': 'no-cache', etag: '"1"' }, {}],
  ])('nor does who may not use what is stored because of %s', async (_what, stored, headers = {}) => {
    const rig = newRig();
    await handle(rig, { origin: () => ({ text: 'old', headers: stored }) });
    rig.clock.advance(20);
    const held = gate();
    const origin = () => held.passed.then(() => ({ text: 'before', headers: stored }));
    const before = handle(rig, { cache: 'reload', origin });
    await settled();
    expect(textOf(await handle(rig, { headers, origin: () => ({ text: 'after', headers: stored }) }))).toBe('after');
    held.open();
    await before;
  });

  test('an answer to a range says nothing of whether whole ones can be shared', async () => {
    const rig = newRig();
    await handle(rig, { headers: { range: 'bytes=0-1' }, origin: () => ({ status: 206, text: 'wh' }) });
    expect((await together(rig, three, () => ({ text: 'whole', headers: caching(60) }))).asked).toBe(1);
  });

  test.each<[string, Partial<Given>, Reply]>([
    ['a range', { headers: { range: 'bytes=0-1' } }, { status: 206, text: 'wh' }],
    ['a condition', { headers: { 'if-none-match': '"1"' } }, { status: 304, headers: { etag: '"1"' } }],
  ])('%s: nobody waits for an answer of use to one caller only', async (_rule, particular, reply) => {
    const rig = newRig();
    const whole: Reply = { text: 'whole', headers: caching(60) };
    const givens = [{ ...anybody, ...particular }, ...three];
    const { before, asked, outcomes } = await together(rig, givens, (number) => (number === 1 ? reply : whole));
    expect([before, asked]).toEqual([2, 2]);
    expect(outcomes.map((outcome) => outcome?.collapsed)).toEqual([false, false, true, true]);
    await rig.storage.clear();
    expect((await together(rig, three, () => whole)).asked).toBe(1);
  });

  test('an answer for one caller is no other caller’s; the next ones do not even wait for it', async () => {
    const rig = newRig();
    const reply = (number: number): Reply => ({ text: String(number), headers: { 'cache-control': 'no-store' } });
    const first = await together(rig, three, reply);
    expect([first.before, first.asked]).toEqual([1, 3]);
    expect(new Set(first.outcomes.map((outcome) => outcome && textOf(outcome))).size).toBe(3);
    expect((await together(rig, three, reply)).before).toBe(3);
  });

  test('a key whose answers can be shared again is shared again', async () => {
    const rig = newRig();
    await together(rig, three, () => ({ headers: { 'cache-control': 'no-store' } }));
    await handle(rig, { origin: () => ({ headers: caching(60) }) });
    await rig.storage.clear();
    expect((await together(rig, three, () => ({ headers: caching(60) }))).before).toBe(1);
  });

  test('only so many keys that cannot be shared are remembered', async () => {
    const rig = newRig();
    const noStore = (): Reply => ({ headers: { 'cache-control': 'no-store' } });
    const url = (number: number): string => `http://api.test/${number}`;
    const at = (number: number): Given[] => three.map((given) => ({ ...given, url: url(number) }));
    for (let number = 0; number <= 1000; number += 1) await handle(rig, { origin: noStore, url: url(number) });
    expect((await together(rig, at(0), noStore)).before).toBe(1);
    expect((await together(rig, at(1000), noStore)).before).toBe(3);
  });

  test('with other fields that Vary names: one request for each of them', async () => {
    const rig = newRig();
    const language = (name: string): Given => ({ ...anybody, headers: { 'x-language': name } });
    const givens = [language('de'), language('en'), language('en'), language('de')];
    const { asked, outcomes } = await together(rig, givens, (number) => ({
      text: String(number),
      headers: caching(60, { vary: 'x-language' }),
    }));
    expect(asked).toBe(2);
    expect(outcomes.map((outcome) => outcome && textOf(outcome))).toEqual(['1', '2', '2', '1']);
  });

  test('ask once more, together, after a failure, and share the second one', async () => {
    const { asked, results } = await together(newRig(), three, () => new Error('ECONNRESET'));
    expect(asked).toBe(2);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  test('a request that was wrong from the start is wrong for all who send it', async () => {
    const { asked, results } = await together(newRig(), three, () => new Wrong('no such option'));
    expect([asked, results.map(({ status }) => status)]).toEqual([1, ['rejected', 'rejected', 'rejected']]);
  });

  test('and another user asks for himself', async () => {
    const rig = newRig();
    const held = gate();
    const first = handle(rig, { origin: () => held.passed.then(() => { throw new Wrong('no such user'); }) });
    await settled();
    const exchange = rig.exchange({ origin: () => ({ text: 'mine', headers: caching(60) }) });
    const second = rig.engine.handle({ ...exchange, isSameUserAs: () => false });
    await settled();
    held.open();
    await expect(first).rejects.toThrow(Wrong);
    expect(textOf(await second)).toBe('mine');
  });

  test('a failure that cannot be given to others is asked for once more together, and then by each, at once', async () => {
    const rig = newRig();
    const [first, later] = [gate(), gate()];
    let asked = 0;
    const origin: FakeOrigin = async () => {
      asked += 1;
      await (asked <= 2 ? first : later).passed;
      return { status: 503, unreadable: true };
    };
    const all = [1, 2, 3, 4, 5].map(() => handle(rig, { origin }));
    await settled();
    first.open();
    await settled();
    expect(asked).toBe(5);
    later.open();
    expect((await Promise.all(all)).map(({ collapsed }) => collapsed)).toEqual(Array(5).fill(false));
    expect(asked).toBe(5);
  });

  test('when the leader’s own request is given up, another leads', async () => {
    const { asked, results } = await together(newRig(), three, (number) =>
      number === 1 ? new Gone('timed out') : { text: 'two', headers: caching(60) },
    );
    expect(asked).toBe(2);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  test('a caller who leaves takes nobody along; the last one ends the origin request', async () => {
    const rig = newRig();
    const callers = [new Caller(), new Caller()];
    let signal: AbortSignal | undefined;
    const origin: FakeOrigin = (asked) => {
      ({ signal } = asked);
      return new Promise<never>((_resolve, reject) => {
        asked.signal.addEventListener('abort', () => reject(new Gone('aborted')));
      });
    };
    const waiting = callers.map((caller) => handle(rig, { origin, caller }));
    await settled();
    callers[0]?.leave();
    await expect(waiting[0]).rejects.toThrow(Gone);
    expect(signal?.aborted).toBe(false);
    callers[1]?.leave();
    await expect(waiting[1]).rejects.toThrow(Gone);
    expect(signal?.aborted).toBe(true);
    await settled();
  });

  test('who comes after everybody left asks anew', async () => {
    const rig = newRig();
    const caller = new Caller();
    const held = gate();
    const given: Given = { origin: () => held.passed.then(() => ({ text: 'old', headers: caching(60) })), caller };
    const left = handle(rig, given);
    await settled();
    caller.leave();
    await expect(left).rejects.toThrow(Gone);
    const outcome = await handle(rig, { origin: () => ({ text: 'new', headers: caching(60) }) });
    expect([textOf(outcome), outcome.collapsed]).toEqual(['new', false]);
    held.open();
    await settled();
  });

  test('a caller who leaves while the storage is read is gone at once', async () => {
    const held = gate();
    class Slow extends MemoryStorage {
      override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
        await held.passed;
        return super.get(...sought);
      }
    }
    const rig = newRig({ storage: new Slow() });
    const caller = new Caller();
    const waiting = handle(rig, { origin: inTurn().origin, caller });
    caller.leave();
    await expect(waiting).rejects.toThrow(Gone);
    held.open();
  });
});

describe('looking again', () => {
  /** A storage whose n-th read ends only once its gate is opened. */
  class SlowReads extends MemoryStorage {
    readonly gates = new Map<number, Promise<void>>();
    reads = 0;
    override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
      this.reads += 1;
      const held = this.gates.get(this.reads);
      const found = await super.get(...sought);
      await held;
      return found;
    }
  }

  test('a read that began before the entry was stored and ended after it is made again', async () => {
    const storage = new SlowReads();
    const late = gate();
    storage.gates.set(2, late.passed);
    const rig = newRig({ storage });
    const { origin, asked } = inTurn({ text: 'one', headers: caching(60) });
    const outcomes = [handle(rig, { origin }), handle(rig, { origin })];
    await outcomes[0];
    late.open();
    const second = await outcomes[1];
    expect(second && [summary(second), textOf(second)]).toEqual(['hit fresh', 'one']);
    expect([asked.length, storage.reads]).toEqual([1, 3]);
  });

  test('not for ever: whoever always comes too late asks the origin', async () => {
    class AlwaysBehind extends MemoryStorage {
      onRead: (() => Promise<unknown>) | undefined;
      override async get(...sought: Parameters<MemoryStorage['get']>): Promise<StorageReading> {
        const { onRead } = this;
        if (onRead === undefined) return super.get(...sought);
        this.onRead = undefined;
        await onRead();
        this.onRead = onRead;
        return { entries: [] };
      }
    }
    const storage = new AlwaysBehind();
    const rig = newRig({ storage });
    const others = inTurn({ text: 'other', headers: caching(60) });
    storage.onRead = () => handle(rig, { origin: others.origin, cache: 'reload' });
    const { origin, asked } = inTurn({ text: 'mine', headers: caching(60) });
    const outcome = await handle(rig, { origin });
    expect([textOf(outcome), asked.length, others.asked.length]).toEqual(['mine', 1, 4]);
  });

  test('not for who demands the origin’s word', async () => {
    const storage = new SlowReads();
    const late = gate();
    storage.gates.set(2, late.passed);
    const rig = newRig({ storage });
    await handle(rig, { origin: () => ({ text: 'one', headers: caching(60) }) });
    const reload = (text: string): Given => ({ origin: () => ({ text, headers: caching(60) }), cache: 'reload' });
    const slow = handle(rig, reload('slow'));
    await handle(rig, reload('quick'));
    late.open();
    expect(textOf(await slow)).toBe('slow');
    expect(storage.reads).toBe(3);
  });

  /** Another process has the lease for so long that nobody waits for it to the end. */
  class LeasedElsewhere extends MemoryStorage {
    readonly leaseMs = 10_000;
    asked = 0;
    /** It is shown once, and is gone then. */
    shown: StorageReading | undefined;

    lease(): Promise<undefined> {
      this.asked += 1;
      return Promise.resolve(undefined);
    }

    override get(...sought: Parameters<MemoryStorage['get']>): ReturnType<MemoryStorage['get']> {
      const { shown } = this;
      this.shown = undefined;
      return shown ?? super.get(...sought);
    }
  }

  test('those who wait for the lease of another process find what that has stored', async () => {
    const storage = new LeasedElsewhere();
    const [rig, other] = [newRig({ storage }), newRig({ storage })];
    const waiting = [1, 2].map(() => handle(rig, { origin: inTurn().origin }));
    await settled();
    await handle(other, { origin: () => ({ text: 'one', headers: caching(60) }), cache: 'reload' });
    const outcomes = await Promise.all(waiting);
    expect(outcomes.map((each) => [summary(each), textOf(each)])).toEqual(Array(2).fill(['hit fresh', 'one']));
  });

  test('and wait for no other lease where that is gone by then', async () => {
    const storage = new LeasedElsewhere();
    const [rig, other] = [newRig({ storage }), newRig()];
    const { entry } = await handle(other, { origin: () => ({ text: 'one', headers: caching(60) }) });
    const { origin } = inTurn({ text: 'mine', headers: caching(60) });
    const waiting = [1, 2].map(() => handle(rig, { origin }));
    await settled();
    storage.shown = { entries: [entry!.raw] };
    expect((await Promise.all(waiting)).map(textOf)).toEqual(['mine', 'mine']);
    expect(storage.asked).toBeLessThanOrEqual(2);
  });
});

describe('a copy that a cache below this one may have', () => {
  const kept: Given = { origin: () => ({ text: 'one', headers: caching(60, { vary: 'x-language' }) }) };
  const unread = (): never => { throw new Error('disk on fire'); };

  test.each<[string, string, (rig: Rig) => unknown, Partial<Given>]>([
    ['will do', 'nothing is stored', () => undefined, {}],
    ['will do', 'another variant is stored', (rig) => handle(rig, kept), { headers: { 'x-language': 'de' } }],
    ['will do', 'no part of what is stored can be taken', (rig) => handle(rig, kept), {
      headers: { range: 'bytes=0-1' },
    }],
    ['will do', 'what is stored cannot be read', async (rig) => {
      const { entry } = await handle(rig, kept);
      await rig.storage.set({ ...entry!.raw, head: '{}' });
    }, {}],
    ['will do', 'the storage fails', (rig) => Object.assign(rig.storage, { get: unread }), {}],
    ['will not do', 'what is stored is outdated', async (rig) => {
      await handle(rig, kept);
      rig.clock.advance(61);
    }, {}],
    ['will do', 'the request has conditions, by which it passes such caches', async (rig) => {
      await handle(rig, { origin: () => ({ text: 'one', headers: caching(60, { etag: '"1"' }) }) });
      rig.clock.advance(61);
    }, {}],
  ])('%s where %s', async (will, _where, prepare, more) => {
    const rig = newRig();
    await prepare(rig);
    const exchange = rig.exchange({ ...kept, ...more });
    const asked: string[] = [];
    const send: typeof exchange.send = (...given) => {
      asked.push(given[4]);
      return exchange.send(...given);
    };
    await rig.engine.handle({ ...exchange, send });
    expect(asked).toEqual([will.replaceAll(' ', '-')]);
  });
});
