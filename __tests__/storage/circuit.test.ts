/** The circuit breaker, as seen through the guard: a storage that keeps failing is left alone for 5 s. */
import { CacheError } from '../../lib/api/errors.js';
import { withoutBody } from '../../lib/storage/contract/rule.js';
import { GuardedStorage } from '../../lib/storage/guard.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { ALL, codeOf, type Ends, entry, guard, hanging, listKeys, OPERATIONS } from './guarded.js';
import { SCOPE } from '../support/entry.js';

describe('the circuit', () => {
  /** A storage whose get fails until `working` is set. */
  function failing() {
    const state = { working: false, calls: 0 };
    const get = async () => {
      state.calls += 1;
      if (!state.working) throw new Error('down');
      return { entries: [entry] };
    };
    return { ...guard({ get }), state };
  }

  async function failTimes(guarded: GuardedStorage, times: number): Promise<void> {
    for (let done = 0; done < times; done += 1) await guarded.get('key', SCOPE);
  }

  test('opens with the fifth failure in a row, which says so', async () => {
    const { guarded, failures, state } = failing();
    await failTimes(guarded, 5);
    expect(failures.map(({ circuitOpen }) => circuitOpen)).toEqual([false, false, false, false, true]);
    expect(state.calls).toBe(5);
  });

  test('stays closed where successes of the same method come in between', async () => {
    const { guarded, failures, state } = failing();
    for (let times = 0; times < 3; times += 1) {
      await failTimes(guarded, 4);
      state.working = true;
      await guarded.get('key', SCOPE);
      state.working = false;
    }
    expect(failures).toHaveLength(12);
    expect(failures.filter(({ circuitOpen }) => circuitOpen)).toEqual([]);
  });

  describe('of one method', () => {
    const [FAILS, HANGS] = [() => Promise.reject(new Error('down')), hanging];
    const METHODS = ALL.filter((operation) => operation !== 'close');

    describe.each(METHODS)('%s', (operation) => {
      const others = METHODS.filter((each) => each !== operation);
      const call = OPERATIONS[operation];

      test.each([['fails', FAILS], ['hangs', HANGS], ['throws', () => { throw new Error('down'); }]])(
        'that always %s is left alone after five times, and all others work on',
        async (_name, method) => {
          const mock = jest.fn(method);
          const { guarded, failures } = guard({ [operation]: mock }, 3);
          for (let times = 0; times < 10; times += 1) {
            expect((await call(guarded)).ok).toBe(false);
            for (const other of others) expect((await OPERATIONS[other](guarded)).ok).toBe(true);
          }
          expect(mock).toHaveBeenCalledTimes(5);
          expect(failures.map(({ circuitOpen }) => circuitOpen)).toEqual([false, false, false, false, true]);
        },
      );

      test('is tried again after 5 s, by one call, and works on', async () => {
        let works = false;
        const own = new MemoryStorage();
        const original = own[operation].bind(own) as (...args: unknown[]) => unknown;
        const mock = jest.fn(async (...args: unknown[]) => {
          if (!works) throw new Error('down');
          return original(...args);
        });
        const { guarded, clock } = guard({ [operation]: mock });
        for (let times = 0; times < 7; times += 1) {
          await call(guarded);
          for (const other of others) await OPERATIONS[other](guarded);
        }
        expect(mock).toHaveBeenCalledTimes(5);
        clock.nowMs += 5000;
        works = true;
        const [first, second] = [call(guarded), call(guarded)];
        expect([(await first).ok, (await second).ok]).toEqual([true, false]);
        expect((await call(guarded)).ok).toBe(true);
        expect(mock).toHaveBeenCalledTimes(7);
      });

      test('that is slow, but within the limit, is used on and on', async () => {
        const slow = new MemoryStorage();
        const original = slow[operation].bind(slow) as (...args: unknown[]) => unknown;
        const mock = jest.fn(async (...args: unknown[]) => {
          await new Promise((resolve) => setTimeout(resolve, 2));
          return original(...args);
        });
        const { guarded, failures } = guard({ [operation]: mock }, 1000);
        for (let times = 0; times < 8; times += 1) expect((await call(guarded)).ok).toBe(true);
        expect(mock).toHaveBeenCalledTimes(8);
        expect(failures).toEqual([]);
      });
    });

    test('the fifth failure of different methods in a row opens it for all of them', async () => {
      const { guarded, storage } = guard({ get: FAILS, set: FAILS });
      await failTimes(guarded, 3);
      await guarded.set(entry, undefined);
      await guarded.set(entry, undefined);
      const clear = jest.spyOn(storage, 'clear');
      expect((await guarded.clear()).ok).toBe(false);
      expect(clear).not.toHaveBeenCalled();
    });

    const LISTINGS: readonly (readonly [string, () => unknown])[] = [
      ['fail', () => ({ [Symbol.asyncIterator]: () => ({ next: FAILS }) })],
      ['hang', () => ({ [Symbol.asyncIterator]: () => ({ next: HANGS }) })],
      ['fail to begin', FAILS],
      ['give malformed entries', () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ value: 1 }) }) })],
    ];
    test.each(LISTINGS)('listings that always %s cost no time then, which the events say', async (_name, list) => {
      const entries = jest.fn(list);
      const { guarded, clock, failures } = guard({ entries }, 3);
      for (let times = 0; times < 10; times += 1) await expect(listKeys(guarded)).rejects.toBeInstanceOf(CacheError);
      expect(entries).toHaveBeenCalledTimes(5);
      expect((await guarded.set(entry, undefined)).ok).toBe(true);
      clock.nowMs += 5000;
      await expect(listKeys(guarded)).rejects.toBeInstanceOf(CacheError);
      expect(entries).toHaveBeenCalledTimes(6);
      const told = failures.filter(({ error }) => error.code !== 'ERR_CACHE_RECORD').map((each) => each.circuitOpen);
      expect(told).toEqual([false, false, false, false, true, true]);
    });

    test('listings that are left after their first step do not keep it from being tried', async () => {
      let works = false;
      const step = { done: false, value: { ...withoutBody(entry), bodyBytes: 3 } };
      const next = async () => {
        if (!works) throw new Error('down');
        return step;
      };
      const { guarded, clock } = guard({ entries: () => ({ [Symbol.asyncIterator]: () => ({ next }) }) });
      for (let times = 0; times < 5; times += 1) await expect(listKeys(guarded)).rejects.toBeInstanceOf(CacheError);
      clock.nowMs += 5000;
      works = true;
      // Nobody ends this one.
      await guarded.entries()[Symbol.asyncIterator]().next();
      for await (const { key } of guarded.entries()) {
        expect(key).toBe('key');
        break;
      }
    });
  });

  test('open, it fails every call at once, without the storage and without another report', async () => {
    const { guarded, failures, state, clock } = failing();
    await failTimes(guarded, 5);
    clock.nowMs += 4999;
    for (const operation of ALL.filter((each) => each !== 'close')) {
      const result = await OPERATIONS[operation](guarded);
      expect(result).toMatchObject({ ok: false, error: { code: 'ERR_CACHE_STORAGE' } });
      expect(result.ok ? undefined : result.error.cause).toBe(failures[4]?.error);
    }
    expect(state.calls).toBe(5);
    expect(failures).toHaveLength(5);
  });

  test('open, close and listings still reach the storage', async () => {
    const { guarded, storage } = failing();
    await storage.set(entry);
    await failTimes(guarded, 5);
    expect(await listKeys(guarded)).toEqual(['key']);
    expect((await guarded.close()).ok).toBe(true);
    expect(() => storage.set(entry)).toThrow(expect.objectContaining({ code: 'ERR_CACHE_CLOSED' }));
  });

  test('after 5 s it lets one call try; its success closes it', async () => {
    const { guarded, state, clock } = failing();
    await failTimes(guarded, 5);
    clock.nowMs += 5000;
    state.working = true;
    const results = await Promise.all([1, 2, 3].map(async () => guarded.get('key', SCOPE)));
    expect(results.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(state.calls).toBe(6);
    const after = await Promise.all([guarded.get('key', SCOPE), guarded.get('key', SCOPE)]);
    expect(after.map(({ ok }) => ok)).toEqual([true, true]);
    state.working = false;
    await failTimes(guarded, 4);
    expect(state.calls).toBe(12);
  });

  test('the failure of that call opens it for another 5 s', async () => {
    const { guarded, state, clock, failures } = failing();
    await failTimes(guarded, 5);
    clock.nowMs += 5000;
    await failTimes(guarded, 2);
    expect(state.calls).toBe(6);
    expect(failures.at(-1)?.circuitOpen).toBe(true);
    clock.nowMs += 4999;
    await failTimes(guarded, 1);
    expect(state.calls).toBe(6);
    clock.nowMs += 1;
    await failTimes(guarded, 1);
    expect(state.calls).toBe(7);
  });

  test('a call that tries and hangs opens it again', async () => {
    const down = () => Promise.reject(new Error('down'));
    const gets = [down, down, down, down, down, hanging, async () => ({ entries: [entry] })];
    const { guarded, clock } = guard({ get: () => gets.shift()?.() }, 5);
    await failTimes(guarded, 5);
    clock.nowMs += 5000;
    expect(codeOf(await guarded.get('key', SCOPE))).toBe('ERR_CACHE_TIMEOUT');
    clock.nowMs += 5000;
    expect((await guarded.get('key', SCOPE)).ok).toBe(true);
  });

  test('calls from before it opened do not decide', async () => {
    const ends: Ends[] = [];
    const set = () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    const get = () => Promise.reject(new Error('down'));
    const { guarded, clock } = guard({ set, get });
    const early = [guarded.set(entry, undefined), guarded.set(entry, undefined)];
    await failTimes(guarded, 5);
    clock.nowMs += 3000;
    ends[0]?.resolve();
    ends[1]?.reject(new Error('down'));
    for (const each of early) await each;
    expect((await guarded.delete({ key: 'key', resource: 'resource' })).ok).toBe(false);
    clock.nowMs += 2000;
    expect((await guarded.delete({ key: 'key', resource: 'resource' })).ok).toBe(true);
  });

  test('a clock that is set back does not keep it open', async () => {
    const { guarded, state, clock } = failing();
    await failTimes(guarded, 5);
    clock.nowMs -= 3_600_000;
    state.working = true;
    expect((await guarded.get('key', SCOPE)).ok).toBe(true);
  });

  test('a closed storage does not open it: it goes on saying that it is closed', async () => {
    const { guarded, storage, failures } = guard();
    await storage.close();
    await failTimes(guarded, 10);
    expect(failures.map(({ error, circuitOpen }) => [error.code, circuitOpen])).toEqual(
      Array.from({ length: 10 }, () => ['ERR_CACHE_CLOSED', false]),
    );
  });

  test('is of one guard: another of the same storage is not concerned', async () => {
    const { guarded, storage } = failing();
    await failTimes(guarded, 5);
    const other = new GuardedStorage(storage, { timeoutMs: 1000, now: () => 0, onFailure: () => undefined });
    expect((await guarded.set(entry, undefined)).ok).toBe(false);
    expect((await other.set(entry, undefined)).ok).toBe(true);
  });
});
