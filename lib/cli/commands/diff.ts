/** `diff`: what two storages have of the same requests, and where their bodies differ. */
import { createHash } from 'node:crypto';
import type { CacheStorage } from 'axios-client-cache';
import { size } from '../format.js';
import { listed, readEntry } from '../listing.js';
import { openStorage, type OpenOptions } from '../open.js';
import type { Output } from '../output.js';
import { findBy } from '../transfer.js';

interface Side {
  readonly bytes: number;
  readonly status: number;
  /** Of status and body. */
  readonly digest: string;
}

/** @returns the exit code: 1 where there is a difference. */
export async function diff(one: string, other: string, options: OpenOptions, output: Output): Promise<number> {
  const [before, after] = [await sidesOf(one, options), await sidesOf(other, options)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const rows: { readonly mark: string; readonly request: string; readonly what: string }[] = [];
  for (const request of names) {
    const [was, is] = [before.get(request), after.get(request)];
    if (was === undefined) rows.push({ mark: '+', request, what: `only in ${other}` });
    else if (is === undefined) rows.push({ mark: '-', request, what: `only in ${one}` });
    else if (was.digest !== is.digest) rows.push({ mark: '~', request, what: changeOf(was, is) });
  }
  const { colours } = output;
  const colourOf = { '+': colours.green, '-': colours.red, '~': colours.yellow };
  for (const { mark, request, what } of rows) {
    if (output.isJson) output.json({ change: { '+': 'added', '-': 'removed', '~': 'changed' }[mark], request, what });
    else output.line(colourOf[mark as keyof typeof colourOf](`${mark} ${request}  (${what})`));
  }
  if (!output.isJson) output.line(`${names.length - rows.length} equal, ${rows.length} different`);
  return rows.length === 0 ? 0 : 1;
}

function changeOf(was: Side, is: Side): string {
  if (was.status !== is.status) return `status ${was.status}, now ${is.status}`;
  return was.bytes === is.bytes ? `another body of ${size(is.bytes)}` : `${size(was.bytes)}, now ${size(is.bytes)}`;
}

async function sidesOf(given: string, options: OpenOptions): Promise<Map<string, Side>> {
  const opened = await openStorage(given, options);
  try {
    await findBy(opened.storage);
    return await read(opened.storage);
  } finally {
    await opened.close();
  }
}

/** The newest answer to a request stands for all of its variants and users. */
async function read(storage: CacheStorage): Promise<Map<string, Side>> {
  const sides = new Map<string, Side & { readonly at: number }>();
  for await (const { info, head } of listed(storage)) {
    if (head === undefined) continue;
    const request = `${head.method} ${head.url}`;
    const at = info.createdAtMs;
    if ((sides.get(request)?.at ?? -Infinity) > at) continue;
    const entry = await readEntry(storage, info);
    if (entry === undefined) continue;
    const digest = createHash('sha256').update(`${head.status}\n`).update(entry.body).digest('hex');
    sides.set(request, { at, bytes: entry.body.byteLength, status: head.status, digest });
  }
  return sides;
}
