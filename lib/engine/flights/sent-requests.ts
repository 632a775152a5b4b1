/**
 * This file lists the requests that one fetch sends: the caller's own, and one more for each redirect that it follows.
 */
import type { Fence } from '../../api/storage.js';
import { versionOf } from '../exchange/body-version.js';
import type { Exchange, CacheRequest } from '../exchange/request.js';
import type { FetchResult } from '../exchange/outcome.js';
import type { Fences, IsCurrent, Storing, WritePermit } from '../exchange/storing.js';
import type { Flight, Flights, Hold } from './flights.js';
import type { Entry } from '../../entries/entry.js';
import { isPart } from '../../rfc9111/parts.js';

/** The flights of an engine: what they bring, and who leads them. */
export type CallerFlights = Flights<FetchResult, Exchange>;
export type CallerHold = Hold<FetchResult, Exchange>;
export type CallerFlight = Flight<FetchResult, Exchange>;

/** It is one of these requests, with what was known of its key and its resource when it was sent. */
export class SentRequest implements WritePermit {
  readonly request: CacheRequest;
  /** It is the request's own key, or for HEAD also the key of a GET, which the answer to HEAD may renew. */
  readonly key: string;
  fence: Fence | undefined;
  readonly #hold: CallerHold;
  #generation = 0;
  #place = 0;

  constructor(request: CacheRequest, hold: CallerHold, fence: Fence | undefined, key = request.key) {
    this.request = request;
    this.key = key;
    this.#hold = hold;
    this.restart(fence);
  }

  /** It is sent now, and not when it was made: what has happened since does not count against its answer. */
  restart(fence: Fence | undefined): void {
    this.fence = fence;
    this.#generation = this.#hold.generation;
    this.#place = this.#hold.beginFetch();
  }

  /** It is true where, since the request was sent, its resource was not invalidated and no newer answer is known. */
  readonly isCurrent: IsCurrent = (variant) =>
    this.#hold.generation === this.#generation && !this.#hold.isEnded(this.#place) && this.mayEnd(variant);

  /** It is true where no newer answer was written: one that has ended other variants has left this one as it was. */
  mayEnd(variant: string): boolean {
    return this.#hold.isNewest(this.#place, variant);
  }

  /** It is true where something was written under the key while requests for it were under way. */
  get hasWrites(): boolean {
    return this.#hold.writes > 0;
  }

  currentFor(entry: Entry): IsCurrent {
    return (variant) => this.isCurrent(variant) && !this.#isOvertaken(entry);
  }

  #isOvertaken(entry: Entry): boolean {
    const mayBe = isPart(entry) || this.hasParts;
    return mayBe && this.#hold.isOvertaken(this.#place, versionOf(entry, this.request.head));
  }

  /** It is true where parts of a body were written under the key while requests for it were under way. */
  get hasParts(): boolean {
    return this.#hold.hasParts;
  }

  noteWrite(entry: Entry): void {
    const part = isPart(entry) ? versionOf(entry, this.request.head) : undefined;
    this.#hold.noteWrite(this.#place, entry.raw.variant, part);
  }

  /** As `Hold.mayExceed`. */
  mayExceed(limit: number, known: readonly string[]): boolean {
    return this.#hold.mayExceed(limit, known);
  }

  /** The answer has ended what is stored under the key: answers to requests that were sent before are not stored. */
  noteEnd(): void {
    this.#hold.noteEnd(this.#place);
  }

  release(): void {
    this.#hold.release();
  }
}

/** It holds all requests of a fetch until its answer is stored, and tells which of them led to the answer. */
export class SentRequests {
  readonly #flights: CallerFlights;
  readonly #onStored: (request: CacheRequest, entry: Entry) => void;
  /** This is the caller's own request. */
  readonly first: SentRequest;
  /** It stands for the GET whose stored answer the answer to a HEAD may renew; for other requests it is `first`. */
  readonly ofGet: SentRequest;
  readonly #all: SentRequest[];
  #path: SentRequest[];
  readonly #sweeps: number;

  /**
   * `hold` is the caller's: it keeps what is known of the key and the resource alive, and is retained here. `fences`
   * are of the look-up that ended before the first request is sent. `onStored` is called for each request whose key has
   * got an entry.
   */
  constructor(
    flights: CallerFlights,
    request: CacheRequest,
    hold: CallerHold,
    fences: Fences,
    onStored: (request: CacheRequest, entry: Entry) => void,
  ) {
    this.#flights = flights;
    this.#onStored = onStored;
    this.first = new SentRequest(request, hold.retain(), fences.fence);
    this.#all = [this.first];
    this.#path = [this.first];
    this.#sweeps = flights.sweeps;
    const { keyOfGet, resource } = request;
    if (keyOfGet === undefined) this.ofGet = this.first;
    else {
      const holdOfGet = flights.enter(keyOfGet, resource, request);
      this.ofGet = new SentRequest(request, holdOfGet, fences.fenceOfGet, keyOfGet);
      this.#all.push(this.ofGet);
    }
  }

  /**
   * It is true where many resources were invalidated meanwhile, of which one may be where redirects have led that
   * nobody saw.
   */
  get mayHaveMissed(): boolean {
    return this.#flights.sweeps !== this.#sweeps;
  }

  /** It returns the request that tells what is known of `key`. */
  under(key: string): SentRequest {
    return key === this.ofGet.key ? this.ofGet : this.first;
  }

  /** These requests led to the answer, in the order in which they were sent. */
  get path(): readonly SentRequest[] {
    return this.#path;
  }

  /**
   * It is called when the first request is sent again, or later than it was made: the redirects of the first attempt
   * did not lead to the answer, which is newer than all that was sent before. `fences` are of a look-up since.
   */
  restart({ fence, fenceOfGet }: Fences): void {
    this.#path = [this.first];
    // Both may be the same, which goes by `fence` then.
    this.ofGet.restart(fenceOfGet);
    this.first.restart(fence);
  }

  /**
   * It is called right before the request that a redirect leads to is sent. Its key was not looked up, so that it goes
   * by the fence of the first request, which was taken before the origin was asked at all.
   */
  readonly enter = (request: CacheRequest): void => {
    const hold = this.#flights.enter(request.key, request.resource, request);
    const sent = new SentRequest(request, hold, this.first.fence);
    this.#all.push(sent);
    this.#path.push(sent);
  };

  /** It tells the requests of the stored entry's key that it was written, and returns what it was given. */
  noted(storing: Storing): Storing {
    if (storing.kind !== 'stored') return storing;
    const { entry } = storing;
    const { key } = entry.raw;
    for (const sent of this.#all) {
      if (sent.key !== key) continue;
      sent.noteWrite(entry);
      this.#onStored(sent.request, entry);
    }
    return storing;
  }

  /** It must be called exactly once, when nothing is left to be stored. */
  release(): void {
    for (const sent of this.#all) sent.release();
  }
}
