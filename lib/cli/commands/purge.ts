/** `purge`: deletes what all conditions choose, or everything. */
import { createInterface } from 'node:readline/promises';
import { inTime, UsageError } from '../faults.js';
import { count } from '../format.js';
import { type Conditions, deleteEntry, describe, type Listed, listed } from '../listing.js';
import type { Opened } from '../open.js';
import type { Output } from '../output.js';

export interface PurgeOptions extends Conditions {
  readonly all?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

const CONDITIONS = ['host', 'url', 'tag', 'method', 'status', 'fresh', 'stale', 'expired', 'olderThan'] as const;

/** @returns the exit code: 1 where nothing matched. */
export async function purge(opened: Opened, options: PurgeOptions, output: Output): Promise<number> {
  const { storage } = opened;
  const isLimited = CONDITIONS.some((name) => options[name] !== undefined && options[name] !== false);
  if (isLimited === (options.all === true)) {
    throw new UsageError('purge takes --all, or conditions: --host, --url, --tag, --method, --status, --fresh, --stale, --expired, --older-than.');
  }
  const found: Listed[] = [];
  for await (const each of listed(storage, options)) found.push(each);
  if (options.dryRun === true) return told(found, 'would be deleted', output);
  if (options.all === true) {
    if (options.yes !== true && !(await agrees(found.length, opened))) throw new UsageError('nothing was deleted.');
    await inTime(storage.clear());
    return told(found, 'deleted', output);
  }
  for (const { info } of found) await deleteEntry(storage, info);
  return told(found, 'deleted', output);
}

function told(found: readonly Listed[], what: string, output: Output): number {
  if (output.isJson) for (const each of found) output.json(describe(each));
  else output.line(`${count(found.length, 'entry')} ${what}`);
  return found.length === 0 ? 1 : 0;
}

async function agrees(entries: number, { place }: Opened): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('purge --all asks on a terminal; elsewhere add --yes.');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`Delete all ${count(entries, 'entry')} of ${place}? [y/N] `)).trim());
  } finally {
    asking.close();
  }
}
