/** Entries that say themselves whether they are whole: body and head are made from a writer's name and a number. */
import { isDeepStrictEqual } from 'node:util';
import type { CacheStorage, StoredEntry } from 'axios-client-cache';

/** Keys a writer writes, over and over. */
export const KEYS = 50;

export const keyOf = (writer: number, slot: number): string => `writer ${writer}, slot ${slot}`;

/** The resource of a key of `keyOf`. */
const resourceOf = (slot: number): string => `resource ${slot}`;

const NEVER = Date.UTC(2100, 0);

export function entryOf(writer: number, number: number): StoredEntry {
  const slot = number % KEYS;
  return {
    key: keyOf(writer, slot),
    resource: resourceOf(slot),
    variant: '',
    revision: `${writer}.${number}`,
    tags: [`tag ${writer}`],
    createdAtMs: number,
    expiresAtMs: NEVER,
    purgeAtMs: NEVER,
    head: JSON.stringify({ writer, number }),
    body: bodyOf(writer, number),
  };
}

/** From none to 60 kB, so that some take one page of the file and others many. */
function bodyOf(writer: number, number: number): Uint8Array {
  const body = new Uint8Array((number * 7919) % 60_000);
  for (let index = 0; index < body.length; index += 1) body[index] = (index * 31 + number * 7 + writer) % 256;
  return body;
}

/** The number with which the entry was written. Throws where it is not, byte for byte, what was written then. */
export function numberOf(entry: StoredEntry): number {
  const { writer, number } = JSON.parse(entry.head) as { writer: number; number: number };
  if (!isDeepStrictEqual(entry, entryOf(writer, number))) throw new Error(`${entry.key} is not what was written`);
  return number;
}

/** What is stored under a key of `keyOf`, or of `entryOf`. */
export async function lookUp(storage: CacheStorage, key: string): Promise<readonly StoredEntry[]> {
  const slot = Number(key.split('slot ')[1]);
  return (await storage.get(key, { resource: resourceOf(slot), tags: [] })).entries;
}
