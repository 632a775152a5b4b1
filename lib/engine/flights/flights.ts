/** One origin request for many callers: who leads, who waits, and when nobody waits any more. */

/** What runs for a flight; `signal` aborts when its last waiter has left, and is absent where nobody can leave. */
export type Run<T> = (signal: AbortSignal | undefined) => Promise<T>;

/** How two requests of one key are told apart: `L` says of itself whether another request would travel as it does. */
export interface FlightIdentity<L> {
  /** Callers never wait for a refresh, nor a refresh for callers: no caller's timeout would end one that hangs. */
  readonly purpose: 'request' | 'refresh';
  /** What is sent for the fields that Vary nominates, once that is known. */
  readonly variant: string;
  readonly leader: L;
}

interface Leader<L> {
  travelsAs(other: L): boolean;
}

/** One origin request under way. Its outcome is matched again for each waiter by whoever joined it. */
export class Flight<T> {
  readonly promise: Promise<T>;
  readonly #controller: AbortController | undefined;
  #waiters = 0;
  #settled = false;
  #doubted = false;

  /** `abortable`: each of its waiters may leave, so that it may have to be aborted. */
  constructor(run: Run<T>, abortable: boolean, onSettled?: (flight: Flight<T>) => void) {
    this.#controller = abortable ? new AbortController() : undefined;
    const end = (): void => {
      this.#settled = true;
      onSettled?.(this);
    };
    this.promise = run(this.#controller?.signal);
    this.promise.then(end, end);
  }

  /** For one who waits until the end. */
  join(): Promise<T> {
    this.#waiters += 1;
    return this.promise;
  }

  /** Waits within the caller's own limits; a caller who leaves early takes nobody else along. */
  async wait(race: <R>(promise: Promise<R>) => Promise<R>): Promise<T> {
    this.#waiters += 1;
    try {
      return await race(this.promise);
    } finally {
      this.#waiters -= 1;
      if (this.#waiters === 0 && !this.#settled) this.#controller?.abort();
    }
  }

  /** Somebody has waited in vain: the request may hang, so later callers start their own. */
  doubt(): void {
    this.#doubted = true;
  }

  /** False once somebody waited in vain, or its last waiter has left and the origin request is being aborted. */
  get isJoinable(): boolean {
    return !this.#doubted && this.#controller?.signal.aborted !== true;
  }
}

interface ListedFlight<T, L> extends FlightIdentity<L> {
  readonly flight: Flight<T>;
  /** The generation of the resource when it began: an older one may not be joined. */
  readonly generation: number;
}

/** Where callers of one key meet while at least one of them is under way. */
interface Lane<T, L> {
  callers: number;
  /** Grows with each entry stored under the key, so that a read which began before it is known to be old. */
  writes: number;
  /** How many fetches have begun. */
  fetches: number;
  /** Which fetch brought what was written last, by variant; made with the first write. */
  newest: Map<string, number> | undefined;
  readonly flights: ListedFlight<T, L>[];
}

interface WatchedResource {
  holders: number;
  generation: number;
}

/**
 * The flights of one cache, and the generation of each resource under way. An invalidation raises the generation:
 * what was asked before it still answers its callers, but may neither be stored nor be joined.
 * Nothing is kept for keys and resources that no request holds.
 */
export class Flights<T, L extends Leader<L>> {
  readonly #lanes = new Map<string, Lane<T, L>>();
  readonly #resources = new Map<string, WatchedResource>();

  /** A caller's hold on a key and its resource; `release` once, in `finally`. */
  enter(key: string, resource: string): Hold<T, L> {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { callers: 0, writes: 0, fetches: 0, newest: undefined, flights: [] };
      this.#lanes.set(key, lane);
    }
    let watched = this.#resources.get(resource);
    if (watched === undefined) {
      watched = { holders: 0, generation: 0 };
      this.#resources.set(resource, watched);
    }
    lane.callers += 1;
    watched.holders += 1;
    return new Hold(this, key, resource, lane, watched);
  }

  leave(key: string, resource: string, lane: Lane<T, L>, watched: WatchedResource): void {
    lane.callers -= 1;
    watched.holders -= 1;
    if (lane.callers === 0) this.#lanes.delete(key);
    if (watched.holders === 0) this.#resources.delete(resource);
  }

  /** Detaches every flight of `resource` under way; of all resources where it is undefined. */
  invalidate(resource?: string): void {
    if (resource === undefined) {
      for (const watched of this.#resources.values()) watched.generation += 1;
      return;
    }
    const watched = this.#resources.get(resource);
    if (watched !== undefined) watched.generation += 1;
  }

  /** How many keys have a caller under way. */
  get size(): number {
    return this.#lanes.size;
  }
}

/** What one caller, or one origin request, knows of its key and resource while it is under way. */
export class Hold<T, L extends Leader<L>> {
  readonly #flights: Flights<T, L>;
  readonly #key: string;
  readonly #resource: string;
  readonly #lane: Lane<T, L>;
  readonly #watched: WatchedResource;
  #holders = 1;

  constructor(flights: Flights<T, L>, key: string, resource: string, lane: Lane<T, L>, watched: WatchedResource) {
    this.#flights = flights;
    this.#key = key;
    this.#resource = resource;
    this.#lane = lane;
    this.#watched = watched;
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
    return fetch >= (this.#lane.newest?.get(variant) ?? 0);
  }

  noteWrite(fetch: number, variant: string): void {
    this.#lane.writes += 1;
    this.#lane.newest ??= new Map();
    this.#lane.newest.set(variant, fetch);
  }

  /** For one more who has to release it. */
  retain(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#flights.leave(this.#key, this.#resource, this.#lane, this.#watched);
  }

  /** The flight of that identity which a caller arriving now may join. */
  joinable({ purpose, variant, leader }: FlightIdentity<L>): Flight<T> | undefined {
    for (const listed of this.#lane.flights) {
      const isSame = listed.generation === this.generation && listed.purpose === purpose && listed.variant === variant;
      if (isSame && listed.flight.isJoinable && listed.leader.travelsAs(leader)) return listed.flight;
    }
    return undefined;
  }

  /** Starts a flight that later callers may join, until it settles or its resource is invalidated. */
  lead({ purpose, variant, leader }: FlightIdentity<L>, run: Run<T>, abortable: boolean): Flight<T> {
    const { flights } = this.#lane;
    const flight = new Flight(run, abortable, (settled) => {
      const index = flights.findIndex((each) => each.flight === settled);
      if (index !== -1) flights.splice(index, 1);
    });
    flights.unshift({ flight, generation: this.generation, purpose, variant, leader });
    return flight;
  }
}
