/** What was invalidated in a storage in memory, put in order with the look-ups by one sequence. */
import type { RenewedEntry, StorageSelector } from '../../api/storage.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { owns } from '../../support/owns.js';

/** So many invalidations are remembered, each by what was invalidated. */
const MAX_REMEMBERED = 10_000;
/** So many invalidations are remembered of which only a look at an entry tells whether it is meant. */
const MAX_SWEEPS = 50;

interface Sweep {
  readonly place: number;
  readonly concerns: (entry: RenewedEntry) => boolean;
}

export class Invalidations {
  #sequence = 0;
  /** No look-up before this place is believed, as what it may have missed is not remembered one by one. */
  #floor = 0;
  readonly #places = new BoundedMap<string, number>(MAX_REMEMBERED, {
    onForgotten: (forgotten) => { for (const place of forgotten.values()) this.#floor = Math.max(this.#floor, place); },
  });

  readonly #sweeps: Sweep[] = [];

  /** It gives the next place in the sequence. */
  next(): number {
    this.#sequence += 1;
    return this.#sequence;
  }

  note(selector: StorageSelector): void {
    if (owns(selector, 'underWay')) this.#noteSweep(selector.concerns);
    else if (owns(selector, 'tag')) this.#places.set(`tag ${selector.tag}`, this.next());
    else if (!owns(selector, 'key')) this.#places.set(`resource ${selector.resource}`, this.next());
    else if (selector.variant === undefined && selector.revision === undefined)
      this.#places.set(`key ${selector.key}`, this.next());
  }

  noteAll(): void {
    this.#floor = this.next();
    this.#sweeps.length = 0;
  }

  #noteSweep(concerns: Sweep['concerns'] | undefined): void {
    if (concerns === undefined || this.#sweeps.length === MAX_SWEEPS) this.noteAll();
    else this.#sweeps.push({ place: this.next(), concerns });
  }

  /** It is true where nothing that the entry depends on was invalidated since the look-up at that place. */
  admit(entry: RenewedEntry, lookedUpAt: number): boolean {
    if (this.#sweeps.some(({ place, concerns }) => place > lookedUpAt && concerns(entry))) return false;
    const { key, resource, tags } = entry;
    if (this.#places.size > 0) {
      const isAfter = (name: string): boolean => (this.#places.get(name) ?? 0) >= lookedUpAt;
      if (isAfter(`key ${key}`) || isAfter(`resource ${resource}`)) return false;
      if (tags.some((tag) => isAfter(`tag ${tag}`))) return false;
    }
    // It comes last, as a look at a place may be what makes the map forget others.
    return lookedUpAt >= this.#floor;
  }
}
