/** This file collects a copy of a stream's bytes while the caller reads the stream. */
import type { Copied } from '../../engine/exchange/answer.js';

export const ignore = (): void => undefined;

/** Tells an object by its methods, since a stream may come from any realm or package. */
export const hasMethods = (data: unknown, names: readonly string[]): boolean =>
  typeof data === 'object' &&
  data !== null &&
  names.every((name) => typeof (data as Readonly<Record<string, unknown>>)[name] === 'function');

/** A copy begins with this much room, which is doubled when it is full. */
const FIRST_BYTES = 16 * 1024;

/** This collects at most `limit` bytes in one buffer, however small the pieces are in which they come. */
export class Copy {
  readonly end: Promise<Copied>;
  readonly #limit: number;
  readonly #length: number;
  #settle: (copied: Copied) => void = ignore;
  /** It is `undefined` once the copy has ended. */
  #buffer: Uint8Array | undefined = new Uint8Array(0);
  #size = 0;

  constructor(limit: number, length = 0) {
    this.#limit = limit;
    this.#length = length;
    this.end = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get isOver(): boolean {
    return this.#buffer === undefined;
  }

  add(chunk: unknown): void {
    if (this.#buffer === undefined) return;
    // The reader asked for decoded text, from which the bytes cannot be told any more.
    if (!ArrayBuffer.isView(chunk)) return this.fail('incomplete');
    const size = this.#size + chunk.byteLength;
    if (size > this.#limit) return this.fail('too-large');
    if (size > this.#buffer.byteLength) this.#buffer = this.#grown(this.#buffer, size);
    this.#buffer.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), this.#size);
    this.#size = size;
  }

  /** Ends the copy after all of the stream has been read. */
  finish(): void {
    if (this.#size < this.#length) return this.fail('incomplete');
    this.#end(this.#buffer?.slice(0, this.#size));
  }

  fail(reason: 'incomplete' | 'too-large'): void {
    this.#end(reason);
  }

  #end(copied: Copied | undefined): void {
    this.#buffer = undefined;
    if (copied !== undefined) this.#settle(copied);
  }

  #grown(buffer: Uint8Array, size: number): Uint8Array {
    const room = Math.min(this.#limit, Math.max(FIRST_BYTES, buffer.byteLength * 2));
    const grown = new Uint8Array(Math.max(size, room));
    grown.set(buffer);
    return grown;
  }
}

/** A stream that was garbage-collected unread will never be read: this ends its copy. */
const dropped =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Copy>((copy) => copy.fail('incomplete'));

/**
 * Ends the copy when its stream is lost. The stream is watched only until the copy is over: otherwise the copied bytes
 * would be kept for as long as a reader keeps the stream.
 */
export function endWith(stream: object, copy: Copy): void {
  if (dropped === undefined) return;
  dropped.register(stream, copy, copy);
  // An arrow function would keep the stream, once a minifier has moved it to where the stream is made.
  void copy.end.then(dropped.unregister.bind(dropped, copy));
}
