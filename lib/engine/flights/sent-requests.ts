/** The requests that one fetch sends: the caller's own, and one more for each redirect on the way. */
import type { Exchange, CacheRequest } from '../exchange/request.js';
import type { FetchResult } from '../exchange/outcome.js';
import type { IsCurrent, Storing } from '../exchange/storing.js';
import type { Flights, Hold } from './flights.js';
import type { Entry } from '../../entries/entry.js';

/** The flights of an engine: what they bring, and who leads them. */
export type CallerFlights = Flights<FetchResult, Exchange>;
export type CallerHold = Hold<FetchResult, Exchange>;

/** One of these requests, as it stood when it was sent. */
export class SentRequest {
  readonly request: CacheRequest;
  readonly #hold: CallerHold;
  readonly #generation: number;
  readonly #place: number;

  constructor(request: CacheRequest, hold: CallerHold) {
    this.request = request;
    this.#hold = hold;
    this.#generation = hold.generation;
    this.#place = hold.beginFetch();
  }

  /** Whether since then neither its resource was invalidated nor a newer answer written. */
  readonly isCurrent: IsCurrent = (variant) =>
    this.#hold.generation === this.#generation && this.#hold.isNewest(this.#place, variant);

  noteWrite(variant: string): void {
    this.#hold.noteWrite(this.#place, variant);
  }

  release(): void {
    this.#hold.release();
  }
}

/** All of them until the answer is stored, and those among them that led to the answer. */
export class SentRequests {
  readonly #flights: CallerFlights;
  readonly #onStored: (request: CacheRequest, entry: Entry) => void;
  /** The caller's own request. */
  readonly first: SentRequest;
  readonly #all: SentRequest[];
  #path: SentRequest[];

  /**
   * `hold`: the caller's, which is retained; `onStored`: told of each request that has an entry by now.
   */
  constructor(
    flights: CallerFlights,
    request: CacheRequest,
    hold: CallerHold,
    onStored: (request: CacheRequest, entry: Entry) => void,
  ) {
    this.#flights = flights;
    this.#onStored = onStored;
    this.first = new SentRequest(request, hold.retain());
    this.#all = [this.first];
    this.#path = [this.first];
  }

  /** Those that led to the answer, in the order in which they were sent. */
  get path(): readonly SentRequest[] {
    return this.#path;
  }

  /** The first request is sent again. */
  restart(): void {
    this.#path = [this.first];
  }

  /** Right before a redirect's request is sent. */
  readonly enter = (request: CacheRequest): void => {
    const sent = new SentRequest(request, this.#flights.enter(request.key, request.resource));
    this.#all.push(sent);
    this.#path.push(sent);
  };

  /** Tells those who look for what was stored; returns what it is told. */
  noted(storing: Storing): Storing {
    if (storing.kind !== 'stored') return storing;
    const { entry } = storing;
    const { key, variant } = entry.raw;
    for (const sent of this.#all) {
      if (sent.request.key !== key) continue;
      sent.noteWrite(variant);
      this.#onStored(sent.request, entry);
    }
    return storing;
  }

  /** Once, when all is stored. */
  release(): void {
    for (const sent of this.#all) sent.release();
  }
}
