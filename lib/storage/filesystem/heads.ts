/**
 * The file of an entry's head: what the entry depends on, and its fields as a record. The body is a file of its own,
 * as a renewal writes the head alone.
 *
 * | bytes    | what                                                                  |
 * | -------- | --------------------------------------------------------------------- |
 * | 0 and 1  | the mark of all records                                               |
 * | 2        | version of this frame                                                 |
 * | 3        | 0                                                                     |
 * | 4 to 7   | how many bytes the dependencies take, big-endian                      |
 * | 8 to 11  | their checksum                                                        |
 * | 12 …     | the dependencies as JSON, then the fields as the codec writes them    |
 */
import type { StoredEntryInfo } from '../../api/storage.js';
import { type EntryFields, isCount, isRecord } from '../entry-shape.js';
import type { RecordCodec } from '../record/codec.js';
import { FORMAT, malformed, type Reading, viewOf } from '../record/part.js';
import { crc32 } from '../../support/crc32.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';
import { encoder, strictDecoder } from '../../support/utf8.js';

/** The tokens that stood when the entry was asked for: it is valid as long as all of them stand. */
export interface HeadTokens {
  readonly namespace: string;
  readonly resource: string;
  readonly key: string;
  /** In the order of the entry's tags. */
  readonly tags: readonly string[];
}

export interface Head {
  readonly fields: EntryFields;
  readonly tokens: HeadTokens;
  /** When the look-up was made that led to the entry, in epoch milliseconds. */
  readonly lookedUpAtMs: number;
  readonly bodyBytes: number;
  /** How many bytes the file of the body has. */
  readonly storedBytes: number;
}

const VERSION = 1;
const FRAME_BYTES = 12;
const [FIRST = 0, SECOND = 0] = FORMAT;

export function encodeHead(codec: RecordCodec, { fields, ...others }: Head): MaybePromise<Uint8Array> {
  return whenThere(codec.encodeFields(fields), (part) => {
    const json = encoder.encode(JSON.stringify(others));
    const bytes = new Uint8Array(FRAME_BYTES + json.byteLength + part.byteLength);
    bytes.set([FIRST, SECOND, VERSION, 0]);
    viewOf(bytes).setUint32(4, json.byteLength);
    viewOf(bytes).setUint32(8, crc32(json));
    bytes.set(json, FRAME_BYTES);
    bytes.set(part, FRAME_BYTES + json.byteLength);
    return bytes;
  });
}

/** The inverse of `encodeHead`. Whatever the bytes are, it only says what they are. */
export function readHead(codec: RecordCodec, bytes: Uint8Array): MaybePromise<Reading<Head>> {
  if (bytes.byteLength < FRAME_BYTES) return malformed('it is shorter than a head');
  if (bytes[0] !== FIRST || bytes[1] !== SECOND) return malformed('it does not begin as a record does');
  if (bytes[2] !== VERSION || bytes[3] !== 0) return { kind: 'other-format', format: `${bytes[2]}.${bytes[3]}` };
  const end = FRAME_BYTES + viewOf(bytes).getUint32(4);
  if (end > bytes.byteLength) return malformed('it ends within what it depends on');
  const json = bytes.subarray(FRAME_BYTES, end);
  if (crc32(json) !== viewOf(bytes).getUint32(8)) return malformed('its checksum is another');
  const others = parse(json);
  if (others === undefined) return malformed('what it depends on cannot be read');
  return whenThere(codec.readFields(bytes.subarray(end)), (reading) => {
    if (reading.kind !== 'read') return reading;
    const fields = reading.value;
    if (fields.tags.length !== others.tokens.tags.length) return malformed('its tags are others');
    return { kind: 'read', value: { fields, ...others } };
  });
}

function parse(json: Uint8Array): Omit<Head, 'fields'> | undefined {
  try {
    const parsed: unknown = JSON.parse(strictDecoder.decode(json));
    if (!isRecord(parsed)) return undefined;
    const { tokens, lookedUpAtMs, bodyBytes, storedBytes } = parsed as unknown as Head;
    const { namespace, resource, key, tags } = tokens;
    const isWhole =
      [namespace, resource, key, ...tags].every((token) => typeof token === 'string') &&
      Number.isFinite(lookedUpAtMs) &&
      isCount(bodyBytes) &&
      isCount(storedBytes);
    return isWhole ? { tokens: { namespace, resource, key, tags }, lookedUpAtMs, bodyBytes, storedBytes } : undefined;
  } catch {
    return undefined;
  }
}

export const infoOf = ({ fields, bodyBytes }: Pick<Head, 'fields' | 'bodyBytes'>): StoredEntryInfo => ({
  ...fields,
  bodyBytes,
});
