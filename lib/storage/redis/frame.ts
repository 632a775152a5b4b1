/**
 * How an entry stands in one string: a head with a fixed place for each value, so that scripts read it without the
 * rest, then the tokens of the tags, then the two parts of the record (`lib/storage/record`).
 *
 * | bytes      | what                                                                                  |
 * | ---------- | ------------------------------------------------------------------------------------- |
 * | 0 to 2     | the mark and version with which records begin                                         |
 * | 3          | `1` where the key has other variants, else `0`                                        |
 * | 4 to 19    | when the origin could be asked for it, in microseconds                                |
 * | 20 to 35   | the token of the namespace                                                            |
 * | 36 to 51   | the token of the resource                                                             |
 * | 52 to 67   | the mark of the key                                                                   |
 * | 68 to 89   | the digest of its revision                                                            |
 * | 90 to 111  | the digest of its variant                                                             |
 * | 112 to 127 | the number of changes of tags at the time at which the tokens of its tags were read   |
 * | 128 to 137 | how many bytes its body has                                                           |
 * | 138 to 145 | how many bytes the fields of the record take here                                     |
 * | 146 to 153 | how many bytes the tokens of the tags take                                            |
 */
import { FORMAT } from '../record/part.js';

/** What stands in the head, and before the record. */
export interface Stamp {
  readonly atUs: number;
  readonly namespaceToken: string;
  readonly resourceToken: string;
  /** `NO_MARK` where the key was not deleted since the resource has its token. */
  readonly mark: string;
  readonly revision: string;
  readonly variant: string;
  readonly tagNumber: number;
  readonly bodyBytes: number;
  /** The tokens of its tags, by the digests of these. */
  readonly tags: ReadonlyMap<string, string>;
}

export interface Frame {
  /** All of it, or what was read of it. */
  readonly bytes: Buffer;
  readonly stamp: Stamp;
  readonly hasOthers: boolean;
  readonly fields: Uint8Array;
  /** Empty where only the beginning of the frame was read. */
  readonly body: Uint8Array;
}

export const HEAD_BYTES = 154;
export const OTHERS_AT = 3;
export const TOKEN_LENGTH = 16;
/** As long as a mark, and none. */
export const NO_MARK = '-'.repeat(TOKEN_LENGTH);

/** Everything but the body, which follows. */
export function encodeStart(stamp: Stamp, fields: Uint8Array, roomForBody = 0): Buffer {
  const tags = [...stamp.tags].map(([tag, token]) => `${tag}=${token}`).join(',');
  const head =
    `0${digits(stamp.atUs, 16)}${stamp.namespaceToken}${stamp.resourceToken}${stamp.mark}${stamp.revision}` +
    `${stamp.variant}${digits(stamp.tagNumber, 16)}${digits(stamp.bodyBytes, 10)}${digits(fields.byteLength, 8)}` +
    `${digits(tags.length, 8)}${tags}`;
  const start = FORMAT.byteLength + head.length;
  const frame = Buffer.allocUnsafe(start + fields.byteLength + roomForBody);
  frame.set(FORMAT);
  frame.write(head, FORMAT.byteLength, 'latin1');
  frame.set(fields, start);
  return frame;
}

export function encodeFrame(stamp: Stamp, fields: Uint8Array, body: Uint8Array): Buffer {
  const frame = encodeStart(stamp, fields, body.byteLength);
  frame.set(body, frame.byteLength - body.byteLength);
  return frame;
}

/** What cannot be read is of another version, or damaged: the parts of the record tell that apart where it matters. */
export function readFrame(bytes: Buffer): Frame | 'other-format' | 'malformed' {
  if (bytes.byteLength < HEAD_BYTES) return 'malformed';
  if (bytes[0] !== FORMAT[0] || bytes[1] !== FORMAT[1]) return 'malformed';
  if (bytes[2] !== FORMAT[2]) return 'other-format';
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  const fieldsBytes = Number(head.slice(138, 146));
  const tagsBytes = Number(head.slice(146, HEAD_BYTES));
  const start = HEAD_BYTES + tagsBytes;
  const end = start + fieldsBytes;
  const tags = readTags(bytes.toString('latin1', HEAD_BYTES, start));
  // A damaged number is none, which is not less than anything either.
  if (tags === undefined || !(end <= bytes.byteLength)) return 'malformed';
  const stamp: Stamp = {
    atUs: Number(head.slice(4, 20)),
    namespaceToken: head.slice(20, 36),
    resourceToken: head.slice(36, 52),
    mark: head.slice(52, 68),
    revision: head.slice(68, 90),
    variant: head.slice(90, 112),
    tagNumber: Number(head.slice(112, 128)),
    bodyBytes: Number(head.slice(128, 138)),
    tags,
  };
  return {
    bytes,
    stamp,
    hasOthers: head[OTHERS_AT] === '1',
    fields: bytes.subarray(start, end),
    body: bytes.subarray(end),
  };
}

const NO_TAGS: ReadonlyMap<string, string> = new Map();

function readTags(text: string): ReadonlyMap<string, string> | undefined {
  if (text === '') return NO_TAGS;
  const tags = new Map<string, string>();
  for (const pair of text.split(',')) {
    const at = pair.indexOf('=');
    if (at === -1) return undefined;
    tags.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return tags;
}

const digits = (value: number, length: number): string => value.toFixed(0).padStart(length, '0');
