/** A storage each of whose calls can be made to fail. */
import { type CacheStorage, MemoryStorage, type StorageLease } from 'axios-client-cache';
import type { Probe } from './probe.js';

const METHODS = ['get', 'set', 'delete', 'touch', 'clear', 'deleteExpired', 'meta', 'entries', 'close'] as const;
const LEASE_MS = 5_000;

export function faultyStorage(probe: Probe, place: 'in the process' | 'elsewhere'): CacheStorage {
  const sound = new MemoryStorage({ maxEntries: 50 });
  const methods: object = Object.fromEntries(METHODS.map((name) => {
    const work = (sound[name] as (...given: unknown[]) => unknown).bind(sound);
    return [name, (...given: unknown[]) => probe.call('storage', name, () => work(...given))];
  }));
  const common = { name: 'faulty', ...(methods as Pick<CacheStorage, (typeof METHODS)[number]>) };
  return place === 'in the process' ? { ...common, inProcess: true } : { ...common, ...leases(probe), leaseMs: LEASE_MS };
}

/** Other processes have leases too, so that a storage which they reach has a place for them. */
function leases(probe: Probe): Pick<CacheStorage, 'lease'> {
  const held = new Set<string>();
  const leaseOf = (key: string): StorageLease => ({
    release: () => probe.call('storage', 'release', async () => { held.delete(key); }),
  });
  return {
    lease: (key) => probe.call('storage', 'lease', async () => {
      if (held.has(key)) return undefined;
      held.add(key);
      return leaseOf(key);
    }),
  };
}
