/**
 * Many URLs, each of them asked for once, or twice in a row: all that the cache remembers of URLs, users and tags must
 * come to an end somewhere. The server is a function, so that a million of them take minutes.
 */
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { type CachedAxiosInstance, MemoryStorage, setupCache } from 'axios-client-cache';
import { growthOfPeaks, heldBytes, PEAKS_LIMIT_BYTES } from '../heap.js';
import { meetEngines } from '../under-way.js';

export interface UniqueSettings {
  readonly urls: number;
}

export interface PlayedUnique {
  readonly hits: number;
  /** At the end. */
  readonly entries: number;
  /** In bytes, once the process has seen as many URLs as it remembers: empty for a few URLs. */
  readonly held: readonly number[];
  readonly faults: readonly string[];
}

const CALLERS = 50;
const SAMPLES = 40;
const MAX_ENTRIES = 2_000;

/** Whatever is remembered is full by then. */
const WARM_UP_URLS = 100_000;

const HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'cache-control': 'max-age=600' },
  { 'cache-control': 'no-cache', etag: '"1"' },
  { 'cache-control': 'max-age=600', vary: 'X-Own' },
  { 'cache-control': 'max-age=600', 'no-vary-search': 'params=("a")' },
  { 'cache-control': 'no-store' },
  { 'cache-control': 'max-age=600, stale-while-revalidate=60', 'cache-groups': '"all"' },
];

const server: AxiosAdapter = async (config) => {
  const number = Number(/\d+/.exec(config.url ?? '')?.[0]);
  // Timers, and what is told of collected objects, have their turn.
  if (number % 20 === 0) await nextTurn();
  const text = JSON.stringify({ number, padding: 'x'.repeat(number % 300) });
  const headers = { 'content-type': 'application/json', ...HEADERS[number % HEADERS.length] };
  const data = config.responseType === 'stream' ? Readable.from([Buffer.from(text)]) : text;
  return { data, status: 200, statusText: 'OK', headers, config, request: {} };
};

interface Made {
  readonly http: CachedAxiosInstance;
  readonly number: number;
  readonly url: string;
}
type Make = (made: Made) => Promise<string | undefined>;

const reading = async ({ http, number, url }: Made, config?: AxiosRequestConfig): Promise<string | undefined> => {
  const { data } = await http.get<{ number: number }>(url, config);
  return data.number === number ? undefined : `told of ${data.number} and not of ${number}`;
};

const streaming: Make = async ({ http, number, url }) => {
  const { data } = await http.get<Readable>(url, { responseType: 'stream', timeout: 60_000 });
  // Some are left as they are, and collected.
  if (number % 5 === 0) return undefined;
  const parts: Buffer[] = [];
  for await (const part of data) parts.push(part as Buffer);
  const found = JSON.parse(Buffer.concat(parts).toString()) as { number: number };
  return found.number === number ? undefined : `a stream of ${found.number} and not of ${number}`;
};

const KINDS: readonly Make[] = [
  (made) => reading(made),
  (made) => reading(made, { timeout: 60_000, signal: new AbortController().signal }),
  (made) => reading(made, { headers: { Authorization: `Bearer ${made.number}` } }),
  (made) => reading(made, { headers: { 'X-Own': `${made.number}` }, cache: { partition: `user ${made.number}` } }),
  (made) => reading(made, { cache: { tags: [`tag ${made.number}`] }, params: { a: made.number } }),
  streaming,
  async ({ http, url }) => void (await http.head(url)),
  async ({ http, url, number }) => void (await http.post(url, { number })),
  async ({ http, url }) => void (await http.cache.delete(url)),
  async ({ http, number }) => void (await http.cache.invalidateTags(`tag ${number}`)),
  async ({ http, number }) => void (await reading({ http, number, url: `http://host-${number}.test/${number}` })),
];

export async function playUnique({ urls }: UniqueSettings): Promise<PlayedUnique> {
  const met = meetEngines();
  const storage = new MemoryStorage({ maxEntries: MAX_ENTRIES });
  const http = setupCache(axios.create({ adapter: server }), { storage });
  const faults = new Map<string, number>();
  let [begun, hits] = [0, 0];
  http.cache.on('hit', () => { hits += 1; });
  const one = async (number: number): Promise<void> => {
    const make = KINDS[number % KINDS.length] ?? reading;
    const made = { http, number, url: `http://unique.test/${number}/${'path'.repeat(number % 10)}` };
    for (let times = number % 3 === 0 ? 2 : 1; times > 0; times -= 1) {
      const fault = await make(made).catch((error: unknown) => String(error));
      if (fault !== undefined) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    }
  };
  const call = async (end: number): Promise<void> => {
    while (begun < end) await one((begun += 1));
  };
  const held: number[] = [];
  for (let sample = 1; sample <= SAMPLES; sample += 1) {
    const end = Math.round((urls * sample) / SAMPLES);
    await Promise.all(Array.from({ length: CALLERS }, () => call(end)));
    if (end > WARM_UP_URLS) held.push(await heldBytes());
  }
  const entries = await http.cache.count();
  const wrong = [...faults].map(([fault, times]) => `${fault} (${times} times)`);
  if (entries > MAX_ENTRIES) wrong.push(`${entries} entries are stored, and ${MAX_ENTRIES} may be`);
  if (hits < urls / 20) wrong.push(`there were only ${hits} hits`);
  // What was dropped unread is over once it has been collected.
  await heldBytes();
  await http.cache.idle();
  if (met.keysUnderWay() > 0) wrong.push(`${met.keysUnderWay()} keys are still under way`);
  met.end();
  const growth = growthOfPeaks(held);
  if (growth > PEAKS_LIMIT_BYTES) wrong.push(`the heap has grown by ${growth} bytes`);
  await http.cache.close();
  return { hits, entries, held, faults: wrong };
}
