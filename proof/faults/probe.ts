/** Counts each call of the origin, the storage and the user's functions, and lets chosen ones of them go wrong. */
import { AxiosError } from 'axios';

/** Whose call it is: what goes wrong at the origin is for the caller, as without a cache; the rest is not. */
export type Place = 'origin' | 'storage' | 'function' | 'deciding function';

export const FAULTS = [
  'throws', 'rejects', 'hangs', 'works and rejects', 'works and rejects late', 'works late', 'gives garbage',
] as const;
export type Fault = (typeof FAULTS)[number];

/** So late that whoever waits for the storage has given it up, and the caller of a request has not. */
const LATE_MS = 5_000;

/** The message of each error that is planted, by which it is known again. */
export const PLANTED = 'planted';

export interface Point {
  readonly place: Place;
  readonly name: string;
}

export class Probe {
  /** Each call in its order. */
  readonly points: Point[] = [];
  readonly #faults: ReadonlyMap<number, Fault>;

  /** @param faults by the number of the call, from 0. */
  constructor(faults: ReadonlyMap<number, Fault> = new Map()) {
    this.#faults = faults;
  }

  /** Which places had something planted that came to pass. */
  get hit(): readonly Place[] {
    return [...this.#faults.keys()].flatMap((index) => this.points[index]?.place ?? []);
  }

  call<T>(place: Place, name: string, work: () => T): T {
    const fault = this.#faults.get(this.points.length);
    this.points.push({ place, name });
    return fault === undefined ? work() : (this.#spoilt(place, fault, work) as T);
  }

  #spoilt(place: Place, fault: Fault, work: () => unknown): unknown {
    switch (fault) {
      case 'throws': throw planted(place);
      case 'rejects': return Promise.reject(planted(place));
      case 'hangs': return new Promise(() => undefined);
      case 'works and rejects': return Promise.resolve(work()).then(() => { throw planted(place); });
      case 'works and rejects late': return afterwards(work(), () => { throw planted(place); });
      case 'works late': return afterwards(work(), (value) => value);
      // Nothing protects a caller from an adapter that gives nonsense: axios alone has none either.
      case 'gives garbage': return place === 'origin' ? work() : GARBAGE;
    }
  }
}

const GARBAGE = Object.freeze({ garbage: true });

const afterwards = (work: unknown, then: (value: unknown) => unknown): Promise<unknown> =>
  Promise.resolve(work).then(async (value) => {
    await new Promise((resolve) => { setTimeout(resolve, LATE_MS); });
    return then(value);
  });

const planted = (place: Place): Error =>
  place === 'origin' ? new AxiosError(PLANTED, 'ECONNRESET') : new Error(PLANTED);
