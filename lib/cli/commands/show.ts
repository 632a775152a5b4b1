/** `show`: all that is stored of one URL, with why it is fresh or not, its headers and its body. */
import type { StoredEntry } from 'axios-client-cache';
import { UsageError } from '../faults.js';
import { duration, size } from '../format.js';
import { lifetimeText } from '../lifetime.js';
import { describe, type Listed, listed, readEntry } from '../listing.js';
import type { Opened } from '../open.js';
import { harmless, type Output } from '../output.js';
import { contentType, pretty, shownHeaders, textOf } from '../shown.js';
import type { EntryHead } from '../../entries/head.js';
import { shownTags } from '../../entries/tags.js';

export interface ShowOptions {
  readonly body?: boolean | undefined;
  readonly reveal?: boolean | undefined;
}

/** Bodies are cut after so many lines. */
const LINES = 40;

/** @returns the exit code: 1 where nothing is stored. */
export async function show({ storage }: Opened, url: string, options: ShowOptions, output: Output): Promise<number> {
  const found: Listed[] = [];
  for await (const each of listed(storage, { url })) found.push(each);
  found.sort((one, other) => other.info.createdAtMs - one.info.createdAtMs);
  if (options.body === true) return writeBody(storage, found, output);
  for (const [index, each] of found.entries()) {
    const entry = await readEntry(storage, each.info);
    if (each.head === undefined) continue;
    if (output.isJson) {
      const headers = Object.fromEntries(shownHeaders(each.head, options));
      output.json({ ...describe(each), headers, body: entry && textOf(entry) });
      continue;
    }
    if (index > 0) output.line();
    writeEntry(each, each.head, entry, options, output);
  }
  return found.length === 0 ? 1 : 0;
}

async function writeBody(storage: Opened['storage'], found: readonly Listed[], output: Output): Promise<number> {
  const [first] = found;
  if (first === undefined) return 1;
  const variants = new Set(found.map(({ head }) => head?.url));
  if (variants.size > 1) throw new UsageError('--body takes one URL: several match.');
  const entry = await readEntry(storage, first.info);
  if (entry === undefined) return 1;
  output.bytes(entry.body);
  return 0;
}

function writeEntry(
  { info }: Listed,
  head: EntryHead,
  entry: StoredEntry | undefined,
  options: ShowOptions,
  output: Output,
): void {
  const { bold, dim } = output.colours;
  output.line(bold(harmless(`${head.method} ${head.url}  ${head.status} ${head.statusText}`)));
  output.line(`  ${lifetimeText(info, head)}`);
  output.line(`  stored ${duration(Date.now() - info.createdAtMs)} ago, ${size(info.bodyBytes)}`);
  if (head.redirectsTo !== undefined) output.line(harmless(`  redirects to ${head.redirectsTo}`));
  if (head.finalUrl !== undefined) output.line(harmless(`  answered by ${head.finalUrl}`));
  const varies = head.vary.map(([name]) => name);
  if (varies.length > 0) output.line(harmless(`  one variant of several, by ${varies.join(', ')}`));
  const tags = shownTags(info.tags);
  if (tags.length > 0) output.line(harmless(`  tags: ${tags.join(', ')}`));
  output.line();
  for (const [name, value] of shownHeaders(head, options)) output.line(harmless(`  ${dim(`${name}:`)} ${value}`));
  output.line();
  if (entry !== undefined) writeText(entry, head, output);
}

function writeText(entry: StoredEntry, head: EntryHead, output: Output): void {
  const text = textOf(entry);
  if (text === undefined) {
    output.line(`  (${size(entry.body.byteLength)} of ${contentType(head)})`);
    return;
  }
  const lines = pretty(text).split('\n');
  for (const line of lines.slice(0, LINES)) output.line(harmless(`  ${line}`));
  if (lines.length > LINES) output.line(output.colours.dim(`  … ${lines.length - LINES} more lines: --body has all`));
}
