/** The codec of records: between the parts of an entry and their bytes, through the layers that the options name. */
import type { StoredEntry } from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import { canCompress, compress, decompress } from './compression.js';
import { parseFields, writeFields } from './fields.js';
import { COMPRESSED, malformed, partOf, readHead, type Reading } from './part.js';
import type { Seal } from './seals.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';

/** What a body belongs to. */
export type BodyOwner = Pick<StoredEntry, 'key' | 'variant' | 'revision'>;

/**
 * Without compression each method answers at once, else it may return a promise: large contents are compressed in
 * another thread. Whatever the bytes are, reading only says what they are.
 */
export interface RecordCodec {
  /** Whether what it writes is signed or encrypted. */
  readonly hasKeys: boolean;
  /** @throws CacheError `ERR_CACHE_RECORD`: a field is of another type than the port says, or a time is none. */
  encodeFields(fields: EntryFields): MaybePromise<Uint8Array>;
  /** The body is bound to its key, variant and revision, and is read with these alone. */
  encodeBody(body: BodyOwner & Pick<StoredEntry, 'body'>): MaybePromise<Uint8Array>;
  /** Who looked for a key sees that the fields are of this key. */
  readFields(part: Uint8Array): MaybePromise<Reading<EntryFields>>;
  /** Where nothing had to be made of them, the bytes of the body are those of `part`. */
  readBody(part: Uint8Array, owner: BodyOwner): MaybePromise<Reading<Uint8Array>>;
}

/** What the options come to. */
export interface CodecLayers {
  readonly seal: Seal;
  /** From how many bytes on contents are compressed; `Infinity` for never. */
  readonly compressFrom: number;
}

/** @param namespace Parts are bound to it, so that they are read in no other one. */
export function createCodec(namespace: string, { seal, compressFrom }: CodecLayers): RecordCodec {
  const ofFields = JSON.stringify(['fields', namespace]);
  // JSON tells where each text ends, and what no UTF-8 can hold.
  const ofBody = ({ key, variant, revision }: BodyOwner): string =>
    JSON.stringify(['body', namespace, key, variant, revision]);
  const isReadable = (flags: number): boolean =>
    (flags & ~COMPRESSED) === seal.flag && (canCompress || (flags & COMPRESSED) === 0);

  const encode = (content: Uint8Array, binding: string): MaybePromise<Uint8Array> => {
    const length = content.byteLength;
    if (length < compressFrom) return seal.close({ flags: seal.flag, length }, content, binding);
    return whenThere(compress(content), (compressed) =>
      compressed === undefined
        ? seal.close({ flags: seal.flag, length }, content, binding)
        : seal.close({ flags: seal.flag | COMPRESSED, length }, compressed, binding),
    );
  };
  const read = (part: Uint8Array, binding: string): MaybePromise<Reading<Uint8Array>> => {
    const head = readHead(part, isReadable);
    if (head.kind !== 'read') return head;
    const { flags, length } = head.value;
    const content = seal.open(part, binding);
    if (typeof content === 'string') return malformed(content);
    if ((flags & COMPRESSED) !== 0) return decompress(content, length);
    return content.byteLength === length ? { kind: 'read', value: content } : malformed('it has another length');
  };

  return {
    hasKeys: seal.flag !== 0,
    encodeFields: (fields) => encode(writeFields(fields), ofFields),
    encodeBody: (body) => encode(body.body, ofBody(body)),
    readFields: (part) =>
      whenThere(read(part, ofFields), (reading) => (reading.kind === 'read' ? parseFields(reading.value) : reading)),
    readBody: (part, owner) => whenThere(read(part, ofBody(owner)), ownBytes),
  };
}

/** Node gives Buffers, whose `slice` is another than that of other bytes. */
const ownBytes = (reading: Reading<Uint8Array>): Reading<Uint8Array> =>
  reading.kind === 'read' && reading.value.constructor !== Uint8Array
    ? { kind: 'read', value: partOf(reading.value, 0, reading.value.byteLength) }
    : reading;
