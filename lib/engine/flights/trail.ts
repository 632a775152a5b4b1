/** The requests that one fetch makes: the caller's own, and one more for each redirect on the way. */
import type { Asked } from '../exchange/request.js';
import type { IsCurrent, Storing } from '../exchange/storing.js';
import type { Flights, Hold } from './flights.js';
import type { Entry } from '../../entries/entry.js';

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
  readonly #onStored: (asked: Asked, entry: Entry) => void;
  readonly #held: Held[] = [];
  /** Those that led to the answer: the first, and what came of its latest sending. */
  readonly #stages: Held[] = [];
  #holders = 1;

  /** `onStored`: told of each request that has an entry by now. */
  constructor(flights: Flights<unknown>, onStored: (asked: Asked, entry: Entry) => void) {
    this.#flights = flights;
    this.#onStored = onStored;
  }

  /** In the order in which they are sent. */
  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** The caller's own request. */
  get first(): Stage {
    const [first] = this.#stages;
    if (first === undefined) throw new Error('nothing was sent');
    return first;
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

  /** Tells those who look for what was stored; returns what it is told. */
  noted(storing: Storing): Storing {
    if (storing.kind !== 'stored') return storing;
    const { entry } = storing;
    const { key, variant } = entry.raw;
    for (const { asked, hold, place } of this.#held.filter((held) => held.asked.key === key)) {
      hold.noteWrite(place, variant);
      this.#onStored(asked, entry);
    }
    return storing;
  }

  /** For one more who has to release it. */
  retain(): this {
    this.#holders += 1;
    return this;
  }

  /** Once, when all is stored. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) for (const { hold } of this.#held) hold.release();
  }
}
