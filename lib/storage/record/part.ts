/**
 * The frame of a record's part. A record has two parts, the fields of an entry and its body, as a renewal writes the
 * fields anew and leaves the body alone. A storage keeps them together or apart. Each part is a head of 8 bytes, the
 * content as its layers have made it, and what the seal adds (`seals.ts`):
 *
 * | bytes   | what                                                                 |
 * | ------- | -------------------------------------------------------------------- |
 * | 0 and 1 | magic                                                                |
 * | 2       | format version                                                       |
 * | 3       | flags: one bit for each layer (compressed, signed, encrypted)        |
 * | 4 to 7  | how many bytes the content has without its layers, big-endian        |
 */

/** What bytes turned out to be. */
export type Reading<T> =
  | { readonly kind: 'read'; readonly value: T }
  /**
   * Whole, as far as can be told, and not to be read here: a version of this package wrote it that writes otherwise, or
   * one with other keys. It is left to whoever wrote it, and `set` writes over it.
   */
  | { readonly kind: 'other-format'; readonly format: string }
  | { readonly kind: 'malformed'; readonly problem: string };

/** What bytes turned out to be that gave nothing. */
export type Unreadable = Exclude<Reading<never>, { readonly kind: 'read' }>;
export type Malformed = Extract<Unreadable, { readonly kind: 'malformed' }>;

const MAGIC = [0xac, 0xca] as const;
/** Goes up when records are written so that former versions misread them. */
const FORMAT_VERSION = 2;
/** How every part that this version writes begins, whatever its layers are. */
export const FORMAT = Uint8Array.of(...MAGIC, FORMAT_VERSION);
/** Where the version stands, for those who look for parts of other versions. */
export const VERSION_AT = 2;

/** The bits of the flags. */
export const COMPRESSED = 1;
export const SIGNED = 2;
export const ENCRYPTED = 4;

export const HEAD_BYTES = 8;

/** What the head of a part says. */
export interface PartHead {
  readonly flags: number;
  /** How many bytes the content has without its layers. */
  readonly length: number;
}

/** Makes a part of `bytes` bytes, of which the head is written. */
export function startPart({ flags, length }: PartHead, bytes: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(bytes);
  part.set(FORMAT);
  part[3] = flags;
  viewOf(part).setUint32(4, length);
  return part;
}

/** @param readable the flags that can be read here. */
export function readHead(part: Uint8Array, readable: (flags: number) => boolean): Reading<PartHead> {
  if (part.byteLength < HEAD_BYTES) return malformed('it is shorter than a head');
  const [first, second, version = 0, flags = 0] = part;
  if (first !== MAGIC[0] || second !== MAGIC[1]) return malformed('it does not begin as a record does');
  if (version !== FORMAT_VERSION || !readable(flags)) return { kind: 'other-format', format: `${version}.${flags}` };
  return { kind: 'read', value: { flags, length: viewOf(part).getUint32(4) } };
}

/** Why a part gave nothing. */
export function explain(reading: Unreadable): string {
  if (reading.kind === 'malformed') return `a record is damaged: ${reading.problem}`;
  return `a record has the format ${reading.format}, which this version with these options does not read`;
}

export const malformed = (problem: string): Malformed => ({ kind: 'malformed', problem });

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** A view of some bytes. Those of a Buffer are no Buffer, as its `slice` is another. */
export const partOf = ({ buffer, byteOffset }: Uint8Array, from: number, to: number): Uint8Array =>
  new Uint8Array(buffer, byteOffset + from, to - from);
