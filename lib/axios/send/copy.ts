import type { Copied } from '../../engine/exchange/answer.js';

export const ignore = (): void => undefined;

/** Streams come from any realm or package, so they are known by what they can do. */
export const hasMethods = (data: unknown, names: readonly string[]): boolean =>
  typeof data === 'object' &&
  data !== null &&
  names.every((name) => typeof (data as Readonly<Record<string, unknown>>)[name] === 'function');

/** How much room a copy begins with; it doubles. */
const FIRST_BYTES = 16 * 1024;

/** At most `limit` bytes in one buffer, however small the pieces are in which they come. */
export class Copy {
  readonly end: Promise<Copied>;
  readonly #limit: number;
  readonly #length: number;
  #settle: (copied: Copied) => void = ignore;
  /** `undefined`: it is known how the copy ended. */
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
    // A reader who asked for text has it decoded: the bytes cannot be told any more.
    if (!ArrayBuffer.isView(chunk)) return this.fail('incomplete');
    const size = this.#size + chunk.byteLength;
    if (size > this.#limit) return this.fail('too-large');
    if (size > this.#buffer.byteLength) this.#buffer = this.#grown(this.#buffer, size);
    this.#buffer.set(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), this.#size);
    this.#size = size;
  }

  /** All of it has been read. */
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

/** Nobody can read on in a stream that nobody has any more. */
const dropped =
  typeof FinalizationRegistry === 'undefined'
    ? undefined
    : new FinalizationRegistry<Copy>((copy) => copy.fail('incomplete'));

/** Until the copy is over, whose bytes are not kept for as long as a reader keeps the stream. */
export function endWith(stream: object, copy: Copy): void {
  dropped?.register(stream, copy, copy);
  void copy.end.then(() => dropped?.unregister(copy));
}
