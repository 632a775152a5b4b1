/** What one `setupCache` call sets up, and how it ends. */
import { CacheError } from '../lib/api/errors.js';
import { createDigest, hashAddress } from '../lib/support/digest.js';
import type { CacheEvent } from '../lib/api/events.js';
import type { CacheOptions } from '../lib/api/options.js';
import { resolveOptions } from '../lib/options/resolve.js';
import { CacheSession } from '../lib/session.js';
import { MemoryStorage } from '../lib/storage/memory/memory.js';
import type { CacheStorage, MaybePromise, ProblemListener } from '../lib/api/storage.js';
import { entryOf, SCOPE } from './support/entry.js';

const sessionOf = (options: CacheOptions = {}): CacheSession =>
  new CacheSession(resolveOptions(options), (_session, { url }) =>
    url.startsWith('http') ? { resource: `resource ${url}`, url } : undefined,
  );

/** A storage that says that it keeps its entries outside the process, and that notes its calls. */
class Outside extends MemoryStorage {
  readonly calls: string[] = [];
  override readonly inProcess = false as unknown as true;
  override close(): MaybePromise<void> {
    this.calls.push('close');
    return super.close();
  }
  override meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
    this.calls.push('meta');
    return super.meta(name, makeIfAbsent);
  }
}

describe('addresses', () => {
  test('in memory a key is its own address, and shown as a digest', () => {
    const session = sessionOf();
    expect([session.address('key'), session.displayKey('key')]).toEqual(['key', hashAddress('key')]);
  });

  test('wherever it leaves the process it is a digest, and shown as it is', () => {
    const session = sessionOf({ storage: new Outside() });
    const address = session.address('key');
    expect([address, session.displayKey(address)]).toEqual([hashAddress('key'), hashAddress('key')]);
  });
});

describe('the digest of credentials', () => {
  test('its secret is kept in the storage: the same for all who use it, another elsewhere', async () => {
    const storage = new MemoryStorage();
    const texts: (string | undefined)[] = [];
    for (const each of [storage, storage, new MemoryStorage()]) {
      texts.push((await sessionOf({ storage: each }).digest())?.text('password'));
    }
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).not.toBe(texts[2]);
  });

  test('is asked for once, however many callers wait for it', async () => {
    const storage = new Outside();
    const session = sessionOf({ storage });
    const digests = await Promise.all([session.digest(), session.digest(), session.digest()]);
    expect(new Set(digests).size).toBe(1);
    expect(session.digest()).toBe(digests[0]);
    expect(storage.calls).toEqual(['meta']);
  });

  test('a storage that cannot be reached gives none, and is asked again', async () => {
    let failing = true;
    class Unreachable extends MemoryStorage {
      override meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
        return failing ? Promise.reject(new Error('refused')) : super.meta(name, makeIfAbsent);
      }
    }
    const session = sessionOf({ storage: new Unreachable() });
    expect(await session.digest()).toBeUndefined();
    failing = false;
    expect(await session.digest()).toBeDefined();
  });
});

describe('a secret that was lost with all that the storage had', () => {
  const started = (storage: Outside) => {
    let nowMs = 1_000_000;
    const session = sessionOf({ storage, now: () => nowMs });
    const later = async (ms: number): Promise<string | undefined> => {
      nowMs += ms;
      await session.digest();
      await session.engine.idle();
      return (await session.digest())?.text('password');
    };
    return { session, later };
  };

  test('and was made anew by another process is taken over, by asking again each half minute of use', async () => {
    let secret: string | undefined;
    class Losing extends Outside {
      override meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
        this.calls.push(name);
        return Promise.resolve((secret ??= makeIfAbsent()));
      }
    }
    const storage = new Losing();
    const { later } = started(storage);
    const former = await later(0);
    secret = 'of another process';
    expect(await later(29_999)).toBe(former);
    expect(storage.calls).toEqual(['secret']);
    expect(await later(1)).toBe(createDigest('of another process').text('password'));
    for (let times = 0; times < 10; times += 1) await later(100);
    expect(storage.calls).toEqual(['secret', 'secret']);
    // Lost once more, and nobody else was there: it stays what it is.
    secret = undefined;
    await later(30_000);
    expect(secret).toBe('of another process');
  });

  test('stays as it is while the storage cannot be asked', async () => {
    let isAway = false;
    class Away extends Outside {
      override meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
        return isAway ? Promise.reject(new Error('no connection')) : super.meta(name, makeIfAbsent);
      }
    }
    const { later } = started(new Away());
    const former = await later(0);
    isAway = true;
    expect(await later(60_000)).toBe(former);
  });
});

describe('closing', () => {
  test('closes the storage, once, and says so', async () => {
    const storage = new Outside();
    const session = sessionOf({ storage });
    expect(session.state).toBe('active');
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expect([session.state, storage.calls]).toEqual(['closed', ['close']]);
    expect(() => session.assertOpen('clear()')).toThrow(expect.objectContaining({ code: 'ERR_CACHE_CLOSED' }) as Error);
  });

  test('a storage of several sessions closes with the last of them', async () => {
    const storage = new Outside();
    const sessions = [sessionOf({ storage }), sessionOf({ storage })];
    await sessions[0]?.close();
    await sessions[0]?.close();
    expect([storage.calls, sessions.map(({ state }) => state)]).toEqual([[], ['closed', 'active']]);
    await sessions[1]?.close();
    expect(storage.calls).toEqual(['close']);
  });

  test('a storage that its owner has closed already is closed', async () => {
    const storage = new MemoryStorage();
    const session = sessionOf({ storage });
    await storage.close();
    await expect(session.close()).resolves.toBeUndefined();
  });

  test('a storage that cannot be closed: its error, and the session is closed all the same', async () => {
    class Unclosable extends MemoryStorage {
      override close(): Promise<void> {
        return Promise.reject(new Error('busy'));
      }
    }
    const session = sessionOf({ storage: new Unclosable() });
    await expect(session.close()).rejects.toThrow(CacheError);
    expect(session.state).toBe('closed');
  });

  test('a storage that says it is closed ends the session', async () => {
    const storage = new MemoryStorage();
    const session = sessionOf({ storage });
    await storage.close();
    await session.guarded.get('key', SCOPE);
    expect(session.state).toBe('closed');
  });

  test('uninstalled is not closed: the manager still works on the storage; closed stays closed', async () => {
    const session = sessionOf();
    session.uninstall();
    expect(session.state).toBe('uninstalled');
    expect(() => session.assertOpen('clear()')).not.toThrow();
    await session.close();
    session.uninstall();
    expect(session.state).toBe('closed');
  });
});

describe('cleaning up', () => {
  /**
   * Makes a storage that notes the times with which `deleteExpired` is called; `reached` waits until there are so many
   * of them.
   */
  function counting(): { storage: CacheStorage; times: number[]; reached: (count: number) => Promise<void> } {
    const times: number[] = [];
    const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
    class Counting extends MemoryStorage {
      override deleteExpired(nowMs: number): MaybePromise<number> {
        times.push(nowMs);
        for (const { count, resolve } of waiting) if (times.length >= count) resolve();
        return super.deleteExpired(nowMs);
      }
    }
    const reached = (count: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.push({ count, resolve });
      });
    return { storage: new Counting(), times, reached };
  }

  test('happens every so often, by the clock that was given, until the end', async () => {
    const { storage, times, reached } = counting();
    const session = sessionOf({ storage, deleteExpiredEvery: '5ms', now: () => 42 });
    await reached(2);
    await session.close();
    const { length } = times;
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect(times.every((time) => time === 42)).toBe(true);
    expect(times).toHaveLength(length);
  });

  test('a time longer than a timer takes does not fire at once', async () => {
    const { storage, times } = counting();
    const session = sessionOf({ storage, deleteExpiredEvery: '90 days' });
    await new Promise((resolve) => void setTimeout(resolve, 10));
    expect(times).toEqual([]);
    await session.close();
  });
});

describe('events', () => {
  test('what the storage drops for room is told', async () => {
    const events: CacheEvent[] = [];
    const storage = new MemoryStorage({ maxEntries: 1 });
    const session = sessionOf({ storage, onEvent: (event) => events.push(event) });
    await session.guarded.set(entryOf({ key: 'first' }), undefined);
    await session.guarded.set(entryOf({ key: 'second' }), undefined);
    expect(events).toEqual([{ type: 'evicted', key: hashAddress('first'), reason: 'entries' }]);
  });

  test.each([
    ['uninstalled', async (session: CacheSession) => { session.uninstall(); }],
    ['closed', (session: CacheSession) => session.close()],
  ])('what the storage says went wrong is told, until the session is %s', async (_name, end) => {
    const listeners = new Set<ProblemListener>();
    const storage: CacheStorage = Object.assign(new MemoryStorage(), {
      onProblem: (listener: ProblemListener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    });
    const events: CacheEvent[] = [];
    const session = sessionOf({ storage, onEvent: (event) => events.push(event) });
    const error = new CacheError('ERR_CACHE_RECORD', 'a damaged record was dropped');
    for (const listener of listeners) listener('get', error);
    expect(events).toEqual([{ type: 'storage-error', operation: 'get', error, circuitOpen: false }]);
    await end(session);
    expect(listeners.size).toBe(0);
  });

  test('what the storage fails at is told', async () => {
    const events: CacheEvent[] = [];
    const storage = new MemoryStorage();
    const session = sessionOf({ storage, onEvent: (event) => events.push(event) });
    await storage.close();
    await session.guarded.clear();
    expect(events).toMatchObject([{ type: 'storage-error', operation: 'clear', circuitOpen: false }]);
  });
});
