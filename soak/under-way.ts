/** Whether a request was forgotten under way: by the engines' own count, and by what a caller sees. */
import type { CachedAxiosInstance } from 'axios-client-cache';
import { Engine } from '../lib/engine/engine.js';
import { KEYS, type SoakOrigin } from './origin.js';

export interface MetEngines {
  /** How many keys have a request under way, in all caches that have handled one since. */
  keysUnderWay(): number;
  /** Meets no more of them, and forgets those that were met. */
  end(): void;
}

/** The package shows no such count, so its engines are met on their way. */
export function meetEngines(): MetEngines {
  const engines = new Set<Engine>();
  const handle = Object.getOwnPropertyDescriptor(Engine.prototype, 'handle')?.value as Engine['handle'];
  Engine.prototype.handle = function (exchange, lookUp) {
    engines.add(this);
    return handle.call(this, exchange, lookUp);
  };
  return {
    keysUnderWay: () => {
      if (engines.size === 0) throw new Error('no engine was met');
      return [...engines].reduce((sum, { inFlight }) => sum + inFlight, 0);
    },
    end: () => {
      Engine.prototype.handle = handle;
      engines.clear();
    },
  };
}

const PATHS = ['item', 'from', 'slow'].flatMap((route) => Array.from({ length: KEYS }, (_, key) => `/${route}/${key}`));

/**
 * Paths whose next request does not reach the origin itself though nothing stored may answer it. Call it when all that
 * is stored is too old, and delete nothing for it: a deletion would hide a request that was forgotten.
 */
export async function pathsUnderWay(http: CachedAxiosInstance, origin: SoakOrigin, adapter: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of PATHS) {
    const before = origin.count();
    const { cache } = await http.get(path, { adapter });
    if (cache.collapsed || origin.count() === before) found.push(`${adapter} ${path}`);
  }
  return found;
}
