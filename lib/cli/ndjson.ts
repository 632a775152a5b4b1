/**
 * A file of entries, one JSON object a line, with everything that a storage has of them. The first line has a digest of
 * the secret that their keys were made with, by which another storage knows whether it can find those of users.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { CacheStorage, StoredEntry } from 'axios-client-cache';
import { UsageError } from './faults.js';
import { listed, readEntry } from './listing.js';
import { guard, newSecret, targetOf, type Transfer } from './transfer.js';
import { addressingOf, copyEntry, counted, findableIn, NOTHING_COPIED } from '../engine/copy.js';
import { fieldsOf } from '../storage/entry-shape.js';
import { hashAddress } from '../support/digest.js';

/** JSON has no Infinity: null stands for it. */
const finite = (ms: number): number | null => (ms === Infinity ? null : ms);
const endless = (ms: unknown): number => (typeof ms === 'number' ? ms : Infinity);

/** @returns how many entries were written. */
export async function writeLines(storage: CacheStorage, file: string): Promise<number> {
  const { secret } = await addressingOf(guard(storage, () => undefined), { form: 'texts', secret: newSecret });
  const lines = createWriteStream(file);
  await once(lines, 'open');
  lines.write(`${JSON.stringify({ secretDigest: hashAddress(secret) })}\n`);
  let written = 0;
  for await (const { info } of listed(storage)) {
    const entry = await readEntry(storage, info);
    if (entry === undefined) continue;
    const times = { expiresAtMs: finite(entry.expiresAtMs), purgeAtMs: finite(entry.purgeAtMs) };
    const line = JSON.stringify({ ...fieldsOf(entry), ...times, body: Buffer.from(entry.body).toString('base64') });
    if (!lines.write(`${line}\n`)) await once(lines, 'drain');
    written += 1;
  }
  lines.end();
  await finished(lines);
  return written;
}

/** @throws UsageError that names the first line which is no entry; what stands before it was read. */
export async function readLines(file: string, storage: CacheStorage): Promise<Transfer> {
  let failure: string | undefined;
  const guarded = guard(storage, (line) => { failure = line; });
  const to = await targetOf(guarded, storage, { form: 'digests', secret: newSecret() });
  const { form, secret } = to.addressing;
  const target = { ...to, addressing: { form, secret: hashAddress(secret) } };
  let from = { form, secret: '' };
  let progress = NOTHING_COPIED;
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    number += 1;
    if (line.trim() === '') continue;
    const parsed = parseLine(line);
    const { secretDigest } = parsed;
    if (number === 1 && typeof secretDigest === 'string') {
      from = { form, secret: secretDigest };
      continue;
    }
    const entry = entryOf(parsed);
    if (entry === undefined) throw new UsageError(`line ${number} of ${file} is no entry; ${progress.copied} were read.`);
    const found = findableIn(target, entry, from);
    progress = counted(
      progress,
      found === undefined
        ? { ok: true, value: 'not-findable' }
        : await copyEntry(found, target, () => ({ ok: true, value: found })),
    );
  }
  return { ...progress, failure };
}

type Parsed = Readonly<Record<string, unknown>>;

function parseLine(line: string): Parsed {
  try {
    return { ...(JSON.parse(line) as Parsed) };
  } catch {
    return {};
  }
}

function entryOf(parsed: Parsed): StoredEntry | undefined {
  const { key, resource, variant, revision, head, body, tags, createdAtMs, expiresAtMs, purgeAtMs } = parsed;
  const texts = [key, resource, variant, revision, head, body];
  if (!texts.every((each) => typeof each === 'string') || !Array.isArray(tags)) return undefined;
  if (typeof createdAtMs !== 'number') return undefined;
  const [text = '', ...others] = [body, key, resource, variant, revision, head].map(String);
  const [ofKey = '', ofResource = '', ofVariant = '', ofRevision = '', ofHead = ''] = others;
  return {
    key: ofKey,
    resource: ofResource,
    variant: ofVariant,
    revision: ofRevision,
    head: ofHead,
    tags: tags.map(String),
    createdAtMs,
    expiresAtMs: endless(expiresAtMs),
    purgeAtMs: endless(purgeAtMs),
    body: new Uint8Array(Buffer.from(text, 'base64')),
  };
}
