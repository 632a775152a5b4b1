/**
 * This file holds the pipeline that each request goes through: it looks up what is stored, decides whether that may
 * answer, asks the origin if it must, keeps the answer, and answers. Only this file awaits between decisions.
 */
import {
  answeredOutcome,
  type FetchResult,
  freshenedOutcome,
  originlessOutcome,
  type Outcome,
  reusedOutcome,
  staleOutcome,
} from './exchange/outcome.js';
import type { CacheRequest, Exchange } from './exchange/request.js';
import { Fetch, type FetchPorts, insteadOf, type Refresh, type ToOrigin } from './fetch.js';
import { Background } from './flights/background.js';
import { Flight, Flights } from './flights/flights.js';
import type { CallerHold } from './flights/sent-requests.js';
import { Distrust } from './invalidation/distrust.js';
import { Invalidation, type InvalidationPorts } from './invalidation/invalidation.js';
import { NOTHING_READ, type Reading, type SoughtRequest } from './reading/look-up.js';
import { SearchEquivalents } from './reading/no-vary-search.js';
import { refresh } from './refresh.js';
import { asShared, fitnessFor, UnshareableKeys } from './sharing.js';
import type { StoreContext } from './storing/write.js';
import { UnconditionalOrigins } from './flights/unconditional.js';
import { updateEntry } from './update.js';
import type { Entry } from '../entries/entry.js';
import { decideReuse, demandsNewAnswer, type ReuseDecision } from '../rfc9111/decide-reuse.js';
import type { CacheReason, EpochMs } from '../rfc9111/model.js';
import type { MaybePromise } from '../support/maybe-promise.js';

type EnginePorts = Omit<StoreContext, 'distrust'> & Omit<InvalidationPorts, 'distrust'>;

type Decision = ReuseDecision<Entry>;

/** It is a look-up that is under way, or one that has shown that the answer is not there at once. */
export interface LookUp {
  readonly reading: MaybePromise<Reading>;
  /** It is what was decided on the grounds of the look-up; it is undefined where that is still open. */
  readonly decision: Decision | undefined;
}

/**
 * It is the state of a retry: it says which flight (an origin request that callers share) the caller may join next, or
 * that it must go alone.
 */
interface Turn {
  readonly kind: 'again';
  /** These are the values that the caller sends for the fields which Vary names; it is empty until they are known. */
  readonly variant: string;
  readonly alone: boolean;
  readonly rereads: number;
  /** It is the look-up that the turn begins with; it is undefined where the turn looks again. */
  readonly lookUp: LookUp | undefined;
}

/** For these reasons a stored answer is too old for a caller, and so an earlier flight may be too old as well. */
const DEMANDS_ORIGIN: ReadonlySet<CacheReason> = new Set(['no-cache', 'max-age', 'min-fresh']);
/** A caller looks again this many times because an entry was stored while it was looking. */
const MAX_REREADS = 3;

export class Engine {
  readonly invalidation: Invalidation;
  readonly background = new Background();
  readonly #ports: StoreContext & InvalidationPorts;
  readonly #flights = new Flights<FetchResult, Exchange>();
  readonly #equivalents: SearchEquivalents;
  readonly #unshareable = new UnshareableKeys();
  readonly #fetchPorts: FetchPorts;

  constructor(ports: EnginePorts) {
    this.#equivalents = new SearchEquivalents(ports.now);
    this.#ports = { ...ports, distrust: new Distrust(ports.storage) };
    this.invalidation = new Invalidation(this.#ports, this.#flights, this.#equivalents);
    this.#fetchPorts = {
      store: this.#ports,
      flights: this.#flights,
      invalidation: this.invalidation,
      equivalents: this.#equivalents,
      unconditional: new UnconditionalOrigins(ports.now),
      background: this.background,
      now: ports.now,
    };
  }

  /**
   * It answers at once where a stored answer is at hand and may be reused; otherwise it returns the look-up that
   * `handle` begins with.
   */
  reuse(request: CacheRequest, now: EpochMs): Outcome | LookUp {
    const reading = this.read(request, now);
    if (reading instanceof Promise) return { reading, decision: undefined };
    if (reading.entries.length === 0 && this.#equivalents.mayAnswer(request)) return { reading, decision: undefined };
    const decision = decideReuse(request.head, reading.entries, request.policy, now);
    if (decision.kind !== 'reuse') return { reading, decision };
    this.#equivalents.note(request, decision.stored);
    return reusedOutcome(decision);
  }

  /**
   * It answers one request. It rejects only with the failure of the origin request, or when the caller gives up.
   * `lookUp` is what `reuse` has found, where it was called right before.
   */
  async handle(exchange: Exchange, lookUp?: LookUp): Promise<Outcome> {
    const { request } = exchange;
    const hold = this.#flights.enter(request.key, request.resource, request);
    try {
      let turn: Turn = { kind: 'again', variant: '', alone: false, rereads: 0, lookUp };
      for (;;) {
        const next = await this.#turn(exchange, hold, turn);
        if (!('kind' in next)) return next;
        turn = next;
      }
    } finally {
      hold.release();
    }
  }

  /** It counts the keys that have a request under way. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** As `updateEntry`. */
  update(target: SoughtRequest, change: (data: unknown) => unknown): Promise<boolean> {
    const { storage, distrust, now } = this.#ports;
    return updateEntry(target, change, {
      flights: this.#flights,
      storage,
      distrust,
      read: (request) => this.read(request, now()),
    });
  }

  /** It resolves when the background work that is under way now has ended. */
  idle(): Promise<void> {
    return this.background.idle();
  }

  /** What may answer, less what was invalidated while the storage could not delete it. */
  read(request: SoughtRequest, now: EpochMs): MaybePromise<Reading> {
    return this.invalidation.read(request, now);
  }

  async #turn(exchange: Exchange, hold: CallerHold, turn: Turn): Promise<Outcome | Turn> {
    const { request } = exchange;
    const { writes } = hold;
    const { now } = this.#ports;
    const looking = turn.lookUp?.reading ?? this.read(request, now());
    const reading = looking instanceof Promise ? await exchange.race(looking) : looking;
    const decision = turn.lookUp?.decision ?? (await this.#decide(exchange, reading));
    switch (decision.kind) {
      case 'reuse':
        this.#equivalents.note(request, decision.stored);
        return reusedOutcome(decision);
      case 'reuse-and-refresh':
        this.#refresh(exchange, decision, hold);
        return staleOutcome(request.head, decision.stored, decision.age, decision.reason);
      case 'unsatisfiable':
        return originlessOutcome({ kind: 'gateway-timeout', failure: undefined }, decision.reason);
      case 'validate':
      case 'complete':
      case 'forward': {
        const outdated = hold.writes !== writes && !demandsOrigin(request, decision) && turn.rereads < MAX_REREADS;
        if (outdated) return { ...turn, rereads: turn.rereads + 1, lookUp: undefined };
        return this.#viaOrigin(exchange, explained(decision, reading), reading, hold, turn);
      }
    }
  }

  async #decide(exchange: Exchange, reading: Reading): Promise<Decision> {
    const { request } = exchange;
    const isUnknown = reading.entries.length === 0;
    const equivalent = isUnknown
      ? await this.#equivalents.reuse(exchange, (other) => this.read(other, this.#ports.now()))
      : undefined;
    return equivalent ?? decideReuse(request.head, reading.entries, request.policy, this.#ports.now());
  }

  async #viaOrigin(
    exchange: Exchange,
    decision: ToOrigin,
    reading: Reading,
    hold: CallerHold,
    turn: Turn,
  ): Promise<Outcome | Turn> {
    const { request } = exchange;
    const alone = turn.alone || exchange.streams || !request.policy.collapse || this.#unshareable.has(request.key);
    const identity = { purpose: 'request', variant: turn.variant, leader: exchange } as const;
    const joined = alone || demandsOrigin(request, decision) ? undefined : hold.joinable(identity);
    const collapsed = joined !== undefined;
    const flight = joined ?? this.#depart(exchange, decision, reading, hold, alone ? undefined : identity);
    try {
      const fetched = await (exchange.mayLeave ? flight.wait((promise) => exchange.race(promise)) : flight.join());
      return this.#take(exchange, decision, fetched, { collapsed, isShared: flight.isShared }, turn);
    } catch (error) {
      const failure = exchange.failureOf(error, collapsed);
      if (collapsed && failure === 'network') flight.doubt();
      if (failure === 'leader') return { ...turn, lookUp: undefined };
      const instead = failure === 'network' ? this.#insteadOf(exchange, decision, 'network', error) : undefined;
      if (instead === undefined) throw error;
      return instead;
    }
  }

  /** It sends the request. Other callers may join it by `identity`, and nobody may where that is undefined. */
  #depart(
    exchange: Exchange,
    decision: ToOrigin,
    reading: Reading,
    hold: CallerHold,
    identity: Parameters<CallerHold['lead']>[0] | undefined,
  ): Flight<FetchResult> {
    const run = (signal: AbortSignal | undefined): Promise<FetchResult> =>
      new Fetch(this.#fetchPorts, exchange, decision, reading, hold).run(signal);
    // The answer to a caller's own condition or range is of no use to others.
    if (identity === undefined || exchange.request.head.isConditional) return new Flight(run, exchange.mayLeave);
    return hold.lead(identity, run, exchange.mayLeave);
  }

  /** It makes one caller's outcome of what a flight has brought, by the caller's own request and policy. */
  #take(
    exchange: Exchange,
    decision: ToOrigin,
    fetched: FetchResult,
    sharing: { readonly collapsed: boolean; readonly isShared: boolean },
    turn: Turn,
  ): Outcome | Turn {
    if (fetched.kind === 'answered') {
      const instead = this.#insteadOf(exchange, decision, { status: fetched.answer.status });
      if (instead !== undefined) {
        fetched.answer.streaming?.discard();
        return instead;
      }
    }
    const now = this.#ports.now();
    const { collapsed } = sharing;
    if (!collapsed) {
      this.#unshareable.noteLeader(exchange.request, fetched, now);
      return fetched.kind === 'freshened'
        ? freshenedOutcome(fetched, collapsed, now)
        : answeredOutcome(fetched, fetched.reason, sharing);
    }
    const fitness = fitnessFor(exchange.request, fetched, now);
    if (fitness.kind === 'private') {
      this.#unshareable.note(exchange.request, fetched, now);
      return { ...turn, alone: true, lookUp: undefined };
    }
    if (fitness.kind === 'other-variant') return { ...turn, variant: fitness.variant, lookUp: undefined };
    return fetched.kind === 'freshened'
      ? freshenedOutcome(fetched, collapsed, now)
      : answeredOutcome(asShared(fetched, fitness.entry), decision.reason, sharing);
  }

  #refresh(exchange: Exchange, decision: Refresh, hold: CallerHold): void {
    const { events, now } = this.#ports;
    const reading = { ...NOTHING_READ, entries: [decision.stored] };
    const run = (signal: AbortSignal | undefined): Promise<FetchResult> =>
      new Fetch(this.#fetchPorts, exchange, decision, reading, hold).run(signal);
    refresh(exchange, hold, run, { background: this.background, events, now });
  }

  #insteadOf(
    exchange: Exchange,
    decision: ToOrigin,
    failure: { readonly status: number } | 'network',
    error?: unknown,
  ): Outcome | undefined {
    return insteadOf(exchange, decision, failure, this.#ports.now, error);
  }
}

/** A miss is explained by what hindered the look-up, if anything did, as that says more than that nothing was found. */
const explained = (decision: ToOrigin, { problem }: Reading): ToOrigin =>
  decision.reason === 'uri-miss' && problem !== undefined ? { ...decision, reason: problem } : decision;

const demandsOrigin = ({ head, policy }: CacheRequest, { reason }: ToOrigin): boolean =>
  DEMANDS_ORIGIN.has(reason) || demandsNewAnswer(head, policy);
