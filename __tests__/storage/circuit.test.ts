/** The circuit breaker, as seen through the guard: a storage that keeps failing is left alone for 5 s. */
import { GuardedStorage } from '../../lib/storage/guard.js';
import { ALL, codeOf, type Ends, entry, guard, hanging, listKeys, OPERATIONS } from './guarded.js';

describe('the circuit', () => {
  /** A storage whose get fails until `working` is set. */
  function failing() {
    const state = { working: false, calls: 0 };
    const get = async () => {
      state.calls += 1;
      if (!state.working) throw new Error('down');
      return [entry];
    };
    return { ...guard({ get }), state };
  }

  async function failTimes(guarded: GuardedStorage, times: number): Promise<void> {
    for (let done = 0; done < times; done += 1) await guarded.get('key');
  }

  test('opens with the fifth failure in a row, which says so', async () => {
    const { guarded, failures, state } = failing();
    await failTimes(guarded, 5);
    expect(failures.map(({ circuitOpen }) => circuitOpen)).toEqual([false, false, false, false, true]);
    expect(state.calls).toBe(5);
  });

  test('stays closed where successes come in between', async () => {
    const { guarded, failures } = failing();
    for (let times = 0; times < 3; times += 1) {
      await failTimes(guarded, 4);
      await guarded.set(entry);
    }
    expect(failures).toHaveLength(12);
    expect(failures.filter(({ circuitOpen }) => circuitOpen)).toEqual([]);
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
    const results = await Promise.all([guarded.get('key'), guarded.get('key'), guarded.get('key')]);
    expect(results.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(state.calls).toBe(6);
    const after = await Promise.all([guarded.get('key'), guarded.get('key')]);
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
    const gets = [down, down, down, down, down, hanging, async () => [entry]];
    const { guarded, clock } = guard({ get: () => gets.shift()?.() }, 5);
    await failTimes(guarded, 5);
    clock.nowMs += 5000;
    expect(codeOf(await guarded.get('key'))).toBe('ERR_CACHE_TIMEOUT');
    clock.nowMs += 5000;
    expect((await guarded.get('key')).ok).toBe(true);
  });

  test('calls from before it opened do not decide', async () => {
    const ends: Ends[] = [];
    const set = () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject }));
    const get = () => Promise.reject(new Error('down'));
    const { guarded, clock } = guard({ set, get });
    const early = [guarded.set(entry), guarded.set(entry)];
    await failTimes(guarded, 5);
    clock.nowMs += 3000;
    ends[0]?.resolve();
    ends[1]?.reject(new Error('down'));
    for (const each of early) await each;
    expect((await guarded.delete({ key: 'key' })).ok).toBe(false);
    clock.nowMs += 2000;
    expect((await guarded.delete({ key: 'key' })).ok).toBe(true);
  });

  test('a clock that is set back does not keep it open', async () => {
    const { guarded, state, clock } = failing();
    await failTimes(guarded, 5);
    clock.nowMs -= 3_600_000;
    state.working = true;
    expect((await guarded.get('key')).ok).toBe(true);
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
    expect((await guarded.set(entry)).ok).toBe(false);
    expect((await other.set(entry)).ok).toBe(true);
  });
});
