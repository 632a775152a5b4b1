/** A storage that works on another one, or goes wrong in the ways that storages do. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CacheStorage, StorageOperation, StorageReading } from '../../lib/api/storage.js';
import { STORAGE_METHODS } from '../../lib/api/storage.js';

/** What a method does in place of its work. */
type Misdeed = (work: () => unknown) => unknown;

export interface FaultyStorage {
  readonly storage: CacheStorage;
  /** How often a method was called. */
  readonly calls: () => number;
  /** Lets it go wrong from now on, or work again. */
  become(fault: StorageFault | undefined): void;
}

const hang = (): Promise<never> => new Promise(() => undefined);
const reject = (): Promise<never> => Promise.reject(new Error('no connection'));
const WRITES: readonly StorageOperation[] = ['set', 'touch', 'delete', 'deleteExpired', 'clear', 'meta'];
const of = (methods: readonly StorageOperation[], misdeed: Misdeed): Partial<Record<StorageOperation, Misdeed>> =>
  Object.fromEntries(methods.map((method) => [method, misdeed]));

/** How long a slow storage takes: longer than any test waits for a call. */
const SLOW_MS = 2000;

export const STORAGE_FAULTS = {
  'is refused': of(STORAGE_METHODS, reject),
  hangs: of(STORAGE_METHODS, hang),
  'hangs on reads only': of(['get', 'entries', 'meta'], hang),
  fails: of(STORAGE_METHODS, () => { throw new Error('out of order'); }),
  'is slow': of(STORAGE_METHODS, async (work) => {
    await sleep(SLOW_MS);
    return work();
  }),
  'is cut in the middle of a reply': of(['get'], async (work) => {
    const { entries, fence } = (await work()) as StorageReading;
    return { entries: entries.map(({ body: _, ...rest }) => ({ ...rest, head: rest.head.slice(0, 20) })), fence };
  }),
  'gives garbage': of(STORAGE_METHODS, () => Promise.resolve(Buffer.from([0xc1, 0, 255, 13, 10]))),
  'is full': of(['set', 'touch'], reject),
  'is read-only': of(WRITES, reject),
  'lists by an async function that rejects': of(['entries'], reject),
  'lists malformed entries without end': of(['entries'], () => ({
    [Symbol.asyncIterator]: () => ({ next: () => ({ done: false, value: 1 }) }),
  })),
} satisfies Readonly<Record<string, Partial<Record<StorageOperation, Misdeed>>>>;

export type StorageFault = keyof typeof STORAGE_FAULTS;

export function faultyStorage(sound: CacheStorage): FaultyStorage {
  let misdeeds: Partial<Record<StorageOperation, Misdeed>> = {};
  let calls = 0;
  const methods = STORAGE_METHODS.map((method) => {
    const work = sound[method].bind(sound) as (...args: readonly unknown[]) => unknown;
    const call = (...args: readonly unknown[]): unknown => {
      calls += 1;
      const misdeed = misdeeds[method];
      return misdeed === undefined ? work(...args) : misdeed(() => work(...args));
    };
    return [method, call];
  });
  return {
    storage: {
      ...(Object.fromEntries(methods) as Pick<CacheStorage, StorageOperation>),
      name: sound.name,
      inProcess: sound.inProcess ?? false,
      onEvicted: (listener) => sound.onEvicted?.(listener) ?? (() => undefined),
      onProblem: (listener) => sound.onProblem?.(listener) ?? (() => undefined),
    },
    calls: () => calls,
    become: (fault) => {
      misdeeds = fault === undefined ? {} : STORAGE_FAULTS[fault];
    },
  };
}
