/**
 * This file implements `instance.cache.update`, by which a user who knows what the origin has by now rewrites a stored
 * JSON body.
 */
import { CacheError } from '../api/errors.js';
import type { StoredEntry } from '../api/storage.js';
import type { CallerFlights } from './flights/sent-requests.js';
import type { Reading, SoughtRequest } from './reading/look-up.js';
import { decodeBody } from '../entries/body.js';
import { allowsStale, type Entry, makeEntry } from '../entries/entry.js';
import type { HeaderFields } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { selectMatching } from '../rfc9111/vary.js';
import { type GuardedStorage, valueOf } from '../storage/guard.js';
import type { MaybePromise } from '../support/maybe-promise.js';
import { decoder, encoder } from '../support/utf8.js';

interface UpdatePorts {
  readonly flights: Pick<CallerFlights, 'enter' | 'invalidate'>;
  readonly storage: GuardedStorage;
  readonly read: (sought: SoughtRequest) => MaybePromise<Reading>;
  /** It deletes an entry that should not have been written. */
  readonly withdraw: (entry: StoredEntry) => Promise<void>;
}

/**
 * It gives the stored JSON data to `change` and stores what that returns; where it returns undefined, the entry is
 * deleted. The result is false where nothing was stored, or where it was invalidated meanwhile. It throws what `change`
 * throws, and a CacheError where the body is not JSON or the storage fails; the entry then stays as it was.
 */
export async function updateEntry(
  target: SoughtRequest,
  change: (data: unknown) => unknown,
  { flights, storage, read, withdraw }: UpdatePorts,
): Promise<boolean> {
  const hold = flights.enter(target.key, target.resource);
  try {
    // Requests that are under way were sent before the change, and their answers must not undo it.
    flights.invalidate(target.resource);
    const { generation } = hold;
    const { entries, error } = await read(target);
    if (error !== undefined) throw error;
    const entry = selectMatching(target.head, entries.filter((each) => !isPart(each)))[0];
    if (entry === undefined) return false;
    const data = change(jsonOf(entry));
    if (hold.generation !== generation) return false;
    const { key, variant } = entry.raw;
    if (data === undefined) return valueOf(await storage.delete({ key, variant })) > 0;
    const rewritten = rewrittenEntry(entry, data, target.policy);
    valueOf(await storage.set(rewritten));
    if (hold.generation === generation) return true;
    await withdraw(rewritten);
    return false;
  } finally {
    hold.release();
  }
}

function jsonOf({ bodyKind, raw }: Entry): unknown {
  try {
    const body = decodeBody(bodyKind, raw.body);
    if (body.kind === 'value') return body.value;
    return JSON.parse(body.kind === 'text' ? body.text : decoder.decode(raw.body)) as unknown;
  } catch {
    throw new CacheError('ERR_CACHE_OPTION', 'update() rewrites JSON; what is stored for this URL is not.', {
      option: 'url',
    });
  }
}

/**
 * These fields describe the bytes of the origin, and the rewritten body has others. Without them, the next validation
 * fetches the whole answer.
 */
const OF_THE_BYTES = ['etag', 'last-modified', 'content-md5', 'digest', 'content-digest', 'repr-digest'];

function rewrittenEntry(entry: Entry, data: unknown, policy: SoughtRequest['policy']): StoredEntry {
  const { key, resource, variant, tags } = entry.raw;
  const { keepStale } = policy;
  const identity = { key, resource, variant, tags, keepStale, mayBeStale: allowsStale(policy) };
  const body = encoder.encode(textOf(data));
  const kept = Object.entries(entry.headers).filter(([name]) => !OF_THE_BYTES.includes(name));
  const headers = Object.assign(Object.create(null), Object.fromEntries(kept)) as Record<string, HeaderFields[string]>;
  if (headers['content-length'] !== undefined) headers['content-length'] = String(body.byteLength);
  return makeEntry({ ...entry, headers }, body, identity).raw;
}

/** It throws a TypeError for data that JSON cannot express. */
function textOf(data: unknown): string {
  if (data instanceof Promise) {
    data.catch(() => undefined);
    throw new TypeError('update(): `change` returned a promise; what takes time is to be done before');
  }
  const text = JSON.stringify(data) as string | undefined;
  if (text === undefined) throw new TypeError('update(): what `change` returned is nothing that JSON can say');
  return text;
}
