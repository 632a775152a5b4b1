/** This file remembers the origins that take no conditions, and keys for which they are judged wrongly. */
import type { EpochMs } from '../../rfc9111/model.js';
import { BoundedMap } from '../../support/bounded-map.js';

const MAX_REMEMBERED = 1000;
/** A server may be mended, and what looked like a refusal may have been an accident: so it is tried again later. */
const REMEMBERED_MS = 3_600_000;

export class UnconditionalOrigins {
  readonly #now: () => EpochMs;
  readonly #since = new BoundedMap<string, EpochMs>(MAX_REMEMBERED);

  constructor(now: () => EpochMs) {
    this.#now = now;
  }

  has(name: string): boolean {
    const since = this.#since.get(name);
    // The clock may have been set back, which must not make the memory last.
    return since !== undefined && Math.abs(this.#now() - since) < REMEMBERED_MS;
  }

  note(name: string): void {
    this.#since.set(name, this.#now());
  }
}
