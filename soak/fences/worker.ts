/**
 * One process of the soak: it looks up, asks slowly, stores, renews and invalidates at random, and writes down what it
 * has seen. Arguments: the settings as JSON, the file to write to.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fence, StoredEntry } from 'axios-client-cache';
import { soakStorage } from '../storages/storages.js';
import { brokenAs } from './broken.js';
import { type Asked, type Counts, type Invalidated, type Log, now, type Served } from './log.js';

export interface Settings {
  readonly storage: string;
  readonly address: string;
  /** Of this process. */
  readonly rounds: number;
  readonly broken: string | undefined;
}

const RESOURCES = 4;
const KEYS = 2;
const VARIANTS = ['', 'en'] as const;
/** How many rounds are under way at once. */
const TASKS = 4;
const ORIGIN_MS = 8;
const INVALIDATIONS = 0.1;
const LOSSES = 0.03;

const [settings = '', logFile = ''] = process.argv.slice(2);
const { storage: name, address, rounds, broken } = JSON.parse(settings) as Settings;
const engine = soakStorage(name);
const storage = brokenAs(broken, await engine.open(address));

const counts: Counts = { rounds: 0, hits: 0, stored: 0, refused: 0, lost: 0, invalidations: 0, heads: 0 };
const served: Served[] = [];
const invalidated: Invalidated[] = [];
const failures: Record<string, number> = {};

/** What the head says: which body it belongs to, and of a renewal when that was. */
interface Head {
  readonly body: string;
  readonly renewal?: Asked;
}

/** What the body says. */
interface Body extends Asked {
  readonly id: string;
  readonly padding: string;
}

const random = (count: number): number => Math.floor(Math.random() * count);
const pick = <T>(values: readonly [T, ...T[]]): T => values[random(values.length)] ?? values[0];
const keyOf = (resource: number, key: number): string => `key ${key} of ${resource}`;
const resourceOf = (resource: number): string => `resource ${resource}`;
/** A tag that look-ups name, and one that only an answer brings. */
const tagsOf = (resource: number): readonly [string, string] => [`known ${resource % 2}`, `later ${resource % 3}`];

/** Takes down what a look-up gave; a head over another body is counted here. */
function note(entries: readonly StoredEntry[], begun: number): void {
  for (const entry of entries) {
    const head = JSON.parse(entry.head) as Head;
    const body = JSON.parse(new TextDecoder().decode(entry.body)) as Body;
    if (head.body !== body.id || entry.revision !== body.id) counts.heads += 1;
    const { key, resource, tags } = entry;
    const names = [`resource:${resource}`, `key:${key}`, ...tags.map((tag) => `tag:${tag}`), 'everything'];
    const { lookedUp, stored } = body;
    served.push({ begun, names, body: { lookedUp, stored }, renewal: head.renewal });
  }
}

let answers = 0;

/** An answer of the origin that was asked after a look-up. */
function answerTo(fields: Pick<StoredEntry, 'key' | 'resource' | 'variant' | 'tags'>, lookedUp: number): StoredEntry {
  answers += 1;
  const id = `${process.pid}.${answers}`;
  const body: Body = { id, lookedUp, stored: now(), padding: 'x'.repeat(random(300)) };
  const createdAtMs = Date.now();
  return {
    ...fields,
    revision: id,
    createdAtMs,
    expiresAtMs: createdAtMs + 5000,
    purgeAtMs: Math.random() < 0.05 ? Infinity : createdAtMs + pick([20, 60_000, 60_000]),
    head: JSON.stringify({ body: id } satisfies Head),
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

async function ask(): Promise<void> {
  const [at, variant] = [random(RESOURCES), pick(VARIANTS)];
  const [key, resource] = [keyOf(at, random(KEYS)), resourceOf(at)];
  const tags = tagsOf(at);
  const begun = now();
  const { entries, fence } = await storage.get(key, { resource, tags: Math.random() < 0.2 ? [] : [tags[0]] });
  const lookedUp = now();
  note(entries, begun);
  const there = entries.find((entry) => entry.variant === variant);
  if (there !== undefined) counts.hits += 1;
  if (there !== undefined && Math.random() < 0.4) return;
  await sleep(random(ORIGIN_MS));
  const isKept = there !== undefined && Math.random() < 0.5
    ? await renew(there, lookedUp, fence)
    : await storage.set(answerTo({ key, resource, variant, tags }, lookedUp), fence);
  counts[isKept ? 'stored' : 'refused'] += 1;
}

async function renew({ body, ...entry }: StoredEntry, lookedUp: number, fence?: Fence): Promise<boolean> {
  const head: Head = { ...(JSON.parse(entry.head) as Head), renewal: { lookedUp, stored: now() } };
  const renewed = { ...entry, head: JSON.stringify(head), purgeAtMs: Date.now() + 60_000 };
  if (await storage.touch(renewed, fence)) return true;
  // As the cache does it: where the entry is gone, as by an eviction, the body is still at hand.
  const { entries } = await storage.get(entry.key, entry);
  const isGone = !entries.some(({ variant }) => variant === entry.variant);
  return isGone && (await storage.set({ ...renewed, body }, fence)) === true;
}

async function invalidate(): Promise<void> {
  const at = random(RESOURCES);
  const [resource, key, tag] = [resourceOf(at), keyOf(at, random(KEYS)), pick(tagsOf(at))];
  const [what, work] = pick<readonly [string, () => unknown]>([
    [`resource:${resource}`, () => storage.delete({ resource })],
    [`resource:${resource}`, () => storage.delete({ resource })],
    [`tag:${tag}`, () => storage.delete({ tag })],
    [`tag:${tag}`, () => storage.delete({ tag })],
    [`key:${key}`, () => storage.delete({ key, resource })],
    [`key:${key}`, () => storage.delete({ key, resource })],
    ['under way', () => storage.delete({ underWay: true })],
    ['everything', () => storage.clear()],
  ]);
  const called = now();
  await work();
  invalidated.push({ name: what, called, resolved: now() });
  counts.invalidations += 1;
}

async function round(): Promise<void> {
  const lot = Math.random();
  if (lot < INVALIDATIONS) await invalidate();
  else if (engine.loseTokens !== undefined && lot < INVALIDATIONS + LOSSES) {
    counts.lost += 1;
    await engine.loseTokens(address);
  } else await ask();
}

async function task(): Promise<void> {
  while (counts.rounds < rounds) {
    counts.rounds += 1;
    try {
      await round();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures[message] = (failures[message] ?? 0) + 1;
    }
  }
}

await Promise.all(Array.from({ length: TASKS }, task));
await storage.close();
writeFileSync(logFile, JSON.stringify({ served, invalidated, counts, failures } satisfies Log));
process.exit(0);
