/** An entry as the storage in memory keeps it and gives it: frozen for its readers, and as small as can be. */
import type { DerivationSource, StoredEntry, StoredEntryInfo } from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import { type Derivable, type Derivation, type Derivations, Derived } from './derivations.js';

/** A body up to this length is kept as text, as the objects around a few bytes take more room than they do. */
const MAX_TEXT_BODY_BYTES = 1024;
/** What an entry takes besides its texts: its own object, its places in the order of use and in the index. */
const ENTRY_OVERHEAD_BYTES = 350;
/** What the objects around bytes take. */
const BYTES_OVERHEAD_BYTES = 350;

/** What a tag takes besides its text: its places in the entry and in the index. */
const TAG_OVERHEAD_BYTES = 80;

const NO_TAGS: readonly string[] = Object.freeze([]);
const NO_BYTES = new Uint8Array(0);
/** A character that takes two bytes, and makes all others of its text take two as well. */
const WIDE_CHARACTER = /[\u0100-\uffff]/;

export class MemoryEntry implements StoredEntry, Derivable {
  readonly key: string;
  readonly resource: string;
  readonly variant: string;
  readonly revision: string;
  readonly tags: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly purgeAtMs: number;
  readonly head: string;
  declare readonly body: Uint8Array;
  /** The body: a small one is a text that has one character for each byte. */
  readonly #content: string | Uint8Array;
  /** When the look-up was made that led to the entry, as the sequence of the storage counts. */
  readonly #lookedUpAt: number;
  readonly #size: number;
  /** What was derived from the entry, or where it would be kept; `undefined` once the storage has let the entry go. */
  #derived: Derived | Derivations | undefined;

  /** `body` is an own member of each entry, so that copies of an entry and comparisons with one have it. */
  static readonly #BODY: PropertyDescriptor = {
    enumerable: true,
    get(this: MemoryEntry) {
      const content = this.#content;
      if (typeof content !== 'string') return content;
      const kept = this.#derived instanceof Derived ? this.#derived.bytes : undefined;
      if (kept !== undefined) return kept;
      // They are kept as long as there is room, as each look at the entry asks for them.
      const bytes = bytesOf(content);
      MemoryEntry.#keep(this, 'bytes', bytes, bytes.byteLength + BYTES_OVERHEAD_BYTES);
      return bytes;
    },
  };

  private constructor(
    fields: EntryFields,
    content: string | Uint8Array,
    lookedUpAt: number,
    derivations: Derivations,
  ) {
    this.key = fields.key;
    this.resource = fields.resource;
    this.variant = fields.variant;
    this.revision = fields.revision;
    this.tags = fields.tags.length === 0 ? NO_TAGS : Object.freeze([...fields.tags]);
    this.createdAtMs = fields.createdAtMs;
    this.expiresAtMs = fields.expiresAtMs;
    this.purgeAtMs = fields.purgeAtMs;
    this.head = fields.head;
    this.#content = content;
    this.#lookedUpAt = lookedUpAt;
    this.#derived = derivations;
    this.#size = this.#estimate();
    Object.defineProperty(this, 'body', MemoryEntry.#BODY);
    Object.freeze(this);
  }

  static #keep(entry: MemoryEntry, kind: Derivation, value: unknown, size: number): void {
    const derived = entry.#derived;
    if (derived instanceof Derived) derived.derivations.keep(entry, derived, kind, value, size);
    else derived?.keep(entry, undefined, kind, value, size);
  }

  static of(entry: StoredEntry, lookedUpAt: number, derivations: Derivations): MemoryEntry {
    return new MemoryEntry(entry, contentOf(entry.body), lookedUpAt, derivations);
  }

  /** The same body under other fields, with what was derived from it. */
  renewed(fields: EntryFields, lookedUpAt: number, derivations: Derivations): MemoryEntry {
    const renewed = new MemoryEntry(fields, this.#content, Math.max(lookedUpAt, this.#lookedUpAt), derivations);
    if (this.#derived instanceof Derived) derivations.move(this.#derived, renewed);
    return renewed;
  }

  /** The storage lets the entry go. What readers who still have it derive is kept no more. */
  release(): void {
    if (this.#derived instanceof Derived) this.#derived.derivations.forget(this.#derived);
    this.#derived = undefined;
  }

  /** True where the entry came of a look-up that was made after the one at `lookedUpAt`. */
  isLaterThan(lookedUpAt: number): boolean {
    return this.#lookedUpAt > lookedUpAt;
  }

  attach(derived: Derived | Derivations): void {
    this.#derived = derived;
  }

  markUsed(): void {
    if (this.#derived instanceof Derived) this.#derived.used = true;
  }

  derived(source: DerivationSource): unknown {
    return this.#derived instanceof Derived ? this.#derived[source] : undefined;
  }

  keepDerived(source: DerivationSource, value: unknown, bytes: number): void {
    MemoryEntry.#keep(this, source, value, bytes);
  }

  describe(): StoredEntryInfo {
    const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = this;
    const bodyBytes = this.#content.length;
    return { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head, bodyBytes };
  }

  /** An estimate of the memory that the entry takes, without what was derived from it. */
  get size(): number {
    return this.#size;
  }

  #estimate(): number {
    const content = this.#content;
    let bytes = ENTRY_OVERHEAD_BYTES + content.length + (typeof content === 'string' ? 0 : BYTES_OVERHEAD_BYTES);
    bytes += textBytes(this.key) + textBytes(this.resource) + textBytes(this.head);
    bytes += textBytes(this.variant) + textBytes(this.revision);
    for (const tag of this.tags) bytes += TAG_OVERHEAD_BYTES + textBytes(tag);
    return bytes;
  }
}

/** The bytes that were handed over, unless they are few, or a part of a larger buffer that would be kept with them. */
function contentOf(body: Uint8Array): string | Uint8Array {
  if (body.byteLength <= MAX_TEXT_BODY_BYTES) return textOf(body);
  return body.byteLength === body.buffer.byteLength && body.constructor === Uint8Array ? body : new Uint8Array(body);
}

/** Node's own way takes a tenth of the time. */
const native = (globalThis as { Buffer?: typeof Buffer }).Buffer;

const textOf = (bytes: Uint8Array): string =>
  native === undefined
    ? String.fromCharCode.apply(null, bytes as unknown as number[])
    : native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

function bytesOf(text: string): Uint8Array {
  const { length } = text;
  if (length === 0) return NO_BYTES;
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}

const textBytes = (text: string): number => (WIDE_CHARACTER.test(text) ? 2 * text.length : text.length);
