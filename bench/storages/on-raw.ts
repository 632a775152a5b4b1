/** Contestants that are a driver as it is: the least that reading and writing a body of 10 kB can cost. */
import { BODY, HIT_KEYS, hitKey, KEPT_MS, newKey, writtenKey } from './on-storage.js';
import type { Contestant } from './scenario.js';

export interface RawStore {
  readonly read: (key: string) => Promise<Uint8Array | undefined>;
  readonly write: (key: string, body: Buffer, lifetimeMs: number) => Promise<unknown>;
}

const ID = 'raw';
const HOUR_MS = 3_600_000;

async function text({ read }: RawStore, key: string): Promise<string> {
  const bytes = await read(key);
  return bytes === undefined ? 'nothing' : Buffer.from(bytes).toString();
}

export async function rawHit(title: string, store: RawStore, id = ID): Promise<Contestant> {
  for (const key of HIT_KEYS) await store.write(key, BODY, HOUR_MS);
  return {
    id,
    title,
    operation: (turn) => store.read(hitKey(turn)),
    check: (turn) => text(store, hitKey(turn)),
  };
}

/** @param write gives the key that it has written. */
const rawWrite = (
  id: string,
  title: string,
  store: RawStore,
  write: (turn: number) => Promise<string>,
): Contestant => ({
  id,
  title,
  operation: write,
  check: async (turn) => text(store, await write(turn)),
});

export const rawSet = (title: string, store: RawStore, id = ID): Contestant =>
  rawWrite(id, title, store, async (turn) => {
    const key = writtenKey(turn);
    await store.write(key, BODY, HOUR_MS);
    return key;
  });

export const rawMiss = (title: string, store: RawStore): Contestant =>
  rawWrite(ID, title, store, async (turn) => {
    const key = newKey(turn);
    await store.read(key);
    await store.write(key, BODY, KEPT_MS);
    return key;
  });
