/** Contestants that are a storage of this package: what is asked of it is what the cache asks. */
import { randomUUID } from 'node:crypto';
import type { CacheStorage, Fence, StoredEntry } from 'axios-client-cache';
import { headersOf } from '../origins.js';
import { TEXT } from './measure.js';
import { AT_ONCE, type Contestant, OURS } from './scenario.js';

export const BODY = Buffer.from(TEXT);
/** What is stored new each time is gone a minute later. */
export const KEPT_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Keys that are written again and again; a round has fewer operations. */
const WRITTEN_KEYS = 512;

export const HEADERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(headersOf(TEXT, 'fresh').toJSON()).map(([name, value]) => [name.toLowerCase(), String(value)]),
);

export const hitKey = (turn: number): string => `hit-${turn % AT_ONCE}`;
export const HIT_KEYS = Array.from({ length: AT_ONCE }, (_, turn) => hitKey(turn));
export const writtenKey = (turn: number): string => `written-${turn % WRITTEN_KEYS}`;
/** The server may have seen earlier runs. */
const RUN = randomUUID();
export const newKey = (turn: number): string => `new-${RUN}-${turn}`;

const scopeOf = (key: string) => ({ resource: `resource of ${key}`, tags: [] });

function entryOf(key: string, lifetimeMs: number): StoredEntry {
  const now = Date.now();
  const head = { url: `https://origin.test/${key}`, method: 'GET', status: 200, statusText: 'OK', headers: HEADERS };
  return {
    key,
    ...scopeOf(key),
    variant: '',
    revision: randomUUID(),
    createdAtMs: now,
    expiresAtMs: now + lifetimeMs,
    purgeAtMs: now + lifetimeMs,
    head: JSON.stringify({ ...head, times: [now, now] }),
    body: BODY,
  };
}

async function ask(storage: CacheStorage, key: string): Promise<Fence | undefined> {
  const { entries, fence } = await storage.get(key, scopeOf(key));
  if (entries.length > 0) throw new Error(`${storage.name} has an entry of ${key} already`);
  return fence;
}

async function keep(storage: CacheStorage, key: string, lifetimeMs: number, fence?: Fence): Promise<void> {
  if ((await storage.set(entryOf(key, lifetimeMs), fence)) !== true) throw new Error(`${storage.name} keeps no ${key}`);
}

async function read(storage: CacheStorage, key: string): Promise<string> {
  const [entry] = (await storage.get(key, scopeOf(key))).entries;
  return entry === undefined ? 'nothing' : Buffer.from(entry.body).toString();
}

/** Entries that are there are looked up. */
export async function hitOn(title: string, storage: CacheStorage): Promise<Contestant> {
  for (const key of HIT_KEYS) await keep(storage, key, HOUR_MS, await ask(storage, key));
  return {
    id: OURS,
    title,
    operation: async (turn) => {
      const key = hitKey(turn);
      const { entries } = await storage.get(key, scopeOf(key));
      if (entries.length !== 1) throw new Error(`${storage.name} has lost ${key}`);
    },
    check: (turn) => read(storage, hitKey(turn)),
  };
}

/** Entries are replaced, each by the fence of a look-up that is not timed. */
export function setOn(title: string, storage: CacheStorage): Contestant {
  const fences = new Map<number, Fence | undefined>();
  const operation = (turn: number): Promise<void> => keep(storage, writtenKey(turn), HOUR_MS, fences.get(turn));
  return {
    id: OURS,
    title,
    before: async (turns) => {
      fences.clear();
      for (const turn of turns) {
        const key = writtenKey(turn);
        fences.set(turn, (await storage.get(key, scopeOf(key))).fence);
      }
    },
    operation,
    check: async (turn) => {
      await operation(turn);
      return read(storage, writtenKey(turn));
    },
  };
}

/** What the cache does with a URL that nobody has asked for: a look-up that finds nothing, then what was answered. */
export function missOn(title: string, storage: CacheStorage): Contestant {
  const operation = async (turn: number): Promise<void> => {
    const key = newKey(turn);
    await keep(storage, key, KEPT_MS, await ask(storage, key));
  };
  return {
    id: OURS,
    title,
    operation,
    check: async (turn) => {
      await operation(turn);
      return read(storage, newKey(turn));
    },
  };
}
