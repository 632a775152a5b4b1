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
  softOutcome,
  staleOutcome,
} from './exchange/outcome.js';
import type { Answer } from './exchange/answer.js';
import type { CacheRequest, Exchange, FailureKind } from './exchange/request.js';
import { spared } from './exchange/spare.js';
import { fallbackOf, Fetch, type FetchPorts, insteadOf, type Refresh, type ToOrigin } from './fetch.js';
import { Background } from './flights/background.js';
import { Flight, Flights, type Run } from './flights/flights.js';
import { type LeasedAnswer, STORED_ELSEWHERE, underLease } from './flights/lease.js';
import type { CallerFlight, CallerHold } from './flights/sent-requests.js';
import { Distrust } from './invalidation/distrust.js';
import { Invalidation, type InvalidationPorts } from './invalidation/invalidation.js';
import { NOT_READ_IN_TIME, type Reading, type SoughtRequest } from './reading/look-up.js';
import { SearchEquivalents } from './reading/no-vary-search.js';
import { refresh, tellLate } from './refresh.js';
import { seedAnswer } from './seed.js';
import { asShared, type Fitness, fitnessFor, isKept, UnshareableKeys, withoutCookies } from './sharing.js';
import type { StoreContext } from './storing/write.js';
import { UnconditionalOrigins } from './flights/unconditional.js';
import type { CacheOptions } from '../api/options.js';
import type { Entry } from '../entries/entry.js';
import type { RequestPolicy } from '../options/policy.js';
import { decideReuse, demandsNewAnswer, type ReuseDecision } from '../rfc9111/decide-reuse.js';
import { isFailing } from '../rfc9111/failing.js';
import type { CacheReason, EpochMs } from '../rfc9111/model.js';
import { softAnswer } from '../rfc9111/soft-answer.js';
import type { MaybePromise } from '../support/maybe-promise.js';
import { takesLonger } from '../support/timers.js';
import { owns } from '../support/owns.js';

type EnginePorts = Omit<StoreContext, 'distrust'> &
  Omit<InvalidationPorts, 'distrust'> & {
    /** It is given each piece of work that nobody waits for. */
    readonly background?: CacheOptions['background'];
  };

type Decision = ReuseDecision<Entry>;

/** It is a look-up that is under way, or one that has shown that the answer is not there at once. */
export type LookUp =
  | { readonly reading: MaybePromise<Reading>; readonly decision: undefined }
  /** The decision was made on the grounds of the look-up. */
  | { readonly reading: Reading; readonly decision: Decision };

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
  /** It is true once the caller has waited in vain for a request of another caller. */
  readonly retried: boolean;
  /** It is true once what the caller has waited for turned out to be older than a deletion: then it asks anew. */
  readonly anew: boolean;
  /** It is true once the caller has waited for what another process stores: it does so only once. */
  readonly leased: boolean;
  /** It is the look-up that the turn begins with; it is undefined where the turn looks again. */
  readonly lookUp: LookUp | undefined;
}

/** It makes the next turn of a caller who has waited in vain. */
type Again = (why: 'failed' | 'anew') => Turn;

/** It is what a look-up needs of an exchange. */
type Looking = Pick<Exchange, 'request' | 'raceLookUp'>;

/** For these reasons a stored answer is too old for a caller, and so an earlier flight may be too old as well. */
const DEMANDS_ORIGIN: ReadonlySet<CacheReason> = new Set(['no-cache', 'max-age', 'min-fresh']);
const FIRST_TURN = {
  kind: 'again',
  variant: '',
  alone: false,
  rereads: 0,
  retried: false,
  anew: false,
  leased: false,
} as const;
/** A caller looks again this many times because an entry was stored while it was looking. */
const MAX_REREADS = 3;

export class Engine {
  readonly invalidation: Invalidation;
  readonly background: Background;
  readonly #ports: StoreContext & InvalidationPorts;
  readonly #flights = new Flights<FetchResult, Exchange>();
  readonly #equivalents: SearchEquivalents;
  readonly #unshareable = new UnshareableKeys();
  /** What its parts share, for whoever works on what is stored outside of requests. */
  readonly ports: FetchPorts;

  constructor(ports: EnginePorts) {
    this.background = new Background(ports.background);
    this.#equivalents = new SearchEquivalents(ports.now);
    // It is no copy, as what the ports say may change.
    this.#ports = Object.assign(Object.create(ports) as EnginePorts, { distrust: new Distrust(ports.storage) });
    this.invalidation = new Invalidation(this.#ports, this.#flights, this.#equivalents);
    this.ports = {
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
      let turn: Turn = { ...FIRST_TURN, lookUp };
      for (;;) {
        const taking = this.#turn(exchange, hold, turn);
        const next = taking instanceof Promise ? await taking : taking;
        if (!owns(next, 'kind')) return next;
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

  /** As `seedAnswer`. */
  seed(request: CacheRequest, answer: Answer): Promise<boolean> {
    return seedAnswer(request, answer, this.ports);
  }

  /** It resolves when the background work that is under way now has ended. */
  idle(): Promise<void> {
    return this.background.idle();
  }

  /** What may answer, less what was invalidated while the storage could not delete it. */
  read(request: SoughtRequest, now: EpochMs): MaybePromise<Reading> {
    return this.invalidation.read(request, now);
  }

  #turn(exchange: Exchange, hold: CallerHold, turn: Turn): MaybePromise<Outcome | Turn> {
    const { reading, decision } = turn.lookUp ?? this.#lookUp(exchange);
    if (decision === undefined) return this.#lateTurn(exchange, reading, hold, turn);
    return this.#act(exchange, decision, reading, hold, turn, hold.writes);
  }

  #lookUp({ request }: Exchange): LookUp {
    return { reading: this.read(request, this.#ports.now()), decision: undefined };
  }

  /** It is a turn that has to wait for what is stored. */
  async #lateTurn(
    exchange: Exchange,
    looking: MaybePromise<Reading>,
    hold: CallerHold,
    turn: Turn,
  ): Promise<Outcome | Turn> {
    const { writes } = hold;
    const reading = looking instanceof Promise ? await exchange.raceLookUp(looking, NOT_READ_IN_TIME) : looking;
    return this.#act(exchange, await this.decide(exchange, reading), reading, hold, turn, writes);
  }

  /** It does what is decided. `writes` is how much was written under the key when the look-up began. */
  #act(
    exchange: Exchange,
    decision: Decision,
    reading: Reading,
    hold: CallerHold,
    turn: Turn,
    writes: number,
  ): MaybePromise<Outcome | Turn> {
    const { request } = exchange;
    switch (decision.kind) {
      case 'reuse':
        this.#equivalents.note(request, decision.stored);
        return reusedOutcome(decision);
      case 'reuse-and-refresh':
        this.#refresh(exchange, decision, reading, hold);
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

  /** It decides on the grounds of a look-up, and of stored answers that the server calls equivalent. */
  async decide(exchange: Looking, reading: Reading): Promise<Decision> {
    const { request } = exchange;
    const isUnknown = reading.entries.length === 0;
    const equivalent = isUnknown
      ? await this.#equivalents.reuse(exchange, (other) => this.read(other, this.#ports.now()))
      : undefined;
    return equivalent ?? decideReuse(request.head, reading.entries, request.policy, this.#ports.now());
  }

  #viaOrigin(
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
    if (joined !== undefined) {
      const again = againAfter(turn, hold, reading, decision);
      return this.#unlessSlow(exchange, decision, this.#follow(joined, exchange, decision, turn, again));
    }
    const flight = this.#depart(exchange, decision, reading, hold, turn, alone ? undefined : identity);
    return this.#unlessSlow(exchange, decision, this.#lead(flight, exchange, decision, turn));
  }

  /**
   * It returns what is stored where the origin takes longer than the policy's soft timeout. The request to the origin
   * goes on, as this caller still counts as one who waits for it.
   */
  #unlessSlow(exchange: Exchange, decision: ToOrigin, waiting: Promise<Outcome | Turn>): Promise<Outcome | Turn> {
    const { softTimeoutMs } = exchange.request.policy;
    const stored = fallbackOf(decision);
    if (softTimeoutMs === undefined || stored === undefined) return waiting;
    return this.#unlessSlower(softTimeoutMs, exchange, stored, waiting);
  }

  async #unlessSlower(
    softTimeoutMs: number,
    exchange: Exchange,
    stored: Entry,
    waiting: Promise<Outcome | Turn>,
  ): Promise<Outcome | Turn> {
    const { policy, head } = exchange.request;
    const isSlow = await takesLonger(softTimeoutMs, waiting);
    const soft = isSlow ? softAnswer(head, stored, policy, this.#ports.now()) : undefined;
    if (soft === undefined) return waiting;
    tellLate(waiting, exchange, { background: this.background, events: this.#ports.events });
    return softOutcome(head, stored, soft.age, soft.isFresh);
  }

  /** It waits for the caller's own request. */
  async #lead(flight: CallerFlight, exchange: Exchange, decision: ToOrigin, turn: Turn): Promise<Outcome | Turn> {
    let fetched: FetchResult;
    try {
      fetched = await (exchange.mayLeave ? flight.wait((promise) => exchange.race(promise)) : flight.join());
    } catch (error) {
      if (error === STORED_ELSEWHERE) return { ...turn, leased: true, lookUp: undefined };
      const failure = exchange.failureOf(error, false);
      const early = this.#earlyResult(flight, failure);
      const instead = early === undefined ? this.#insteadOf(exchange, decision, failure, error) : undefined;
      if (instead !== undefined) return instead;
      if (early === undefined) throw error;
      fetched = early;
    }
    const instead = this.#insteadOfAnswer(exchange, decision, fetched);
    if (instead !== undefined) return instead;
    const now = this.#ports.now();
    this.#unshareable.noteLeader(exchange.request, fetched, now);
    return fetched.kind === 'freshened'
      ? freshenedOutcome(fetched, false, now)
      : answeredOutcome(fetched, fetched.reason, { collapsed: false, isShared: flight.isShared });
  }

  /**
   * It waits for the request of another caller. Its answer is shared, but its failure is that caller's own: those who
   * have waited ask once more, together.
   */
  async #follow(
    flight: CallerFlight,
    exchange: Exchange,
    decision: ToOrigin,
    turn: Turn,
    again: Again,
  ): Promise<Outcome | Turn> {
    let fetched: FetchResult;
    try {
      const race = <T>(promise: Promise<T>): Promise<T> => exchange.raceAnother(promise);
      fetched = await (exchange.mayLeave ? flight.wait(race) : flight.join());
    } catch (error) {
      if (error === STORED_ELSEWHERE) return { ...turn, leased: true, lookUp: undefined };
      const failure = exchange.failureOf(error, true);
      const early = this.#earlyResult(flight, failure);
      const shared = early === undefined ? early : this.#share(flight, exchange, decision, early, turn, again);
      if (shared !== undefined && !owns(shared, 'kind')) return shared;
      if (failure === 'timeout') flight.doubt();
      const instead = this.#insteadOf(exchange, decision, failure, error);
      if (instead?.status === 'stale') return instead;
      if (asksAgain(failure, turn, exchange, flight.leader)) return again('failed');
      if (instead === undefined) throw error;
      return instead;
    }
    return this.#share(flight, exchange, decision, fetched, turn, again);
  }

  /** It makes a caller's outcome of what another caller's request has brought, by its own request and policy. */
  #share(
    flight: CallerFlight,
    exchange: Exchange,
    decision: ToOrigin,
    fetched: FetchResult,
    turn: Turn,
    again: Again,
  ): Outcome | Turn {
    const instead = this.#insteadOfAnswer(exchange, decision, fetched);
    if (instead !== undefined) return instead;
    if (isInvalidated(fetched) && !turn.anew) return again('anew');
    if (fetched.kind === 'answered' && !isKept(fetched, exchange.request.policy)) {
      const failed = isFailing(fetched.answer.status);
      if (failed && !turn.retried) return again('failed');
      // What is not for the store may judge the caller, as a 401 does.
      if (!exchange.isSameUserAs(flight.leader)) return again('failed');
      // A failure without a body that others could be given is found to be one caller's alone below.
      const isForAll = failed && fetched.answer.body !== undefined;
      if (isForAll) return answeredOutcome(withoutCookies(fetched), decision.reason, { collapsed: true });
    }
    const { events, now: clock } = this.#ports;
    const now = clock();
    const fitness = spared<Fitness>(events, () => fitnessFor(exchange.request, fetched, now), { kind: 'private' });
    if (fitness.kind === 'private') {
      this.#unshareable.note(exchange.request, fetched, now);
      return { ...turn, alone: true, lookUp: undefined };
    }
    if (fitness.kind === 'other-variant') return { ...turn, variant: fitness.variant, lookUp: undefined };
    return fetched.kind === 'freshened'
      ? freshenedOutcome(fetched, true, now)
      : answeredOutcome(asShared(fetched, fitness.entry), decision.reason, { collapsed: true });
  }

  /** It returns what has arrived although it is not stored yet, where the caller has no time to wait for that. */
  #earlyResult(flight: CallerFlight, failure: FailureKind): FetchResult | undefined {
    const early = failure === 'timeout' ? flight.early() : undefined;
    if (early !== undefined) this.background.leave(flight.promise);
    return early;
  }

  /** It sends the request. Other callers may join it by `identity`, and nobody may where that is undefined. */
  #depart(
    exchange: Exchange,
    decision: ToOrigin,
    reading: Reading,
    hold: CallerHold,
    { leased }: Turn,
    identity: Parameters<CallerHold['lead']>[0] | undefined,
  ): CallerFlight {
    const fetch = this.#fetch(exchange, decision, reading, hold);
    const isLeased = !leased && identity !== undefined && !demandsOrigin(exchange.request, decision);
    const run = this.#runOf(fetch, exchange, isLeased ? exchange.patienceMs / 2 : undefined);
    // The answer to a caller's own condition or range is of no use to others.
    const isForAll = identity !== undefined && !exchange.request.head.isConditional;
    const { mayLeave } = exchange;
    const flight = isForAll ? hold.lead(identity, run, mayLeave) : new Flight(run, mayLeave, exchange);
    flight.source = fetch;
    return flight;
  }

  #refresh(exchange: Exchange, decision: Refresh, reading: Reading, hold: CallerHold): void {
    const { events, now } = this.#ports;
    const ofStored = { ...reading, entries: [decision.stored] };
    // Where another refresh is under way there is none to be run, nor anything to be released.
    const begin: Run<FetchResult> = (signal) =>
      this.#runOf(this.#fetch(exchange, decision, ofStored, hold), exchange, 0)(signal);
    refresh(exchange, hold, begin, { background: this.background, events, now });
  }

  /**
   * It makes the run of a flight. It goes by a lease where the storage has leases, and waits for `patienceMs` where
   * another process has the one of this key; where that is undefined the origin is asked at once.
   */
  #runOf(fetch: Fetch, exchange: Exchange, patienceMs: number | undefined): Run<FetchResult> {
    const { storage, now } = this.#ports;
    if (patienceMs === undefined || storage.leaseMs === undefined) return (signal) => fetch.run(signal);
    const { request } = exchange;
    const isAnswered = async (): Promise<boolean> => {
      const reading = await this.read(request, now());
      // If the origin is asked at all, it is asked after this look-up.
      fetch.restart(reading);
      return decideReuse(request.head, reading.entries, request.policy, now()).kind === 'reuse';
    };
    return async (signal) => {
      const onWait = (): void => { exchange.noteWaiting(); };
      const leasing = { storage, key: request.key, patienceMs, isAnswered, onWait, signal };
      try {
        return await underLease(leasing, () => fetch.run(signal), (brought) => leasedAnswerOf(brought, request.policy));
      } catch (error) {
        if (error === STORED_ELSEWHERE) fetch.abandon();
        throw error;
      }
    };
  }

  /** It makes a fetch, which is to be run, as it holds the key until then. */
  #fetch(exchange: Exchange, decision: ToOrigin | Refresh, reading: Reading, hold: CallerHold): Fetch {
    return new Fetch(this.ports, exchange, decision, reading, hold);
  }

  #insteadOf(exchange: Exchange, decision: ToOrigin, failure: FailureKind, error: unknown): Outcome | undefined {
    if (failure !== 'network' && failure !== 'timeout') return undefined;
    return insteadOf(exchange, decision, 'network', this.#ports.now, error);
  }

  #insteadOfAnswer(exchange: Exchange, decision: ToOrigin, fetched: FetchResult): Outcome | undefined {
    if (fetched.kind !== 'answered') return undefined;
    const { events, now } = this.#ports;
    const { status } = fetched.answer;
    const decide = () => insteadOf(exchange, decision, { status }, now);
    const instead = spared<Outcome | undefined>(events, decide, undefined);
    if (instead !== undefined) fetched.answer.streaming?.discard();
    return instead;
  }
}

/** It is true where a caller asks for itself after another caller's request, which it has waited for, has failed. */
function asksAgain(failure: FailureKind, { retried }: Turn, exchange: Exchange, leader: Exchange): boolean {
  switch (failure) {
    case 'cancelled':
    case 'timeout':
      return false;
    case 'leader':
      return true;
    case 'request':
      return !exchange.isSameUserAs(leader);
    case 'network':
    case 'unavailable':
      return !retried || !exchange.isSameUserAs(leader);
  }
}

/**
 * After a failure the caller does not look again, unless something may have changed meanwhile, so that all who have
 * waited ask in the same instant.
 */
function againAfter(turn: Turn, hold: CallerHold, reading: Reading, decision: ToOrigin): Again {
  const { writes, generation } = hold;
  return (why) => {
    const anew = turn.anew || why === 'anew';
    // Other requests under way may be older than the caller or the deletion, too.
    hold.joinOnlyLater();
    const isUnchanged = why === 'failed' && hold.writes === writes && hold.generation === generation;
    return { ...turn, retried: true, anew, lookUp: isUnchanged ? { reading, decision } : undefined };
  };
}

/**
 * It is true where something was deleted, by whichever process, or something newer was stored, while the answer was
 * under way. Who has joined that request may have begun after the deletion, and looks again.
 */
const isInvalidated = ({ storing }: FetchResult): boolean =>
  storing.kind === 'not-stored' && storing.reason === 'invalidated';

function leasedAnswerOf(fetched: FetchResult, policy: RequestPolicy): LeasedAnswer {
  if (fetched.storing.kind === 'pending' || isKept(fetched, policy)) return 'stored';
  return isFailing(fetched.answer.status) ? 'failed' : 'unstorable';
}

/** A miss is explained by what hindered the look-up, if anything did, as that says more than that nothing was found. */
export const explained = (decision: ToOrigin, { problem }: Reading): ToOrigin =>
  decision.reason === 'uri-miss' && problem !== undefined ? { ...decision, reason: problem } : decision;

const demandsOrigin = ({ head, policy }: CacheRequest, { reason }: ToOrigin): boolean =>
  DEMANDS_ORIGIN.has(reason) || demandsNewAnswer(head, policy);
