/** Many entries in a storage, as requests would have left them there. */
import axios, { type AxiosAdapter } from 'axios';
import { type CacheStorage, MemoryStorage, setupCache, type StoredEntry } from 'axios-client-cache';

export const TAG = 'people';
const AT_ONCE = 200;
const BODY = JSON.stringify({ text: 'x'.repeat(1000) });

const answer: AxiosAdapter = async (config) => ({
  data: BODY,
  status: 200,
  statusText: 'OK',
  headers: { 'content-type': 'application/json', 'x-request-id': 'a'.repeat(36) },
  config,
});

const PLACE = 'https://api.example.com/people/0';

/** What a request has stored. */
async function sample(): Promise<StoredEntry> {
  const storage = new MemoryStorage();
  const http = setupCache(axios.create({ adapter: answer }), { storage, expireAfter: '1h' });
  await http.get(PLACE);
  for await (const { key } of storage.entries()) {
    const { entries: [entry] } = await storage.get(key);
    if (entry !== undefined) return entry;
  }
  throw new Error('nothing was stored');
}

/** Stores `count` entries that can be used for so many milliseconds; with a tag where one is given. */
export async function fill(storage: CacheStorage, name: string, count: number, keptMs: number, tag?: string) {
  const { variant, head, body, createdAtMs } = await sample();
  const purgeAtMs = createdAtMs + keptMs;
  const one = (index: number): StoredEntry => ({
    key: `${name} key ${index}`.padEnd(87, '.'),
    resource: `${name} resource ${index}`.padEnd(43, '.'),
    variant,
    revision: `${name} ${index}`,
    tags: tag === undefined ? [] : [tag],
    createdAtMs,
    expiresAtMs: purgeAtMs,
    purgeAtMs,
    head: head.replace(PLACE, `https://api.example.com/${name}/${index}`),
    body,
  });
  for (let index = 0; index < count; index += AT_ONCE) {
    const length = Math.min(AT_ONCE, count - index);
    await Promise.all(Array.from({ length }, async (_, offset) => storage.set(one(index + offset))));
  }
}
