/** `ls`: one line an entry, grouped by host where that is more than one screen. */
import { duration, size, count } from '../format.js';
import { type Conditions, describe, hostOf, type Listed, listed } from '../listing.js';
import type { Opened } from '../open.js';
import type { Column, Output } from '../output.js';

export interface LsOptions extends Conditions {
  readonly sort?: string | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: 'age', align: 'right' },
  { title: 'left', align: 'right' },
  { title: 'size', align: 'right' },
  { title: 'status' },
  { title: 'method' },
  { title: 'url', gives: true },
];

type Order = (one: Listed, other: Listed) => number;
const byUrl: Order = (one, other) => ((one.head?.url ?? '') < (other.head?.url ?? '') ? -1 : 1);
export const ORDERS: Readonly<Record<string, Order>> = {
  url: byUrl,
  size: (one, other) => other.info.bodyBytes - one.info.bodyBytes,
  age: (one, other) => one.info.createdAtMs - other.info.createdAtMs,
  status: (one, other) => (one.head?.status ?? 0) - (other.head?.status ?? 0) || byUrl(one, other),
  left: (one, other) => one.info.expiresAtMs - other.info.expiresAtMs || byUrl(one, other),
};

/** @returns the exit code: 1 where nothing matched. */
export async function ls({ storage }: Opened, options: LsOptions, output: Output): Promise<number> {
  const { sort } = options;
  if (output.isJson && sort === undefined) return stream(storage, options, output);
  const entries: Listed[] = [];
  for await (const each of listed(storage, options)) entries.push(each);
  entries.sort(ORDERS[sort ?? 'url']);
  if (output.isJson) {
    for (const each of entries) output.json(describe(each));
  } else if (entries.length > 0) {
    writeTable(entries, sort === undefined && entries.length > output.screen - 3, output);
  }
  return entries.length === 0 ? 1 : 0;
}

/** A listing in no order needs no memory for all entries. */
async function stream(storage: Opened['storage'], options: LsOptions, output: Output): Promise<number> {
  let isEmpty = true;
  for await (const each of listed(storage, options)) {
    isEmpty = false;
    output.json(describe(each));
  }
  return isEmpty ? 1 : 0;
}

function writeTable(entries: readonly Listed[], isGrouped: boolean, output: Output): void {
  if (!isGrouped) {
    output.table(COLUMNS, entries.map((each) => rowOf(each, output)));
  } else {
    for (const [host, ofHost] of byHost(entries)) {
      const bytes = ofHost.reduce((sum, { info }) => sum + info.bodyBytes, 0);
      output.line(output.colours.bold(`${host || '(unreadable)'}  ${count(ofHost.length, 'entry')}, ${size(bytes)}`));
      output.table(COLUMNS, ofHost.map((each) => rowOf(each, output)));
      output.line();
    }
  }
  const bytes = entries.reduce((sum, { info }) => sum + info.bodyBytes, 0);
  output.line(output.colours.dim(`${count(entries.length, 'entry')}, ${size(bytes)}`));
}

export function byHost(entries: readonly Listed[]): Map<string, Listed[]> {
  const hosts = new Map<string, Listed[]>();
  for (const each of entries) {
    const host = hostOf(each.head?.url ?? '');
    const known = hosts.get(host);
    if (known === undefined) hosts.set(host, [each]);
    else known.push(each);
  }
  return hosts;
}

function rowOf({ info, head }: Listed, { colours }: Output): string[] {
  const now = Date.now();
  const left = info.expiresAtMs - now;
  const shownLeft = left > 0 ? colours.green(duration(left)) : colours.yellow('stale');
  const status = String(head?.status ?? '?');
  return [
    duration(now - info.createdAtMs),
    shownLeft,
    size(info.bodyBytes),
    Number(status) >= 400 ? colours.red(status) : status,
    head?.method ?? '?',
    head?.url ?? '(this record cannot be read)',
  ];
}
