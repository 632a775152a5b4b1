/** A storage of axios-cache-interceptor in Redis, which does what its documentation shows. */
import { buildStorage, canStale, type AxiosStorage, type StorageValue } from 'axios-cache-interceptor';
import { HEADERS, HIT_KEYS, hitKey, KEPT_MS, newKey, writtenKey } from './on-storage.js';
import { TEXT } from './measure.js';
import type { Contestant } from './scenario.js';

/** What it uses of a client of the package redis. */
interface Client {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, options: { readonly PXAT: number }): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const nameOf = (key: string): string => `axios-cache-${key}`;

/** A request that is under way is forgotten after a minute; what may be used when it is stale, after an hour. */
function expiryOf(value: Exclude<StorageValue, { state: 'empty' }>): number {
  if (value.state === 'loading') return Date.now() + MINUTE_MS;
  const isBounded = value.state === 'cached' ? !canStale(value) : value.ttl !== undefined;
  return isBounded ? value.createdAt + (value.ttl ?? 0) : Date.now() + HOUR_MS;
}

export const interceptorStorage = (client: Client): AxiosStorage =>
  buildStorage({
    find: async (key) => {
      const text = await client.get(nameOf(key));
      return text === null ? undefined : (JSON.parse(text) as StorageValue);
    },
    set: async (key, value) => {
      await client.set(nameOf(key), JSON.stringify(value), { PXAT: expiryOf(value) });
    },
    remove: async (key) => {
      await client.del(nameOf(key));
    },
  });

const ID = 'interceptor';
const TITLE = 'axios-cache-interceptor';
const DATA: unknown = JSON.parse(TEXT);

const valueOf = (ttl: number): Exclude<StorageValue, { state: 'empty' }> => ({
  state: 'cached',
  ttl,
  createdAt: Date.now(),
  data: { data: DATA, headers: { ...HEADERS }, status: 200, statusText: 'OK' },
});

async function text(storage: AxiosStorage, key: string): Promise<string> {
  const { data } = await storage.get(key);
  return JSON.stringify(data?.data);
}

export async function interceptorHit(storage: AxiosStorage): Promise<Contestant> {
  for (const key of HIT_KEYS) await storage.set(key, valueOf(HOUR_MS));
  return {
    id: ID,
    title: TITLE,
    operation: async (turn) => storage.get(hitKey(turn)),
    check: (turn) => text(storage, hitKey(turn)),
  };
}

const interceptorWrite = (storage: AxiosStorage, keyOf: (turn: number) => string, operation: Contestant['operation']) =>
  ({
    id: ID,
    title: TITLE,
    operation,
    check: async (turn: number) => {
      await operation(turn);
      return text(storage, keyOf(turn));
    },
  }) satisfies Contestant;

export const interceptorSet = (storage: AxiosStorage): Contestant =>
  interceptorWrite(storage, writtenKey, async (turn) => storage.set(writtenKey(turn), valueOf(HOUR_MS)));

/** The four calls that it makes for a URL that is not stored: it marks the request as under way in between. */
export const interceptorMiss = (storage: AxiosStorage): Contestant =>
  interceptorWrite(storage, newKey, async (turn) => {
    const key = newKey(turn);
    await storage.get(key);
    await storage.set(key, { state: 'loading', previous: 'empty' });
    await storage.get(key);
    await storage.set(key, valueOf(KEPT_MS));
  });
