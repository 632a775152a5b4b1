/** One origin request for many callers: who leads, who waits, and when nobody waits any more. */

/** One origin request under way. Its outcome is matched again for each waiter by whoever joined it. */
export class Flight<T> {
  readonly promise: Promise<T>;
  readonly #controller = new AbortController();
  #waiters = 0;
  #settled = false;
  #doubted = false;

  constructor(run: (signal: AbortSignal) => Promise<T>, onSettled: (flight: Flight<T>) => void = () => undefined) {
    this.promise = run(this.#controller.signal).finally(() => {
      this.#settled = true;
      onSettled(this);
    });
    // A failure that nobody waits for any more is nobody's unhandled rejection.
    this.promise.catch(() => undefined);
  }

  /** Waits within the caller's own limits; a caller who leaves early takes nobody else along. */
  async wait(race: <R>(promise: Promise<R>) => Promise<R>): Promise<T> {
    this.#waiters += 1;
    try {
      return await race(this.promise);
    } finally {
      this.#waiters -= 1;
      if (this.#waiters === 0 && !this.#settled) this.#controller.abort();
    }
  }

  /** Somebody has waited in vain: it may be lost, so that nobody else should wait for it. */
  doubt(): void {
    this.#doubted = true;
  }

  /** False once somebody waited in vain, or its last waiter has left and the origin request is being aborted. */
  get isJoinable(): boolean {
    return !this.#doubted && !this.#controller.signal.aborted;
  }
}

/** Where callers of one key meet while at least one of them is under way. */
interface Lane<T> {
  callers: number;
  /** Grows with each entry stored under the key, so that a read which began before it is known to be old. */
  writes: number;
  /** How many fetches have begun, and which of them brought what was written last, by variant. */
  fetches: number;
  readonly newest: Map<string, number>;
  readonly flights: Map<string, Flight<T>>;
}

interface Watched {
  holders: number;
  generation: number;
}

/**
 * The flights of one cache, and the generation of each resource under way. An invalidation raises the generation:
 * what was asked before it still answers its callers, but may neither be stored nor be joined.
 * Nothing is kept for keys and resources that no request holds.
 */
export class Flights<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #resources = new Map<string, Watched>();

  /** A caller's hold on a key and its resource; `release` once, in `finally`. */
  enter(key: string, resource: string): Hold<T> {
    const lane = this.#lanes.get(key) ?? { callers: 0, writes: 0, fetches: 0, newest: new Map(), flights: new Map() };
    const watched = this.#resources.get(resource) ?? { holders: 0, generation: 0 };
    this.#lanes.set(key, lane);
    this.#resources.set(resource, watched);
    lane.callers += 1;
    watched.holders += 1;
    return new Hold(lane, watched, () => {
      lane.callers -= 1;
      watched.holders -= 1;
      if (lane.callers === 0) this.#lanes.delete(key);
      if (watched.holders === 0) this.#resources.delete(resource);
    });
  }

  /** Detaches every flight of `resource` under way; of all resources where it is undefined. */
  invalidate(resource?: string): void {
    const watched = resource === undefined ? this.#resources.values() : [this.#resources.get(resource)];
    for (const each of watched) if (each !== undefined) each.generation += 1;
  }

  /** How many keys have a caller under way. */
  get size(): number {
    return this.#lanes.size;
  }
}

/** What one caller, or one flight, knows of its key and resource while it is under way. */
export class Hold<T> {
  readonly #lane: Lane<T>;
  readonly #watched: Watched;
  readonly #release: () => void;

  constructor(lane: Lane<T>, watched: Watched, release: () => void) {
    this.#lane = lane;
    this.#watched = watched;
    this.#release = release;
  }

  get generation(): number {
    return this.#watched.generation;
  }

  get writes(): number {
    return this.#lane.writes;
  }

  /** The place of a fetch that begins now among those of its key. */
  beginFetch(): number {
    this.#lane.fetches += 1;
    return this.#lane.fetches;
  }

  /** Whether nothing that was asked for later has been written: an answer never takes a key back in time. */
  isNewest(fetch: number, variant: string): boolean {
    return fetch >= (this.#lane.newest.get(variant) ?? 0);
  }

  noteWrite(fetch: number, variant: string): void {
    this.#lane.writes += 1;
    this.#lane.newest.set(variant, fetch);
  }

  release(): void {
    this.#release();
  }

  /** The flight of that identity which a caller arriving now may join. */
  joinable(identity: string): Flight<T> | undefined {
    const flight = this.#lane.flights.get(this.#address(identity));
    return flight?.isJoinable === true ? flight : undefined;
  }

  /** Starts a flight that later callers may join, until it settles or its resource is invalidated. */
  lead(identity: string, run: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const address = this.#address(identity);
    const flights = this.#lane.flights;
    const flight = new Flight(run, (settled) => {
      if (flights.get(address) === settled) flights.delete(address);
    });
    flights.set(address, flight);
    return flight;
  }

  #address(identity: string): string {
    return `${this.#watched.generation} ${identity}`;
  }
}
