/** A guarded storage in memory with methods replaced, its clock, and what was reported: for the tests of the guard. */
import type { CacheError } from '../../lib/api/errors.js';
import { sample, withoutBody } from '../../lib/storage/contract/rule.js';
import { type Guarded, GuardedStorage } from '../../lib/storage/guard.js';
import type { StorageOperation } from '../../lib/api/storage.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import { SCOPE } from '../support/entry.js';

interface Failure {
  readonly operation: StorageOperation;
  readonly error: CacheError;
  readonly circuitOpen: boolean;
}

export const entry = sample();
export const OPERATIONS = {
  get: (guarded: GuardedStorage) => guarded.get('key', SCOPE),
  set: (guarded: GuardedStorage) => guarded.set(entry, undefined),
  delete: (guarded: GuardedStorage) => guarded.delete({ key: 'key', resource: 'resource' }),
  deleteExpired: (guarded: GuardedStorage) => guarded.deleteExpired(entry.createdAtMs),
  clear: (guarded: GuardedStorage) => guarded.clear(),
  close: (guarded: GuardedStorage) => guarded.close(),
  touch: (guarded: GuardedStorage) => guarded.touch(withoutBody(entry), undefined),
  meta: (guarded: GuardedStorage) => guarded.meta('name', () => 'value'),
};
type Operation = keyof typeof OPERATIONS;
export const ALL = Object.keys(OPERATIONS) as Operation[];

/** A storage in memory of which `methods` are replaced, by whatever a careless author may write. */
export function guard(methods: Readonly<Record<string, unknown>> = {}, timeoutMs = 1000) {
  const clock = { nowMs: 1_000_000 };
  const failures: Failure[] = [];
  const storage = Object.assign(new MemoryStorage(), methods) as CacheStorage;
  const guarded = new GuardedStorage(storage, {
    timeoutMs,
    now: () => clock.nowMs,
    onFailure: (operation, error, circuitOpen) => failures.push({ operation, error, circuitOpen }),
  });
  return { guarded, storage, failures, clock };
}

export const hanging = (): Promise<never> => new Promise(() => undefined);

export const codeOf = (result: Guarded<unknown>): string | undefined => (result.ok ? undefined : result.error.code);

/** How to end a call that is under way. */
export interface Ends {
  resolve(): void;
  reject(error: Error): void;
}

export async function listKeys(guarded: GuardedStorage): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of guarded.entries()) keys.push(key);
  return keys;
}
