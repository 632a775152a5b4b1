/** The guard: whatever a storage does becomes data within the time limit. */
import { runInNewContext } from 'node:vm';
import { CacheError } from '../../lib/api/errors.js';
import { withoutBody } from '../../lib/storage/contract/rule.js';
import { ALL, codeOf, type Ends, entry, guard, hanging, listKeys, OPERATIONS } from './guarded.js';
import { SCOPE } from '../support/entry.js';
import { allowNoUnhandledRejection } from '../support/unhandled.js';

allowNoUnhandledRejection();

const foreignBytes = (): Uint8Array => runInNewContext('Uint8Array.of(1, 2, 3)') as Uint8Array;
/** With what need not be an Error. */
const rejecting = async (reason: unknown): Promise<never> => {
  throw reason;
};
const iterableOf = (iterator: Readonly<Record<string, unknown>>) => ({
  entries: () => ({ [Symbol.asyncIterator]: () => iterator }),
});

describe('what a storage answers passes', () => {
  test('from each operation', async () => {
    const { guarded, failures } = guard();
    expect(await guarded.set(entry, undefined)).toEqual({ ok: true, value: true });
    expect(await guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
    expect(await guarded.touch(withoutBody(entry), undefined)).toEqual({ ok: true, value: true });
    expect(await listKeys(guarded)).toEqual(['key']);
    expect(await guarded.deleteExpired(entry.createdAtMs)).toEqual({ ok: true, value: 0 });
    expect(await guarded.delete({ key: 'key', resource: 'resource' })).toEqual({ ok: true, value: 1 });
    expect(await guarded.meta('name', () => 'value')).toEqual({ ok: true, value: 'value' });
    expect(await guarded.clear()).toEqual({ ok: true, value: undefined });
    expect(await guarded.close()).toEqual({ ok: true, value: undefined });
    expect(failures).toEqual([]);
  });

  test.each([
    ['no promise', () => ({ entries: [entry] })],
    ['a thenable', () => ({ then: (resolve: (value: unknown) => void) => { resolve({ entries: [entry] }); } })],
    ['bytes of another realm', async () => ({ entries: [{ ...entry, body: foreignBytes() }] })],
  ])('as %s', async (_name, get) => {
    const { guarded } = guard({ get });
    const result = await guarded.get('key', SCOPE);
    expect(result.ok && result.value.entries.map(({ key }) => key)).toEqual(['key']);
  });

  test('but for a list, of which it is told what it lacks', async () => {
    const { guarded, failures } = guard({ get: async () => [entry] });
    expect((await guarded.get('key', SCOPE)).ok).toBe(false);
    expect(failures.map(({ error }) => error.message)).toEqual([expect.stringContaining('{ entries, fence }')]);
  });

  test('with time limits longer than any timer', async () => {
    const get = () => new Promise((resolve) => setTimeout(resolve, 20, { entries: [entry] }));
    const { guarded } = guard({ get }, Infinity);
    expect((await guarded.get('key', SCOPE)).ok).toBe(true);
  });

  test('at once where it is there at once, from each operation', () => {
    const { guarded, failures } = guard();
    expect(guarded.set(entry, undefined)).toEqual({ ok: true, value: true });
    expect(guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
    expect(guarded.touch(withoutBody(entry), undefined)).toEqual({ ok: true, value: true });
    expect(guarded.deleteExpired(entry.createdAtMs)).toEqual({ ok: true, value: 0 });
    expect(guarded.delete({ key: 'key', resource: 'resource' })).toEqual({ ok: true, value: 1 });
    expect(guarded.meta('name', () => 'value')).toEqual({ ok: true, value: 'value' });
    expect(guarded.clear()).toEqual({ ok: true, value: undefined });
    expect(guarded.close()).toEqual({ ok: true, value: undefined });
    expect(guarded.get('key', SCOPE)).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_CLOSED' } });
    expect(failures).toHaveLength(1);
  });

  test('as a list that the storage cannot change any more', () => {
    const list = [entry];
    const { guarded } = guard({ get: () => ({ entries: list }) });
    const result = guarded.get('key', SCOPE);
    list.pop();
    expect(result).toMatchObject({ ok: true, value: { entries: [entry] } });
  });

  test('without a timer left behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const { guarded } = guard({ set: () => rejecting('no') });
    await guarded.get('key', SCOPE);
    await guarded.set(entry, undefined);
    expect(timers()).toBe(before);
  });
});

describe('what a storage does wrong is data', () => {
  const cause = new Error('driver: cannot read key');
  /** A promise looks for `then` itself. */
  const thrown = (name: string | symbol): undefined => {
    if (name === 'then') return undefined;
    throw cause;
  };

  describe.each(ALL)('in %s', (operation) => {
    const call = OPERATIONS[operation];

    test.each([
      ['rejects', () => Promise.reject(cause), cause],
      ['throws', () => { throw cause; }, cause],
      ['rejects with a text', () => rejecting('no'), 'no'],
      ['gives a promise whose own then throws', () => Object.assign(hanging(), { then() { throw cause; } }), cause],
      ['gives a broken thenable', () => ({ get then() { throw cause; } }), cause],
    ])('where it %s', async (_name, method, expectedCause) => {
      const { guarded, failures } = guard({ [operation]: method });
      const result = await call(guarded);
      expect(result).toMatchObject({ ok: false, late: undefined });
      const [failure] = failures;
      expect(failures).toHaveLength(1);
      expect(failure).toMatchObject({ operation, circuitOpen: false });
      expect(failure?.error).toBeInstanceOf(CacheError);
      expect(failure?.error).toMatchObject({ code: 'ERR_CACHE_STORAGE', cause: expectedCause });
      expect(failure?.error.message).toBe(`axios-client-cache: storage "memory": ${operation} failed`);
    });

    test('where it rejects with undefined', async () => {
      const { guarded } = guard({ [operation]: () => rejecting(undefined) });
      expect(codeOf(await call(guarded))).toBe('ERR_CACHE_STORAGE');
    });

    test('where it never settles', async () => {
      const { guarded, failures } = guard({ [operation]: hanging }, 5);
      expect(await call(guarded)).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_TIMEOUT' } });
      expect(failures.map((failure) => failure.error.message)).toEqual([
        `axios-client-cache: storage "memory": ${operation} took longer than 5 ms`,
      ]);
    });
  });

  test.each([
    ['get', undefined], ['get', null], ['get', {}], ['get', 'text'],
    ['delete', undefined], ['delete', -1], ['delete', '1'], ['delete', NaN], ['delete', true],
    ['deleteExpired', undefined], ['deleteExpired', 0.5],
    ['touch', undefined], ['touch', 1],
    ['meta', undefined], ['meta', 1],
  ] as const)('in %s, where it resolves with %p, or gives it at once', async (operation, value) => {
    const { guarded, failures } = guard({ [operation]: async () => value });
    expect(codeOf(await OPERATIONS[operation](guarded))).toBe('ERR_CACHE_STORAGE');
    expect(failures.map((failure) => failure.operation)).toEqual([operation]);
    const atOnce = guard({ [operation]: () => value });
    expect(codeOf(await OPERATIONS[operation](atOnce.guarded))).toBe('ERR_CACHE_STORAGE');
    expect(atOnce.failures.map((failure) => failure.operation)).toEqual([operation]);
  });

  test.each(ALL)('in %s, where there is no such method', async (operation) => {
    const { guarded } = guard({ [operation]: undefined });
    expect(codeOf(await OPERATIONS[operation](guarded))).toBe('ERR_CACHE_STORAGE');
  });

  const thrower = { get key() { throw cause; } };

  test.each([
    ['an entry read', 'get', { get: async () => ({ entries: [thrower] }) }],
    ['an entry read at once', 'get', { get: () => ({ entries: [thrower] }) }],
    ['an answer read at once', 'get', { get: () => new Proxy([], { get: (_list, name) => thrown(name) }) }],
    ['an answer read', 'get', { get: async () => new Proxy([], { get: (_list, name) => thrown(name) }) }],
    ['an entry listed', 'entries', iterableOf({ next: async () => ({ done: false, value: thrower }) })],
    ['a step of a listing', 'entries', iterableOf({ next: async () => ({ get done() { throw cause; } }) })],
  ])('%s that throws where it is looked at', async (_name, operation, methods) => {
    const { guarded, failures } = guard(methods);
    if (operation === 'get') expect(await guarded.get('key', SCOPE)).toMatchObject({ ok: false, late: undefined });
    else await expect(listKeys(guarded)).rejects.toBeInstanceOf(CacheError);
    expect(failures).toMatchObject([{ operation, error: { code: 'ERR_CACHE_STORAGE', cause } }]);
  });

  test("a storage's own CacheError stays as it is", async () => {
    const { guarded, storage } = guard();
    await storage.close();
    const result = await guarded.get('key', SCOPE);
    expect(codeOf(result)).toBe('ERR_CACHE_CLOSED');
    await expect(listKeys(guarded)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('the CacheError of another copy of the package keeps its code', async () => {
    const foreign = Object.assign(new Error('closed'), { name: 'CacheError', code: 'ERR_CACHE_CLOSED' });
    const { guarded } = guard({ get: () => Promise.reject(foreign) });
    const result = await guarded.get('key', SCOPE);
    expect(result).toMatchObject({ error: { code: 'ERR_CACHE_CLOSED', cause: foreign } });
    expect(result.ok ? undefined : result.error).toBeInstanceOf(CacheError);
  });
});

describe('malformed entries are left out and reported', () => {
  const rubbish: readonly (readonly [string, unknown])[] = [
    ['undefined', undefined],
    ['null', null],
    ['a text', 'entry'],
    ['of another key', { ...entry, key: 'other' }],
    ['whose body is a text', { ...entry, body: 'text' }],
    ['whose body is a list', { ...entry, body: [1, 2, 3] }],
    ['whose body is 16-bit', { ...entry, body: new Uint16Array(1) }],
    ['without a head', { ...entry, head: undefined }],
    ['with a parsed head', { ...entry, head: { status: 200 } }],
    ['without a resource', { ...entry, resource: undefined }],
    ['without a variant', { ...entry, variant: null }],
    ['with one tag for tags', { ...entry, tags: 'tag' }],
    ['with tags that are numbers', { ...entry, tags: [1] }],
    ['whose body only says that it is one', { ...entry, body: { [Symbol.toStringTag]: 'Uint8Array' } }],
    ['purged at NaN', { ...entry, purgeAtMs: NaN }],
    ['expiring at null', { ...entry, expiresAtMs: null }],
    ['created at Infinity', { ...entry, createdAtMs: Infinity }],
    ['created at a text', { ...entry, createdAtMs: '2024' }],
  ];

  test.each(rubbish)('by get: %s', async (_name, each) => {
    const { guarded, failures } = guard({ get: async () => ({ entries: [each, entry] }) });
    expect(await guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
    expect(failures).toMatchObject([{ operation: 'get', error: { code: 'ERR_CACHE_RECORD' }, circuitOpen: false }]);
    const atOnce = guard({ get: () => ({ entries: [entry, each] }) });
    expect(atOnce.guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
    expect(atOnce.failures).toMatchObject(failures);
  });

  test('by get: a hole in the list', async () => {
    const list: unknown[] = [];
    list[1] = entry;
    const { guarded, failures } = guard({ get: async () => ({ entries: list }) });
    expect(await guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
    expect(failures).toMatchObject([{ operation: 'get', error: { code: 'ERR_CACHE_RECORD' } }]);
  });

  test('by the listing', async () => {
    const info = { ...withoutBody(entry), bodyBytes: 3 };
    async function* entries() {
      yield undefined;
      yield { ...info, bodyBytes: undefined };
      yield { ...info, tags: undefined };
      yield info;
    }
    const { guarded, failures } = guard({ entries });
    expect(await listKeys(guarded)).toEqual(['key']);
    expect(failures.map(({ operation, error }) => [operation, error.code])).toEqual(
      Array.from({ length: 3 }, () => ['entries', 'ERR_CACHE_RECORD']),
    );
  });

  test('they do not open the circuit: the storage has answered', async () => {
    const { guarded } = guard({ get: async () => ({ entries: [undefined] }) });
    for (let times = 0; times < 10; times += 1) expect((await guarded.get('key', SCOPE)).ok).toBe(true);
  });
});

describe('a call that is late', () => {
  test.each([
    ['succeeds', (end: Ends) => { end.resolve(); }],
    ['fails', (end: Ends) => { end.reject(new Error('too late')); }],
  ])('says when it ends after all, where it %s', async (_name, finish) => {
    const ends: Ends[] = [];
    const { guarded } = guard({ set: () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject })) }, 5);
    const result = await guarded.set(entry, undefined);
    if (result.ok || result.late === undefined) throw new Error('the call is not late');
    let ended = false;
    const late = result.late.then(() => { ended = true; });
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    ends.forEach(finish);
    await late;
    expect(ended).toBe(true);
  });
});

describe('listings', () => {
  test.each([
    ['throw at once', { entries: () => { throw new Error('no'); } }, 'ERR_CACHE_STORAGE'],
    ['are not iterable', { entries: () => [] }, 'ERR_CACHE_STORAGE'],
    ['are nothing', { entries: () => undefined }, 'ERR_CACHE_STORAGE'],
    ['throw at a step', iterableOf({ next: () => { throw new Error('no'); } }), 'ERR_CACHE_STORAGE'],
    ['reject at a step', iterableOf({ next: () => Promise.reject(new Error('no')) }), 'ERR_CACHE_STORAGE'],
    ['give no step', iterableOf({ next: async () => undefined }), 'ERR_CACHE_STORAGE'],
    ['hang', iterableOf({ next: hanging }), 'ERR_CACHE_TIMEOUT'],
    ['hang, and do not end either', iterableOf({ next: hanging, return: hanging }), 'ERR_CACHE_TIMEOUT'],
  ])('that %s reject with a CacheError', async (_name, methods, code) => {
    const { guarded, failures } = guard(methods, 5);
    const error: unknown = await listKeys(guarded).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(CacheError);
    expect(error).toMatchObject({ code });
    expect(failures).toMatchObject([{ operation: 'entries', error: { code } }]);
  });

  const info = { ...withoutBody(entry), bodyBytes: 3 };
  const rejected = (): Promise<never> => Promise.reject(new Error('dropped'));

  test.each<[name: string, methods: Readonly<Record<string, unknown>>]>([
    ['an async function that rejects', { entries: async () => { throw new Error('no'); } }],
    ['an async function that gives no listing', { entries: async () => undefined }],
    ['an async function that gives a list', { entries: async () => [info] }],
    ['a listing whose iterator is a promise that rejects', { entries: () => ({ [Symbol.asyncIterator]: rejected }) }],
    ['steps that are promises in a step', iterableOf({ next: () => ({ done: false, value: rejected() }) })],
    ['steps that are done by and by', iterableOf({ next: () => ({ done: rejected(), value: undefined }) })],
    ['steps that are texts', iterableOf({ next: () => 'step' })],
    ['steps that are lists', iterableOf({ next: () => [info] })],
    ['steps that are done in words', iterableOf({ next: () => ({ done: 'yes', value: undefined }) })],
    ['steps with nothing in them, without end', iterableOf({ next: () => ({}) })],
    ['steps with nothing in them, without end, by and by', iterableOf({ next: async () => ({ done: false }) })],
    ['steps with texts, without end', iterableOf({ next: () => ({ done: false, value: 'text' }) })],
    ['the entry itself as each step', iterableOf({ next: () => info })],
    ['the body of an entry and no size', iterableOf({ next: () => ({ done: false, value: entry }) })],
    ['no steps', iterableOf({})],
  ])('with %s end with a CacheError, reject nothing unseen and let timers run', async (_name, methods) => {
    const { guarded, failures } = guard(methods, 1000);
    await expect(listKeys(guarded)).rejects.toBeInstanceOf(CacheError);
    expect(failures.at(-1)).toMatchObject({ operation: 'entries', error: { code: 'ERR_CACHE_STORAGE' } });
  });

  test.each([
    ['at once', () => ({ done: false, value: info })],
    ['by promises that are there', async () => ({ done: false, value: info })],
    ['in between malformed ones', (() => {
      let steps = 0;
      return () => ({ done: false, value: (steps += 1) % 500 === 0 ? info : 'text' });
    })()],
  ])('that never end (%s) let timers run, and whoever reads them can end them', async (_name, next) => {
    const { guarded } = guard(iterableOf({ next }));
    let isOver = false;
    const timer = setTimeout(() => { isOver = true; }, 20);
    let count = 0;
    for await (const { key } of guarded.entries()) {
      count += key === 'key' ? 1 : 0;
      if (isOver) break;
    }
    clearTimeout(timer);
    expect(count).toBeGreaterThan(0);
  });

  test('of many entries with some malformed among them are whole', async () => {
    const steps = Array.from({ length: 5000 }, (_, index) => ({ done: false, value: index % 10 === 0 ? null : info }));
    const { guarded } = guard(iterableOf({ next: () => steps.shift() ?? { done: true, value: undefined } }));
    expect(await listKeys(guarded)).toHaveLength(4500);
  });

  test('have a time limit a step, not for all of them', async () => {
    async function* entries() {
      for (let times = 0; times < 10; times += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        yield { ...withoutBody(entry), bodyBytes: 3 };
      }
    }
    const { guarded } = guard({ entries }, 80);
    expect(await listKeys(guarded)).toHaveLength(10);
  });

  test.each([
    ['left early', true, 1],
    ['read to the end', false, 0],
  ])('free their cursor once where they are %s', async (_name, leave, returns) => {
    const info = { ...withoutBody(entry), bodyBytes: 3 };
    const steps = [{ done: false, value: info }, { done: false, value: info }, { done: true, value: undefined }];
    const free = jest.fn(async () => ({ done: true, value: undefined }));
    const { guarded } = guard(iterableOf({ next: async () => steps.shift(), return: free }));
    for await (const { key } of guarded.entries()) if (leave && key === 'key') break;
    expect(free).toHaveBeenCalledTimes(returns);
  });

  test('can be left where freeing the cursor fails or hangs', async () => {
    for (const free of [hanging, () => Promise.reject(new Error('no')), undefined]) {
      const next = async () => ({ done: false, value: { ...withoutBody(entry), bodyBytes: 3 } });
      const { guarded } = guard(iterableOf({ next, return: free }), 5);
      const seen: string[] = [];
      for await (const { key } of guarded.entries()) {
        seen.push(key);
        break;
      }
      expect(seen).toEqual(['key']);
    }
  });
});

describe('what a storage tells beside its calls', () => {
  test.each<[name: string, subscribe: unknown]>([
    ['throws', () => { throw new Error('no'); }],
    ['gives nothing', () => undefined],
    ['gives a promise that rejects', async () => { throw new Error('no'); }],
    ['gives what throws', () => () => { throw new Error('no'); }],
    ['gives what rejects', () => async () => { throw new Error('no'); }],
  ])('where subscribing %s, the storage is used without it', async (_name, subscribe) => {
    const { guarded } = guard({ onProblem: subscribe, onEvicted: subscribe });
    const ends = [guarded.listen(), guarded.listenToEvictions(() => undefined)];
    expect((await guarded.set(entry, undefined)).ok).toBe(true);
    for (const end of ends) end();
  });

  test('a promise among the entries of a key is no entry, and its rejection ends nothing', async () => {
    const { guarded } = guard({ get: () => ({ entries: [entry, Promise.reject(new Error('no'))] }) });
    expect(await guarded.get('key', SCOPE)).toMatchObject({ ok: true, value: { entries: [entry] } });
  });
});
