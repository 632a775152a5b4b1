/** The pipeline: look up, decide, act, keep, answer. The only place that awaits between decisions. */
import type { Answer } from './exchange/answer.js';
import { answeredOutcome, type Fetched, freshenedOutcome, originlessOutcome, type Outcome, reusedOutcome, staleOutcome } from './exchange/outcome.js';
import type { Exchange } from './exchange/request.js';
import type { IsCurrent, Storing } from './exchange/storing.js';
import { Background } from './flights/background.js';
import { Flight, Flights, type Hold } from './flights/flights.js';
import { Trail } from './flights/trail.js';
import { Invalidation, type InvalidationPorts } from './invalidation/invalidation.js';
import { NOTHING_READ, readEntries, type Reading, type Sought } from './reading/look-up.js';
import { SearchEquivalents } from './reading/no-vary-search.js';
import { refresh } from './refresh.js';
import { asShared, fitnessFor, UnshareableKeys } from './sharing.js';
import { freshenEntry } from './storing/freshen.js';
import { storeAnswer } from './storing/store-redirected.js';
import { keepOnceWhole } from './storing/store-stream.js';
import type { StoreContext } from './storing/write.js';
import { updateEntry, type UpdateTarget } from './update.js';
import type { Entry } from '../entries/entry.js';
import { decideReuse, demandsNewAnswer, type ReuseDecision } from '../rfc9111/decide-reuse.js';
import { replaces } from '../rfc9111/decide-storage.js';
import { decideValidation, freshenByHead, staleIfError } from '../rfc9111/decide-validation.js';
import type { CacheReason, HeaderFields } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { selectMatching } from '../rfc9111/vary.js';

export type EnginePorts = Omit<StoreContext, 'withdraw'> & InvalidationPorts;

type Decision = ReuseDecision<Entry>;
type Refresh = Extract<Decision, { kind: 'reuse-and-refresh' }>;
type ToOrigin = Extract<Decision, { kind: 'validate' | 'forward' }>;

/** How a caller goes round once more: with whom it may share an origin request, or that it goes alone. */
interface Turn {
  readonly kind: 'again';
  /** What it sends for the fields that Vary nominates, once that is known. */
  readonly variant: string;
  readonly alone: boolean;
  readonly rereads: number;
}

/** Reasons by which what is stored is too old for a caller, and so an earlier flight may be. */
const DEMANDS_ORIGIN: ReadonlySet<CacheReason> = new Set(['no-cache', 'max-age', 'min-fresh']);
/** How often a caller looks again because an entry was stored while it was looking. */
const MAX_REREADS = 3;

export class Engine {
  readonly invalidation: Invalidation;
  readonly #ports: StoreContext & InvalidationPorts;
  readonly #flights = new Flights<Fetched>();
  readonly #equivalents: SearchEquivalents;
  readonly #unshareable = new UnshareableKeys();
  readonly background = new Background();

  constructor(ports: EnginePorts) {
    this.#equivalents = new SearchEquivalents(ports.now);
    this.invalidation = new Invalidation(ports, this.#flights, this.#equivalents);
    this.#ports = { ...ports, withdraw: (entry) => this.invalidation.withdraw(entry) };
  }

  /** Answers one request. Rejects only as the origin does, or when the caller gives up. */
  async handle(exchange: Exchange): Promise<Outcome> {
    const hold = this.#flights.enter(exchange.key, exchange.resource);
    try {
      let turn: Turn = { kind: 'again', variant: '', alone: false, rereads: 0 };
      for (;;) {
        const next = await this.#turn(exchange, hold, turn);
        if (!('kind' in next)) return next;
        turn = next;
      }
    } finally {
      hold.release();
    }
  }

  /** How many keys have a request under way. */
  get inFlight(): number {
    return this.#flights.size;
  }

  /** As `updateEntry`. */
  update(target: UpdateTarget, change: (data: unknown) => unknown): Promise<boolean> {
    const { storage, withdraw } = this.#ports;
    return updateEntry(target, change, { flights: this.#flights, storage, withdraw, read: (sought) => this.read(sought) });
  }

  /** Resolves when background work has ended. */
  idle(): Promise<void> {
    return this.background.idle();
  }

  async #turn(exchange: Exchange, hold: Hold<Fetched>, turn: Turn): Promise<Outcome | Turn> {
    const { writes } = hold;
    const reading = await exchange.race(this.read(exchange));
    const isUnknown = reading.entries.length === 0;
    const equivalent = isUnknown ? await this.#equivalents.reuse(exchange, (sought) => this.read(sought)) : undefined;
    const decision = equivalent ?? decideReuse(exchange.head, reading.entries, exchange.policy, this.#ports.now());
    switch (decision.kind) {
      case 'reuse':
        this.#equivalents.note(exchange, decision.stored);
        return reusedOutcome(decision);
      case 'reuse-and-refresh':
        this.#refresh(exchange, decision, hold);
        return staleOutcome(exchange.head, decision.stored, decision.age, decision.reason);
      case 'unsatisfiable':
        return originlessOutcome({ kind: 'gateway-timeout', failure: undefined }, decision.reason);
      case 'validate':
      case 'forward': {
        const outdated = hold.writes !== writes && !demandsOrigin(exchange, decision) && turn.rereads < MAX_REREADS;
        if (outdated) return { ...turn, rereads: turn.rereads + 1 };
        return this.#viaOrigin(exchange, explained(decision, reading), reading, hold, turn);
      }
    }
  }

  /** What may answer, less what was invalidated while the storage could not delete it. */
  async read(sought: Sought & Pick<Exchange, 'resource'>): Promise<Reading> {
    const reading = await readEntries(this.#ports.storage, sought, this.#ports.now());
    return this.invalidation.withoutInvalidated(sought.resource, reading);
  }

  async #viaOrigin(
    exchange: Exchange,
    decision: ToOrigin,
    reading: Reading,
    hold: Hold<Fetched>,
    turn: Turn,
  ): Promise<Outcome | Turn> {
    const alone = turn.alone || exchange.streams || !exchange.policy.collapse || this.#unshareable.has(exchange.key);
    const identity = `${exchange.flightIdentity()} ${turn.variant}`;
    const joined = alone || demandsOrigin(exchange, decision) ? undefined : hold.joinable(identity);
    const run = (signal: AbortSignal): Promise<Fetched> => this.#fetch(exchange, decision, reading, signal);
    // The answer to a caller's own condition or range is of no use to others.
    const apart = alone || exchange.head.isConditional;
    const flight = joined ?? (apart ? new Flight(run) : hold.lead(identity, run));
    const collapsed = joined !== undefined;
    try {
      const fetched = await flight.wait(exchange.race);
      return this.#take(exchange, decision, fetched, collapsed, turn);
    } catch (error) {
      const failure = exchange.failureOf(error, collapsed);
      if (collapsed && failure === 'network') flight.doubt();
      if (failure === 'leader') return turn;
      const instead = failure === 'network' ? this.#insteadOf(exchange, decision, 'network', error) : undefined;
      if (instead === undefined) throw error;
      return instead;
    }
  }

  /** What one caller makes of a flight's outcome, by its own request and policy. */
  #take(
    exchange: Exchange,
    decision: ToOrigin,
    fetched: Fetched,
    collapsed: boolean,
    turn: Turn,
  ): Outcome | Turn {
    if (fetched.kind === 'answered') {
      const instead = this.#insteadOf(exchange, decision, { status: fetched.answer.status });
      if (instead !== undefined) {
        fetched.answer.passing?.discard();
        return instead;
      }
    }
    const now = this.#ports.now();
    if (!collapsed) {
      return fetched.kind === 'freshened'
        ? freshenedOutcome(fetched, collapsed, now)
        : answeredOutcome(fetched, fetched.reason, collapsed);
    }
    const fitness = fitnessFor(exchange, fetched, now);
    if (fitness.kind === 'private') return { ...turn, alone: true };
    if (fitness.kind === 'other-variant') return { ...turn, variant: fitness.variant };
    return fetched.kind === 'freshened'
      ? freshenedOutcome(fetched, collapsed, now)
      : answeredOutcome(asShared(fetched, fitness.entry), decision.reason, collapsed);
  }

  async #fetch(exchange: Exchange, decision: ToOrigin | Refresh, reading: Reading, signal: AbortSignal): Promise<Fetched> {
    const trail = new Trail(this.#flights, (asked, entry) => { this.#equivalents.note(asked, entry); });
    try {
      const fetched = await this.#ask(exchange, decision, reading, signal, trail);
      if (fetched.storing.kind !== 'pending') this.#unshareable.note(exchange, fetched, this.#ports.now());
      return fetched;
    } finally {
      trail.release();
    }
  }

  async #ask(
    exchange: Exchange,
    decision: ToOrigin | Refresh,
    reading: Reading,
    signal: AbortSignal,
    trail: Trail,
  ): Promise<Fetched> {
    const { isCurrent } = trail.enter(exchange);
    // Nobody reads what is asked for in the background.
    const manner = exchange.streams && decision.kind !== 'reuse-and-refresh' ? 'streamed' : 'buffered';
    const send = (conditions: HeaderFields | undefined): Promise<Answer> =>
      this.#send(exchange, conditions, signal, manner, trail);
    let answer = await send(decision.kind === 'forward' ? undefined : decision.conditions);
    let { reason }: { reason: CacheReason } = decision;
    if (decision.kind !== 'forward') {
      const verdict = decideValidation({
        request: exchange.head,
        stored: decision.stored,
        conditions: decision.conditions,
        answer,
        policy: exchange.policy,
      });
      if (verdict.kind !== 'replace') answer.passing?.discard();
      if (verdict.kind === 'freshen' && answersFor(decision.stored, answer)) {
        const storing = await freshenEntry(decision.stored, verdict, exchange, this.#ports, isCurrent);
        return { kind: 'freshened', entry: storing.entry, storing: trail.noted(storing), answer };
      }
      if (verdict.kind !== 'replace') {
        trail.restart();
        answer = await send(undefined);
        reason = 'condition-failed';
      }
    }
    const keep = (whole: Answer): Promise<Storing> => this.#settle(exchange, decision, whole, reading, trail);
    const storing =
      answer.passing === undefined
        ? await keep(answer)
        : keepOnceWhole(exchange, answer, answer.passing, keep, this.background, trail.retain());
    return { kind: 'answered', answer, storing, reason, request: exchange.head };
  }

  /** The origin's answer, after what it says of others has been done: it counts as newer than they are. */
  async #send(
    exchange: Exchange,
    conditions: HeaderFields | undefined,
    signal: AbortSignal,
    manner: 'buffered' | 'streamed',
    trail: Trail,
  ): Promise<Answer> {
    const answer = await exchange.send(conditions, signal, manner, (next) => void trail.enter(next));
    await this.invalidation.afterAnswer(exchange.head, answer, exchange.originOf, answer);
    return answer;
  }

  async #settle(
    exchange: Exchange,
    decision: ToOrigin | Refresh,
    answer: Answer,
    reading: Reading,
    trail: Trail,
  ): Promise<Storing> {
    await this.#freshenGets(exchange, answer, reading, trail.first.isCurrent);
    const storing = await this.#keep(exchange, decision, answer, reading, trail);
    // A method that is cached counts as safe only as far as its answers are.
    if (storing.kind !== 'stored') await this.invalidation.afterUnsafe(exchange.head, exchange, answer, answer);
    return trail.noted(storing);
  }

  async #keep(
    exchange: Exchange,
    decision: ToOrigin | Refresh,
    answer: Answer,
    reading: Reading,
    trail: Trail,
  ): Promise<Storing> {
    if (this.#insteadOf(exchange, decision, { status: answer.status }) !== undefined) {
      return { kind: 'not-stored', reason: 'status' };
    }
    // Parts are asked for side by side, so what the key holds may be more by now.
    const isOneOfMany = isPart(answer) && exchange.policy.allowsStatus(answer.status);
    const { entries } = isOneOfMany ? await this.read(exchange) : reading;
    const storing = await storeAnswer(trail, answer, entries, this.#ports);
    if (storing.kind === 'not-stored' && replaces(answer.status)) await this.#dropOutdated(exchange, decision, entries, trail);
    return storing;
  }

  /** The origin has answered otherwise: what was stored, parts and what is older still included, is known to be wrong. */
  async #dropOutdated(
    { head }: Exchange,
    decision: ToOrigin | Refresh,
    entries: readonly Entry[],
    { first }: Trail,
  ): Promise<void> {
    const outdated = fallbackOf(decision);
    const wrong = selectMatching(head, entries).filter((each) => each.method === head.method || each === outdated);
    for (const { raw } of wrong.filter((each) => first.isCurrent(each.raw.variant))) {
      await this.#ports.storage.delete({ key: raw.key, variant: raw.variant });
    }
  }

  /** A HEAD answer tells whether the stored GET is still the same (RFC 9111 section 4.3.5). */
  async #freshenGets(exchange: Exchange, answer: Answer, reading: Reading, isCurrent: IsCurrent): Promise<void> {
    if (exchange.keyOfGet === undefined || isElsewhere(answer)) return;
    for (const entry of reading.entries.filter(({ method }) => method === 'GET')) {
      const verdict = freshenByHead({ request: exchange.head, stored: entry, answer, policy: exchange.policy });
      if (verdict.kind === 'freshen') await freshenEntry(entry, verdict, exchange, this.#ports, isCurrent);
      if (verdict.kind === 'invalidate') {
        await this.#ports.storage.delete({ key: entry.raw.key, variant: entry.raw.variant });
      }
    }
  }

  #refresh(exchange: Exchange, decision: Refresh, hold: Hold<Fetched>): void {
    const { events, now } = this.#ports;
    const run = (signal: AbortSignal): Promise<Fetched> =>
      this.#fetch(exchange, decision, { ...NOTHING_READ, entries: [decision.stored] }, signal);
    refresh(exchange, hold, run, { background: this.background, events, now });
  }

  /** What the caller is given in place of a failure: mostly the stale entry, where RFC 5861 section 4 and it allow that. */
  #insteadOf(
    exchange: Exchange,
    decision: ToOrigin | Refresh,
    failure: { readonly status: number } | 'network',
    error?: unknown,
  ): Outcome | undefined {
    const stored = fallbackOf(decision);
    if (stored === undefined) return undefined;
    const { policy, head: request } = exchange;
    const verdict = staleIfError({ request, stored, failure, policy, now: this.#ports.now() });
    switch (verdict.kind) {
      case 'serve-stale':
        return staleOutcome(exchange.head, stored, verdict.age, 'stale-if-error');
      case 'gateway-timeout':
        return originlessOutcome({ kind: 'gateway-timeout', failure: error }, 'must-revalidate');
      case 'pass-through':
        return undefined;
    }
  }
}

/** What hindered the look-up explains a miss better than that nothing was found. */
const explained = (decision: ToOrigin, { problem }: Reading): ToOrigin =>
  decision.reason === 'uri-miss' && problem !== undefined ? { ...decision, reason: problem } : decision;

const demandsOrigin = ({ head, policy }: Exchange, { reason }: ToOrigin): boolean =>
  DEMANDS_ORIGIN.has(reason) || demandsNewAnswer(head, policy);

/** An answer to another request than the one that was asked. */
const isElsewhere = ({ route }: Answer): boolean => route !== undefined && route.kind !== 'hidden';

/** Whether a 304 came from where the stored response did: another URL's says nothing of it. */
const answersFor = ({ finalUrl }: Entry, answer: Answer): boolean => !isElsewhere(answer) && answer.finalUrl === finalUrl;

const fallbackOf = (decision: ToOrigin | Refresh): Entry | undefined =>
  decision.kind === 'forward' ? decision.fallback : decision.stored;
