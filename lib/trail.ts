/** The requests that one fetch makes: the caller's own, and one more for each redirect on the way. */
import type { Asked } from './exchange.js';
import type { Flights, Hold } from './single-flight.js';
import type { IsCurrent } from './store-response.js';

/** One of these requests, as it stood when it was sent. */
export interface Stage {
  readonly asked: Asked;
  /** Whether since then neither its resource was invalidated nor a newer answer written. */
  readonly isCurrent: IsCurrent;
}

interface Held extends Stage {
  readonly hold: Hold<unknown>;
  readonly place: number;
}

export class Trail {
  readonly #flights: Flights<unknown>;
  readonly #held: Held[] = [];
  /** Those that led to the answer: the first, and what came of its latest sending. */
  readonly #stages: Held[] = [];

  constructor(flights: Flights<unknown>) {
    this.#flights = flights;
  }

  /** In the order in which they are sent. */
  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** Its first request is sent again. */
  restart(): void {
    this.#stages.length = 1;
  }

  /** Right before `asked` is sent. */
  enter(asked: Asked): Stage {
    const hold = this.#flights.enter(asked.key, asked.resource);
    const { generation } = hold;
    const place = hold.beginFetch();
    const isCurrent: IsCurrent = (variant) => hold.generation === generation && hold.isNewest(place, variant);
    const held = { asked, isCurrent, hold, place };
    this.#held.push(held);
    this.#stages.push(held);
    return held;
  }

  /** Its key has an entry by this fetch. */
  noteWrite({ key, variant }: { readonly key: string; readonly variant: string }): void {
    for (const { asked, hold, place } of this.#held) if (asked.key === key) hold.noteWrite(place, variant);
  }

  /** Once, when all is stored. */
  release(): void {
    for (const { hold } of this.#held) hold.release();
  }
}
