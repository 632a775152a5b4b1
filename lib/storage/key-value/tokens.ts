/**
 * Tokens: tiny records by which an invalidation reaches answers that are under way anywhere. What is stored names the
 * tokens that it depends on, and counts only as long as each of them is still there. A token is drawn by lot and
 * written once, so that none ever comes back: neither by an eviction nor by a clock that is wrong.
 */
import type { BoundedDriver } from './driver.js';
import { base64 } from '../../support/base64.js';
import { decoder, encoder } from '../../support/utf8.js';

/** The record is the token: 96 random bits, and when it ends, as a number of milliseconds or nothing. */
const TOKEN = /^[\w-]{16}\.(\d*)$/;

/** Tokens outlive what was stored with them, so that what is stored next need not wait for new ones. */
const AFTER_PURGE_MS = 30 * 24 * 3600 * 1000;

/** What no date can say is never. */
export const isEndless = (purgeAtMs: number): boolean => purgeAtMs > 8.64e15;

export class Tokens {
  readonly #driver: BoundedDriver;
  /** What is being made, for all who need it at once. */
  readonly #making = new Map<string, Promise<string | undefined>>();

  constructor(driver: BoundedDriver) {
    this.#driver = driver;
  }

  /** `undefined`: there is none, or it has ended. */
  async read(name: string): Promise<string | undefined> {
    const bytes = await this.#driver.get(name);
    const token = bytes === undefined ? '' : decoder.decode(bytes);
    const [, end] = TOKEN.exec(token) ?? [];
    return end === undefined || (end !== '' && Number(end) <= Date.now()) ? undefined : token;
  }

  async readAll(names: Iterable<string>): Promise<Map<string, string | undefined>> {
    const read = async (name: string) => [name, await this.read(name)] as const;
    return new Map(await Promise.all([...names].map(read)));
  }

  /**
   * Makes one where there is none, and gives the one that is there then: another process may have been faster.
   * `undefined`: it was taken away again meanwhile.
   * @param purgeAtMs when what is stored with it may go; `Infinity` for never.
   */
  async make(name: string, purgeAtMs: number): Promise<string | undefined> {
    const making = this.#making.get(name) ?? this.#make(name, purgeAtMs);
    this.#making.set(name, making);
    try {
      return await making;
    } finally {
      this.#making.delete(name);
    }
  }

  async #make(name: string, purgeAtMs: number): Promise<string | undefined> {
    const found = await this.read(name);
    if (found !== undefined) return found;
    const end = isEndless(purgeAtMs) ? Infinity : Math.ceil(Math.max(purgeAtMs, Date.now()) + AFTER_PURGE_MS);
    await this.#write(name, end);
    return this.read(name);
  }

  /** Gives it another value. A store that takes nothing any more may still delete: what is absent is another value. */
  async change(name: string): Promise<void> {
    try {
      await this.#write(name, Infinity);
    } catch {
      await this.remove(name);
    }
  }

  remove(name: string): Promise<void> {
    return this.#driver.delete(name);
  }

  #write(name: string, endMs: number): Promise<void> {
    const isEndless = endMs === Infinity;
    const token = `${drawn()}.${isEndless ? '' : endMs}`;
    return this.#driver.set(name, encoder.encode(token), isEndless ? undefined : endMs - Date.now());
  }
}

/** 96 bits. They need not be secret, only never the same twice. */
function drawn(): string {
  const bytes = new Uint8Array(12);
  const { crypto } = globalThis as { crypto?: Pick<Crypto, 'getRandomValues'> };
  if (crypto === undefined) bytes.forEach((_, index) => { bytes[index] = Math.random() * 256; });
  else crypto.getRandomValues(bytes);
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_');
}
