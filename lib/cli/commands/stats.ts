/** `stats`: what is stored, in numbers and bars. Of requests and hits it knows nothing: `http.cache.stats()` does. */
import { setTimeout } from 'node:timers/promises';
import { UsageError } from '../faults.js';
import { bar, count, duration, size } from '../format.js';
import { type Listed, listed } from '../listing.js';
import type { Opened } from '../open.js';
import type { Output } from '../output.js';
import { byHost } from './ls.js';

const LARGEST = 10;
const HOSTS = 15;

const HOUR_MS = 3_600_000;
const AGES = [
  ['up to an hour', HOUR_MS],
  ['up to a day', 24 * HOUR_MS],
  ['up to a week', 168 * HOUR_MS],
  ['up to a month', 720 * HOUR_MS],
  ['older', Infinity],
] as const;
const SIZES = [
  ['up to 1 kB', 1e3],
  ['up to 10 kB', 1e4],
  ['up to 100 kB', 1e5],
  ['up to 1 MB', 1e6],
  ['larger', Infinity],
] as const;

export interface StatsOptions {
  /** Seconds from one look to the next; `true` for the usual ones. */
  readonly watch?: boolean | string | number | undefined;
}

const USUAL_SECONDS = 2;

/** @returns the exit code: 1 where nothing is stored; 0 for `--watch`, once it is interrupted. */
export async function stats(opened: Opened, { watch }: StatsOptions, output: Output): Promise<number> {
  if (watch === undefined || watch === false) return told(opened, output);
  const seconds = watch === true ? USUAL_SECONDS : Number(watch);
  if (!(seconds > 0 && seconds <= 86_400)) throw new UsageError('--watch takes seconds, such as 5, or nothing.');
  const ending = new AbortController();
  const end = (): void => { ending.abort(); };
  process.once('SIGINT', end).once('SIGTERM', end);
  while (!ending.signal.aborted) {
    await output.redrawn(() => told(opened, output));
    await setTimeout(seconds * 1000, undefined, { signal: ending.signal }).catch(() => undefined);
  }
  return 0;
}

async function told({ storage, place }: Opened, output: Output): Promise<number> {
  const entries: Listed[] = [];
  for await (const each of listed(storage)) entries.push(each);
  const now = Date.now();
  const bytes = sumOf(entries);
  const expired = entries.filter(({ info }) => info.purgeAtMs <= now).length;
  const fresh = entries.filter(({ info }) => info.expiresAtMs > now).length;
  const ages = entries.map(({ info }) => now - info.createdAtMs);
  const facts = { entries: entries.length, bytes, fresh, stale: entries.length - fresh - expired, expired };
  if (output.isJson) {
    const hosts = Object.fromEntries(
      [...byHost(entries)].map(([host, of]) => [host, { entries: of.length, bytes: sumOf(of) }]),
    );
    output.json({ ...facts, oldestSeconds: secondsOf(ages, 'max'), newestSeconds: secondsOf(ages, 'min'), hosts });
    return entries.length === 0 ? 1 : 0;
  }
  output.line(`${place}: ${count(entries.length, 'entry')}, ${size(bytes)}`);
  if (entries.length === 0) return 1;
  const oldest = duration(Math.max(...ages));
  const newest = duration(Math.min(...ages));
  output.line(`fresh ${fresh}, stale ${facts.stale}, expired ${expired}; the newest is ${newest} old, the oldest ${oldest}`);
  writeHosts(entries, output);
  writeBars('age', AGES, entries, ({ info }) => now - info.createdAtMs, output);
  writeBars('size', SIZES, entries, ({ info }) => info.bodyBytes, output);
  output.line();
  const largest = [...entries].sort((one, other) => other.info.bodyBytes - one.info.bodyBytes).slice(0, LARGEST);
  output.table(
    [{ title: 'largest', align: 'right' }, { title: 'url', gives: true }],
    largest.map(({ info, head }) => [size(info.bodyBytes), head?.url ?? '(this record cannot be read)']),
  );
  return 0;
}

const sumOf = (entries: readonly Listed[]): number => entries.reduce((sum, { info }) => sum + info.bodyBytes, 0);

const secondsOf = (ages: readonly number[], which: 'min' | 'max'): number | undefined =>
  ages.length === 0 ? undefined : Math.round(Math[which](...ages) / 1000);

function writeHosts(entries: readonly Listed[], output: Output): void {
  const hosts = [...byHost(entries)]
    .map(([host, of]) => ({ host: host || '(unreadable)', entries: of.length, bytes: sumOf(of) }))
    .sort((one, other) => other.bytes - one.bytes || other.entries - one.entries);
  const most = hosts[0]?.bytes ?? 0;
  output.line();
  output.table(
    [
      { title: 'host', gives: true },
      { title: 'entries', align: 'right' },
      { title: 'size', align: 'right' },
      { title: '' },
    ],
    hosts.slice(0, HOSTS).map((each) => [each.host, each.entries, size(each.bytes), bar(each.bytes, most)]),
  );
  if (hosts.length > HOSTS) output.line(`and ${count(hosts.length - HOSTS, 'host')} more`);
}

function writeBars(
  title: string,
  classes: readonly (readonly [string, number])[],
  entries: readonly Listed[],
  valueOf: (entry: Listed) => number,
  output: Output,
): void {
  const counts = classes.map(() => 0);
  for (const each of entries) {
    const at = classes.findIndex(([, limit]) => valueOf(each) <= limit);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  output.line();
  output.table(
    [{ title }, { title: 'entries', align: 'right' }, { title: '' }],
    classes.map(([name], at) => [name, counts[at] ?? 0, bar(counts[at] ?? 0, most)]),
  );
}
