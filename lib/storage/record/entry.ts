/** An entry as bytes and back, for authors of storages that keep each entry as one value. */
import { CacheError } from '../../api/errors.js';
import type { StoredEntry } from '../../api/storage.js';
import type { RecordCodec } from './codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from './options.js';
import { explain, malformed, partOf, type Reading, viewOf } from './part.js';

/** How many bytes the fields take, before them. */
const LENGTH_BYTES = 4;

/**
 * Makes bytes of an entry, with the layers that the options name.
 * @throws CacheError `ERR_CACHE_RECORD`: a field is of another type than it must be. `ERR_CACHE_OPTION`: an option is.
 */
export async function encodeEntry(entry: StoredEntry, options: RecordOptions = NO_OPTIONS): Promise<Uint8Array> {
  const codec = codecOf(options, 'encodeEntry');
  const fields = await codec.encodeFields(entry);
  const body = await codec.encodeBody(entry);
  const record = new Uint8Array(LENGTH_BYTES + fields.byteLength + body.byteLength);
  viewOf(record).setUint32(0, fields.byteLength);
  record.set(fields, LENGTH_BYTES);
  record.set(body, LENGTH_BYTES + fields.byteLength);
  return record;
}

/**
 * The inverse of `encodeEntry`. The body may be a view of `record`.
 * @throws CacheError `ERR_CACHE_RECORD`: it is damaged, or was written by another version or with other options.
 */
export async function decodeEntry(record: Uint8Array, options: RecordOptions = NO_OPTIONS): Promise<StoredEntry> {
  const codec = codecOf(options, 'decodeEntry');
  const end = record.byteLength < LENGTH_BYTES ? Infinity : LENGTH_BYTES + viewOf(record).getUint32(0);
  if (end > record.byteLength) return valueOf(malformed('it ends within its fields'));
  const fields = valueOf(await codec.readFields(partOf(record, LENGTH_BYTES, end)));
  const body = valueOf(await codec.readBody(partOf(record, end, record.byteLength), fields));
  return { ...fields, body };
}

function valueOf<T>(reading: Reading<T>): T {
  if (reading.kind === 'read') return reading.value;
  throw new CacheError('ERR_CACHE_RECORD', explain(reading));
}

const NO_OPTIONS: RecordOptions = {};

/** Keys are derived once for the same object of options. */
const codecs = new WeakMap<RecordOptions, RecordCodec>();

function codecOf(options: RecordOptions, caller: string): RecordCodec {
  const known = codecs.get(options);
  if (known !== undefined) return known;
  checkOptionNames(options, [], caller);
  const { codec } = resolveRecordOptions(options, caller);
  codecs.set(options, codec);
  return codec;
}
