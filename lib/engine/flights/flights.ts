/**
 * This file lets many callers share one origin request, which is called a flight: the caller who starts it leads it,
 * and those who come later with the same key may join it.
 */
import type { BodyVersion } from '../exchange/body-version.js';
import { CopiesBelow, type Sweep, type WatchedRequest } from './copies-below.js';

/**
 * It does the work of a flight. `signal` aborts when the last caller has stopped waiting; it is undefined where no
 * caller can stop.
 */
export type Run<T> = (signal: AbortSignal | undefined) => Promise<T>;

/** A function in its place would keep all that a request has made alive until the next but one collection. */
interface EarlySource<T> {
  early(): T | undefined;
}

/**
 * It tells two requests of one key apart. `L` stands for the request that leads a flight, and is asked whether another
 * one would travel to the origin in the same way.
 */
export interface FlightIdentity<L> {
  /**
   * A refresh in the background is kept apart from callers' requests: no caller's timeout would end a refresh that
   * hangs.
   */
  readonly purpose: 'request' | 'refresh';
  /** These are the values that the request sends for the fields which Vary names; it is empty until they are known. */
  readonly variant: string;
  readonly leader: L;
}

interface Leader<L> {
  travelsAs(other: L): boolean;
}

/** It is one origin request under way. Whoever joined it must check that the outcome suits its own request, too. */
export class Flight<T, L> {
  readonly promise: Promise<T>;
  /** This is the request that was sent. */
  readonly leader: L;
  /** It does the work of the flight, where it can tell more than the end. */
  source: EarlySource<T> | undefined = undefined;
  readonly #controller: AbortController | undefined;
  #waiters = 0;
  #joined = 0;
  #settled = false;
  #doubted = false;
  #stays = false;

  /** `abortable` is true where each of its waiters may stop waiting, so that the request may have to be aborted. */
  constructor(run: Run<T>, abortable: boolean, leader: L, onSettled?: () => void) {
    this.leader = leader;
    this.#controller = abortable && typeof AbortController !== 'undefined' ? new AbortController() : undefined;
    const end = (): void => {
      this.#settled = true;
      onSettled?.();
    };
    this.promise = run(this.#controller?.signal);
    this.promise.then(end, end);
  }

  /**
   * It returns what has arrived although the work is not done yet, such as an answer that is being stored; it is
   * undefined where nothing has.
   */
  early(): T | undefined {
    return this.source?.early();
  }

  /** It is called by a caller who waits until the end, whatever happens. */
  join(): Promise<T> {
    this.#waiters += 1;
    this.#joined += 1;
    return this.promise;
  }

  /** It waits within the caller's own limits. A caller who leaves early does not end the request for the others. */
  async wait(race: <R>(promise: Promise<R>) => Promise<R>): Promise<T> {
    this.#waiters += 1;
    this.#joined += 1;
    try {
      return await race(this.promise);
    } finally {
      this.#waiters -= 1;
      if (this.#waiters === 0 && !this.#settled) this.#controller?.abort();
    }
  }

  /** It is true where more than one caller has waited for it, or may still ask for it. */
  get isShared(): boolean {
    return this.#joined > 1 || this.#stays;
  }

  /** It counts those who wait now. */
  get waiters(): number {
    return this.#waiters;
  }

  /** It is called when the flight ends while others who may still join it look up what is stored. */
  stay(): void {
    this.#stays = true;
  }

  /** It is called when somebody has waited in vain: the request may hang, so later callers start their own. */
  doubt(): void {
    this.#doubted = true;
  }

  /**
   * It is false once somebody has waited in vain, and once the last waiter has left, as the request is then being
   * aborted.
   */
  get isJoinable(): boolean {
    return !this.#doubted && this.#controller?.signal.aborted !== true;
  }
}

interface ListedFlight<T, L> extends FlightIdentity<L> {
  readonly flight: Flight<T, L>;
  /**
   * This is the generation that the resource had when the flight began. A flight of an older generation is not joined.
   */
  readonly generation: number;
  /** It is how many flights of the lane had ended when this one began. */
  readonly begun: number;
  /** It is how many flights of the lane had ended when this one had; it is Infinity while the flight is under way. */
  settlement: number;
}

/**
 * So many flights stay joinable after their end, for those who came before it but were still looking up what is stored.
 * They would ask the origin each for itself otherwise, and a failure is followed by one more request at most.
 */
const MAX_STAYING = 2;

/** So many variants of one key are noted. A key that never rests would otherwise note every variant there ever was. */
const MAX_VARIANTS_NOTED = 1000;

/** A lane is where the callers of one key meet. It exists while at least one of them is under way. */
interface Lane<T, L> {
  callers: number;
  /** A fetch that is older than this one stores nothing, as it is not known what has been written since. */
  floor: number;
  /**
   * It grows with each entry that is stored under the key, so that a caller notices a write that happened during its
   * read.
   */
  writes: number;
  /** It counts the fetches that have begun. A fetch is one request to the origin. */
  fetches: number;
  /**
   * It holds for each variant which fetch brought the entry that was written last. It is undefined before the first
   * write.
   */
  newest: Map<string, number> | undefined;
  /** It holds by the variant of the whole which fetch brought the latest part, and of which version it is. */
  parts: Map<string, LatestPart> | undefined;
  /** It is the latest fetch whose answer has ended what was stored under the key: earlier ones came too late. */
  ended: number;
  /** It counts the flights that have ended. */
  settlements: number;
  /** The one that began last comes first. */
  flights: ListedFlight<T, L>[];
}

interface LatestPart {
  readonly fetch: number;
  readonly validator: string;
}

const newLane = <T, L>(): Lane<T, L> => ({
  callers: 0,
  floor: 0,
  writes: 0,
  fetches: 0,
  newest: undefined,
  parts: undefined,
  ended: 0,
  settlements: 0,
  flights: [],
});

interface WatchedResource {
  holders: number;
  generation: number;
  /** It is the first request for the resource, by which invalidations of many resources find out what they mean. */
  readonly request: WatchedRequest | undefined;
}

/**
 * It holds the flights of one cache, and a number for each resource under way, which is called its generation. An
 * invalidation raises the generation: a request that was sent before it still answers its callers, but its answer is
 * not stored, and nobody joins it any more. Nothing is kept for keys and resources without a request under way.
 */
export class Flights<T, L extends Leader<L>> {
  readonly #lanes = new Map<string, Lane<T, L>>();
  readonly #resources = new Map<string, WatchedResource>();
  #sweeps = 0;
  readonly copiesBelow = new CopiesBelow();

  /**
   * It gives a caller a hold on a key and its resource: both stay known until `release`, which must be called exactly
   * once, in a `finally` block.
   */
  enter(key: string, resource: string, request?: WatchedRequest): Hold<T, L> {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = newLane();
      this.#lanes.set(key, lane);
    }
    let watched = this.#resources.get(resource);
    if (watched === undefined) {
      watched = { holders: 0, generation: 0, request };
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

  /**
   * It detaches the flights of `resource` that are under way: their answers are not stored, and nobody joins them any
   * more.
   */
  invalidate(resource: string): void {
    const watched = this.#resources.get(resource);
    if (watched !== undefined) watched.generation += 1;
    this.copiesBelow.note(resource);
  }

  /** It detaches the flights of every resource that an invalidation of many may mean; without `sweep`, of all. */
  invalidateAll(sweep?: Sweep): void {
    this.#sweeps += 1;
    this.copiesBelow.noteAll(sweep);
    for (const watched of this.#resources.values()) {
      if (watched.request === undefined || sweep?.concerns(watched.request) !== false) watched.generation += 1;
    }
  }

  /** It counts the invalidations of many resources. */
  get sweeps(): number {
    return this.#sweeps;
  }

  /** It counts the keys that have a caller under way. */
  get size(): number {
    return this.#lanes.size;
  }
}

/** A hold is what one caller, or one origin request, knows of its key and its resource while it is under way. */
export class Hold<T, L extends Leader<L>> {
  readonly #flights: Flights<T, L>;
  readonly #key: string;
  readonly #resource: string;
  readonly #lane: Lane<T, L>;
  readonly #watched: WatchedResource;
  #holders = 1;
  /** So many flights had ended before the caller came, or before the end of the one that it has joined last. */
  #since: number;
  #joined: ListedFlight<T, L> | undefined;
  /** It joins no flight that began before so many had ended. */
  #notBefore = 0;

  constructor(flights: Flights<T, L>, key: string, resource: string, lane: Lane<T, L>, watched: WatchedResource) {
    this.#flights = flights;
    this.#key = key;
    this.#resource = resource;
    this.#lane = lane;
    this.#watched = watched;
    this.#since = lane.settlements;
  }

  get generation(): number {
    return this.#watched.generation;
  }

  get writes(): number {
    return this.#lane.writes;
  }

  /**
   * It returns the number of a fetch that begins now. A fetch that begins later under the same key has a higher one.
   */
  beginFetch(): number {
    this.#lane.fetches += 1;
    return this.#lane.fetches;
  }

  /** It is true where no answer to a later fetch has been written. */
  isNewest(fetch: number, variant: string): boolean {
    const { newest, floor } = this.#lane;
    return fetch >= (newest?.get(variant) ?? floor);
  }

  /** It is true where the answer to a later fetch has ended what is stored. */
  isEnded(fetch: number): boolean {
    return fetch < this.#lane.ended;
  }

  noteEnd(fetch: number): void {
    this.#lane.ended = Math.max(this.#lane.ended, fetch);
  }

  /**
   * It is true where a later fetch has written the whole that this would be a part of, or a part that is shown to be of
   * another version.
   */
  isOvertaken(fetch: number, { whole, isPart, validator }: BodyVersion): boolean {
    if (isPart && !this.isNewest(fetch, whole)) return true;
    const latest = this.#lane.parts?.get(whole);
    return latest !== undefined && latest.fetch > fetch && (validator ?? latest.validator) !== latest.validator;
  }

  /** It is true where parts of a body were written while requests of the key were under way. */
  get hasParts(): boolean {
    return this.#lane.parts !== undefined;
  }

  noteWrite(fetch: number, variant: string, part?: BodyVersion): void {
    this.#lane.writes += 1;
    if (part !== undefined) {
      const { whole, validator } = part;
      const parts = (this.#lane.parts ??= new Map<string, LatestPart>());
      const isLatest = fetch >= (parts.get(whole)?.fetch ?? 0);
      if (isLatest && validator !== undefined) parts.set(whole, { fetch, validator });
    }
    const newest = (this.#lane.newest ??= new Map());
    newest.set(variant, fetch);
    if (newest.size <= MAX_VARIANTS_NOTED) return;
    this.#lane.floor = Math.max(...newest.values());
    newest.clear();
    this.#lane.parts?.clear();
  }

  /**
   * It is false where there are at most `limit` variants: those that were `known` when the caller looked, and those
   * that have been written since.
   */
  mayExceed(limit: number, known: readonly string[]): boolean {
    const { newest, floor } = this.#lane;
    return floor > 0 || new Set([...known, ...(newest?.keys() ?? [])]).size > limit;
  }

  /** It adds one more holder, who must call `release` too. */
  retain(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#flights.leave(this.#key, this.#resource, this.#lane, this.#watched);
  }

  /** It finds the flight of this identity that a caller may join now. One that has ended meanwhile comes first. */
  joinable({ purpose, variant, leader }: FlightIdentity<L>): Flight<T, L> | undefined {
    const joined = this.#joined?.settlement ?? Infinity;
    if (joined !== Infinity) this.#since = joined;
    let found: ListedFlight<T, L> | undefined;
    for (const listed of this.#lane.flights) {
      const isSame = listed.purpose === purpose && listed.variant === variant;
      if (!isSame || !this.#isRecent(listed) || !listed.flight.isJoinable) continue;
      if (listed.leader.travelsAs(leader)) found = listed.settlement === Infinity ? (found ?? listed) : listed;
    }
    this.#joined = found ?? this.#joined;
    return found?.flight;
  }

  #isRecent({ generation, begun, settlement }: ListedFlight<T, L>): boolean {
    return generation === this.generation && settlement > this.#since && begun >= this.#notBefore;
  }

  /** It is called when the flight that was joined is of no use: from now on only those that began after it will do. */
  joinOnlyLater(): void {
    const { settlements } = this.#lane;
    this.#notBefore = Math.min(this.#joined?.settlement ?? settlements, settlements);
  }

  /** It starts a flight that later callers may join, until it settles or its resource is invalidated. */
  lead({ purpose, variant, leader }: FlightIdentity<L>, run: Run<T>, abortable: boolean): Flight<T, L> {
    const lane = this.#lane;
    const { writes, settlements: begun } = lane;
    // It is told by the flight itself, as to wait for that once more would cost each miss a promise.
    const flight: Flight<T, L> = new Flight(run, abortable, leader, () => { settle(lane, listed, writes); });
    const listed = { flight, generation: this.generation, purpose, variant, leader, begun, settlement: Infinity };
    lane.flights.unshift(listed);
    return flight;
  }
}

/**
 * It takes a flight that has ended off the list, unless callers who do not wait for it are under way, and nothing was
 * written that they could find. `writes` is how much had been written when the flight began.
 */
function settle<T, L>(lane: Lane<T, L>, listed: ListedFlight<T, L>, writes: number): void {
  lane.settlements += 1;
  listed.settlement = lane.settlements;
  const stays = lane.callers > listed.flight.waiters && lane.writes === writes;
  if (stays) listed.flight.stay();
  const oldest = stays ? lane.settlements - MAX_STAYING : lane.settlements;
  lane.flights = lane.flights.filter(({ settlement }) => settlement > oldest);
}
