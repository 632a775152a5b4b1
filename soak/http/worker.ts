/**
 * One process of the soak: axios with a cache on the shared storage. It reads, changes and deletes at random, and writes
 * down what it has seen. Arguments: the settings as JSON, the file to write to.
 */
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import axios, { type AxiosRequestConfig } from 'axios';
import { setupCache } from 'axios-client-cache';
import { brokenAs } from '../fences/broken.js';
import { now } from '../fences/log.js';
import { soakStorage } from '../storages/storages.js';
import { GROUPS, type Item, KEYS, type Versions } from './origin.js';

export interface Settings {
  readonly storage: string;
  readonly address: string;
  readonly url: string;
  /** Of this process. */
  readonly reads: number;
  readonly broken: string | undefined;
}

/** What was read, when the request for it began, and whether it joined one that was under way in this process. */
export type Read = readonly [begun: number, key: number, version: number, at: number, joined: boolean];
/** A change of a key that the caller was told of at `resolved`. */
export type Change = readonly [key: number, version: number, resolved: number];
/** A deletion of a key, or of all. */
export type Deletion = readonly [key: number | 'all', called: number, resolved: number];

export interface Seen {
  readonly reads: readonly Read[];
  readonly changes: readonly Change[];
  readonly deletions: readonly Deletion[];
  readonly hits: number;
  readonly headRequests: number;
  /** Answers whose head was of another version than their body. */
  readonly heads: number;
  readonly events: Readonly<Record<string, number>>;
}

const TASKS = 12;

const [settingsText = '', logFile = ''] = process.argv.slice(2);
const settings = JSON.parse(settingsText) as Settings;
const storage = brokenAs(settings.broken, await soakStorage(settings.storage).open(settings.address));
const events: Record<string, number> = {};
const http = setupCache(
  axios.create({ baseURL: settings.url, proxy: false, httpAgent: new Agent({ keepAlive: true }) }),
  // A machine under load is slow, and a storage that is given up would show nothing.
  { storage, storageTimeout: '20s' },
);
http.cache.on('storage-error', ({ operation, error }) => {
  const name = `${operation}: ${error.message}`;
  events[name] = (events[name] ?? 0) + 1;
});

const reads: Read[] = [];
const changes: Change[] = [];
const deletions: Deletion[] = [];
let hits = 0;
let headRequests = 0;
let heads = 0;

const random = (count: number): number => Math.floor(Math.random() * count);
const groupOf = (key: number): string => `group ${key % GROUPS}`;
const configOf = (key: number, mode?: 'no-cache' | 'reload'): AxiosRequestConfig =>
  ({ cache: { tags: [groupOf(key)], ...(mode === undefined ? {} : { mode }) } });

async function read(key: number, mode?: 'no-cache' | 'reload'): Promise<void> {
  const begun = now();
  const { data, headers, cached, cache } = await http.get<Item>(`/item/${key}`, configOf(key, mode));
  if (headers['x-version'] !== String(data.version) || data.key !== key) heads += 1;
  if (cached) hits += 1;
  reads.push([begun, key, data.version, data.at, cache.collapsed]);
}

async function change(request: Promise<{ readonly data: Versions }>): Promise<void> {
  const { data } = await request;
  const resolved = now();
  for (const [key, version] of Object.entries(data)) changes.push([Number(key), version, resolved]);
}

async function remove(key: number | 'all', work: () => Promise<unknown>): Promise<void> {
  const called = now();
  await work();
  deletions.push([key, called, now()]);
}

async function one(): Promise<void> {
  const key = random(KEYS);
  const lot = random(1000);
  if (lot < 800) await read(key);
  else if (lot < 860) await read(key, 'no-cache');
  else if (lot < 900) await read(key, 'reload');
  else if (lot < 950) {
    headRequests += 1;
    await http.head(`/item/${key}`, configOf(key));
  } else if (lot < 970) await change(http.put<Versions>(`/item/${key}`, 'new'));
  else if (lot < 976) {
    const group = random(GROUPS);
    await change(http.post<Versions>(`/group/${group}`, '', { cache: { invalidates: { tag: `group ${group}` } } }));
  } else if (lot < 980) {
    const group = random(GROUPS);
    const invalidates = { pattern: /\/item\/\d+$/ };
    await change(http.post<Versions>(`/group/${group}`, '', { cache: { invalidates } }));
  } else if (lot < 998) await remove(key, () => http.cache.delete(`/item/${key}`));
  else await remove('all', () => http.cache.clear());
}

async function task(): Promise<void> {
  while (reads.length < settings.reads) await one();
}

try {
  await Promise.all(Array.from({ length: TASKS }, task));
} catch (error) {
  // The error of axios has all of the agent and its sockets in it.
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
await http.cache.close();
writeFileSync(logFile, JSON.stringify({
  reads, changes, deletions, hits, headRequests, heads, events,
} satisfies Seen));
process.exit(0);
