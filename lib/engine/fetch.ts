/**
 * This file handles one origin request: it sends it, compares the answer with what is stored, and keeps the answer
 * where that is allowed.
 */
import { type Answer, isRedirected, type StreamingBody } from './exchange/answer.js';
import {
  type AnsweredResult,
  type FetchResult,
  type FreshenedResult,
  originlessOutcome,
  type Outcome,
  staleOutcome,
} from './exchange/outcome.js';
import type { Exchange } from './exchange/request.js';
import { spared } from './exchange/spare.js';
import { notStored, PENDING, type Storing } from './exchange/storing.js';
import type { Background } from './flights/background.js';
import { type CallerFlights, type CallerHold, SentRequests } from './flights/sent-requests.js';
import type { Invalidation } from './invalidation/invalidation.js';
import { hasFailed, type Reading } from './reading/look-up.js';
import type { SearchEquivalents } from './reading/no-vary-search.js';
import { freshenEntry, renewedEntry } from './storing/freshen.js';
import { storeAnswer } from './storing/store-redirected.js';
import { keepOnceWhole } from './storing/store-stream.js';
import { type StoreContext, trimVariants } from './storing/write.js';
import type { UnconditionalOrigins } from './flights/unconditional.js';
import type { Entry } from '../entries/entry.js';
import type { ReuseDecision } from '../rfc9111/decide-reuse.js';
import { mayBeKept } from '../rfc9111/decide-redirect.js';
import { replaces } from '../rfc9111/decide-storage.js';
import {
  decideValidation,
  type Freshening,
  freshenByHead,
  staleIfError,
  type ValidationDecision,
} from '../rfc9111/decide-validation.js';
import type { CacheReason, EpochMs, HeaderFields, NotStoredReason } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { selectMatching } from '../rfc9111/vary.js';
import { bodyOf } from '../storage/entry-shape.js';
import { type MaybePromise, whenThere } from '../support/maybe-promise.js';
import { within } from '../support/timers.js';

export type Refresh = Extract<ReuseDecision<Entry>, { kind: 'reuse-and-refresh' }>;
export type ToOrigin = Extract<ReuseDecision<Entry>, { kind: 'validate' | 'complete' | 'forward' }>;
type Validating = Exclude<ToOrigin | Refresh, { kind: 'forward' }>;

/** It is what the origin has answered, and why it was asked. */
interface Asked {
  readonly kind: 'asked';
  readonly answer: Answer;
  readonly reason: CacheReason;
}

/** It is an answer, with what was validated by it; that is undefined where the cache sent no conditions. */
interface Arrived {
  readonly answer: Answer;
  readonly validating: Validating | undefined;
}

/** It is an answer on the cache's own conditions that is of no use, so that the origin is asked without them. */
type Unfit =
  | { readonly kind: 'not-ours' }
  /** The status is undefined where there was no answer at all. */
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly answer?: Answer };

const NOT_OURS: Unfit = { kind: 'not-ours' };

/** It is what becomes of an answer that the cache fails to work on. */
const FAULTY = notStored('storage-error');

/** For these reasons a request is sent although nothing was found that must not be used. */
const COPIES_WILL_DO: ReadonlySet<CacheReason> = new Set([
  'uri-miss', 'vary-miss', 'partial', 'unreadable', 'storage-error',
]);

/** It is what all fetches of an engine share. */
export interface FetchPorts {
  readonly store: StoreContext;
  readonly flights: CallerFlights;
  readonly invalidation: Invalidation;
  readonly equivalents: SearchEquivalents;
  readonly unconditional: UnconditionalOrigins;
  readonly background: Background;
  readonly now: () => EpochMs;
}

/**
 * A fetch is a request that goes to the origin, with the reason for it and with what was stored when that was decided.
 */
export class Fetch {
  readonly #ports: FetchPorts;
  readonly #exchange: Exchange;
  readonly #decision: ToOrigin | Refresh;
  #reading: Reading;
  readonly #sent: SentRequests;
  /** It is the latest answer. */
  #arrived: Arrived | undefined;
  /** It goes on although nobody waits for it any more. */
  #unfinished: Promise<unknown> | undefined;
  /** It is what the answer to a stream says of other answers, until that is obeyed. */
  #heeded: Promise<void> | undefined;
  /** It is true once a refusal of conditions is the answer, as none came without them: it is for this caller alone. */
  #standsIn = false;
  /** It is true once the body goes to the caller, after which the answer is stored. */
  #isStreaming = false;

  /** `hold` keeps what is known of the key and its resource alive. The fetch retains it until its answer is stored. */
  constructor(
    ports: FetchPorts,
    exchange: Exchange,
    decision: ToOrigin | Refresh,
    reading: Reading,
    hold: CallerHold,
  ) {
    this.#ports = ports;
    this.#exchange = exchange;
    this.#decision = decision;
    this.#reading = reading;
    const askedAt = ports.equivalents.sequence;
    this.#sent = new SentRequests(ports.flights, exchange.request, hold, reading, (request, entry) => {
      ports.equivalents.note(request, entry, askedAt);
    });
  }

  async run(signal: AbortSignal | undefined): Promise<FetchResult> {
    try {
      const decision = this.#decision;
      let asked: FreshenedResult | Asked | Unfit;
      if (decision.kind === 'forward' || this.#isUnconditional(decision)) {
        asked = { kind: 'asked', answer: await this.#send(undefined, signal), reason: decision.reason };
      } else {
        asked = await this.#sendConditionally(decision, signal);
        if (asked.kind === 'freshened') return asked;
        if (asked.kind !== 'asked') asked = await this.#askInstead(asked, decision, signal);
      }
      const { answer, reason } = asked;
      if (answer.streaming === undefined) {
        const settling = this.#settle(answer);
        const storing = settling instanceof Promise ? await this.#soon(settling) : settling;
        return this.#answered(answer, storing ?? PENDING, reason);
      }
      const { streaming } = answer;
      const storing = spared(this.#ports.store.events, () => this.#keepStream(answer, streaming), FAULTY);
      return this.#answered(answer, storing, reason);
    } finally {
      if (this.#unfinished === undefined) {
        if (!this.#isStreaming) this.#sent.release();
      } else {
        const release = (): void => { this.#sent.release(); };
        void this.#unfinished.then(release, release);
      }
    }
  }

  /** It is called where the origin is asked later than when the fetch was made; `reading` is of a look-up since. */
  restart(reading: Reading): void {
    this.#reading = reading;
    this.#sent.restart(reading);
  }

  /** It is called in place of `run` where the origin is not asked after all. */
  abandon(): void {
    this.#sent.release();
  }

  #keepStream(answer: Answer, body: StreamingBody): Storing {
    const storing = keepOnceWhole(this.#exchange.request, answer, body, {
      keep: (whole) => whenThere(this.#heeded, () => this.#settle(whole)),
      background: this.#ports.background,
      end: () => { this.#sent.release(); },
    });
    this.#isStreaming = true;
    return storing;
  }

  /**
   * It waits for what the cache does about an answer, but not for long, as a storage may need time for each of many
   * calls. What is not done by then goes on without those who wait, and the result is undefined.
   */
  async #soon<T>(work: Promise<T>): Promise<T | undefined> {
    const { background, store } = this.#ports;
    background.add(work);
    this.#unfinished = work;
    try {
      const result = await within(2 * store.storage.timeoutMs, work);
      this.#unfinished = undefined;
      return result;
    } catch {
      background.leave(work);
      return undefined;
    }
  }

  /**
   * It returns what the run will bring as far as that is certain although nothing is stored yet: the answer, or the
   * stored response as a 304 renews it.
   */
  early(): FetchResult | undefined {
    const { reason } = this.#decision;
    if (this.#arrived === undefined) return undefined;
    const { answer, validating } = this.#arrived;
    if (validating === undefined) return this.#answered(answer, PENDING, reason);
    const { head: request, policy } = this.#exchange.request;
    const { stored, conditions } = validating;
    const verdict = decideValidation({ request, stored, conditions, answer, policy });
    if (verdict.kind === 'replace') return this.#answered(answer, PENDING, reason);
    if (verdict.kind !== 'freshen' || !answersFor(stored, answer)) return undefined;
    return this.#renewed(stored, verdict, answer);
  }

  #renewed(stored: Entry, freshening: Freshening, answer: Answer): FreshenedResult {
    const { entry } = renewedEntry(stored, freshening, this.#exchange.request, this.#ports.store, answer);
    return { kind: 'freshened', entry, storing: PENDING, answer };
  }

  #answered(answer: Answer, storing: Storing, reason: CacheReason): AnsweredResult {
    return { kind: 'answered', answer, storing, reason, request: this.#exchange.request.head };
  }

  /**
   * It returns the origin's answer. What the answer invalidates has been invalidated by then, so that the answer itself
   * counts as newer and stays.
   */
  #send(validating: Validating | undefined, signal: AbortSignal | undefined): Promise<Answer> {
    const exchange = this.#exchange;
    const conditions = validating?.conditions;
    // Nobody reads the answer to a refresh in the background as it arrives.
    const mode = exchange.streams && this.#decision.kind !== 'reuse-and-refresh' ? 'streamed' : 'buffered';
    // A request with conditions passes the caches below by itself.
    const isPlain = Object.keys(conditions ?? {}).length === 0;
    const copies = isPlain && this.#needsNews ? 'will-not-do' : 'will-do';
    const sending = exchange.send(conditions, signal, mode, this.#sent.enter, copies);
    return sending.then((answer) => this.#heed(answer, validating));
  }

  #heed(answer: Answer, validating: Validating | undefined): MaybePromise<Answer> {
    // A stream that its reader drops must not be kept alive here.
    if (answer.streaming === undefined) this.#arrived = { answer, validating };
    const { request } = this.#exchange;
    if (request.policy.readOnly) return answer;
    const { invalidation, store } = this.#ports;
    const heed = () => invalidation.afterAnswer(request.head, answer, request, answer);
    const heeded = spared<void>(store.events, heed, undefined);
    if (heeded === undefined) return answer;
    if (answer.streaming === undefined) return this.#soon(heeded).then(() => answer);
    this.#heeded = heeded;
    return answer;
  }

  /** It is true where a copy of what is stored here, or was, is not the answer: caches below may have one too. */
  get #needsNews(): boolean {
    const { copiesBelow } = this.#ports.flights;
    return !COPIES_WILL_DO.has(this.#decision.reason) || copiesBelow.mayBeOutdated(this.#exchange.request);
  }

  /**
   * It is true where the cache adds no conditions of its own after all: the origin takes none or judges them wrongly,
   * or a caller who wants a stream would have to wait until a part is complete.
   */
  #isUnconditional({ kind }: Validating): boolean {
    if (this.#ports.unconditional.concerns(this.#exchange.request)) return true;
    return kind === 'complete' && this.#exchange.streams;
  }

  get #origin(): string {
    const { request } = this.#exchange;
    return request.originOf(request.head.url);
  }

  /** It asks once more, without the cache's own conditions, where they were in the way. */
  async #askInstead(validated: Unfit, validating: Validating, signal: AbortSignal | undefined): Promise<Asked> {
    this.restart(await this.#read());
    const answer = await this.#sendAgain(validated, signal);
    const { unconditional } = this.#ports;
    const { key } = this.#exchange.request;
    // A server that answers 304 for another version would cost two requests each time.
    if (validated.kind === 'not-ours' && validating.kind !== 'complete') unconditional.note(key);
    if (validated.kind === 'refused') {
      if (answer.status >= 400) {
        // A failure of another kind, or the lack of an answer, says nothing of conditions.
        const isSame = answer.status === validated.status && !this.#standsIn;
        if (isSame) unconditional.noteInVain(this.#origin, validated.status);
        return { kind: 'asked', answer, reason: validating.reason };
      }
      unconditional.noteRefusal(this.#origin, key, validated.status);
    }
    return { kind: 'asked', answer, reason: 'condition-failed' };
  }

  /** Where nothing comes of the second request, the answer to the first one is what the caller would have got. */
  async #sendAgain(validated: Unfit, signal: AbortSignal | undefined): Promise<Answer> {
    try {
      return await this.#send(undefined, signal);
    } catch (error) {
      const first = validated.kind === 'refused' ? validated.answer : undefined;
      if (first === undefined || first.streaming !== undefined || signal?.aborted === true) throw error;
      this.#standsIn = true;
      return first;
    }
  }

  /**
   * It asks on the cache's own conditions. A 304 renews the stored response, unless it is not about that one; and what
   * looks like a refusal, as a preflight that fails looks like a network that fails, may be about the conditions.
   */
  async #sendConditionally(
    validating: Validating,
    signal: AbortSignal | undefined,
  ): Promise<FreshenedResult | Asked | Unfit> {
    const { stored, conditions, reason } = validating;
    let answer: Answer;
    try {
      answer = await this.#send(validating, signal);
    } catch (error) {
      if (signal?.aborted === true || !this.#mayBeRefused(conditions, error)) throw error;
      return { kind: 'refused', status: undefined };
    }
    const { head, policy } = this.#exchange.request;
    // Where the cache fails at it, a 304 or a part is of no use to the caller, so that the whole is asked for.
    const instead = { kind: answer.status === 304 || isPart(answer) ? 'not-ours' : 'replace' } as const;
    const decide = () => decideValidation({ request: head, stored, conditions, answer, policy });
    const verdict = spared<ValidationDecision>(this.#ports.store.events, decide, instead);
    const isInVain = verdict.kind === 'refused' && this.#ports.unconditional.isInVain(this.#origin, answer.status);
    if (verdict.kind === 'replace' || isInVain) return { kind: 'asked', answer, reason };
    if (verdict.kind === 'complete') return this.#complete(answer);
    answer.streaming?.discard();
    if (verdict.kind === 'refused') return { kind: 'refused', status: answer.status, answer };
    if (verdict.kind === 'not-ours' || !answersFor(stored, answer)) return NOT_OURS;
    return this.#renew(stored, verdict, answer);
  }

  #mayBeRefused(conditions: HeaderFields, error: unknown): boolean {
    return Object.keys(conditions).length > 0 && this.#exchange.mayBlameConditions(error);
  }

  async #renew(stored: Entry, verdict: Freshening, answer: Answer): Promise<FreshenedResult | Unfit> {
    const { request } = this.#exchange;
    // A HEAD may renew the answer to a GET.
    const permit = this.#sent.under(stored.raw.key);
    const renewing = spared<FreshenedResult | Unfit>(
      this.#ports.store.events,
      () => whenThere(freshenEntry(stored, verdict, request, this.#ports.store, permit, answer), (freshened) =>
        ({ kind: 'freshened', entry: freshened.entry, storing: this.#sent.noted(freshened.storing), answer }),
      ),
      NOT_OURS,
    );
    if (!(renewing instanceof Promise)) return renewing;
    return (await this.#soon(renewing)) ?? this.#renewed(stored, verdict, answer);
  }

  /** It stores a part, which must make the whole together with the parts that are stored; else it is of no use. */
  async #complete(answer: Answer): Promise<FreshenedResult | Unfit> {
    const storing = await this.#settle(answer);
    if (storing.kind !== 'stored' || isPart(storing.entry)) return NOT_OURS;
    return { kind: 'freshened', entry: storing.entry, storing, answer };
  }

  /** It keeps the answer, and applies to the stored entries what follows from it. */
  #settle(answer: Answer): MaybePromise<Storing> {
    return spared(this.#ports.store.events, () => this.#settled(answer), FAULTY);
  }

  #settled(answer: Answer): MaybePromise<Storing> {
    return whenThere(this.#freshenGets(answer), () =>
      whenThere(this.#keep(answer), (storing) => {
        const noted = this.#sent.noted(storing);
        if (storing.kind === 'stored') {
          this.#ports.flights.copiesBelow.note(this.#exchange.request.resource);
          return this.#trimmed(storing);
        }
        // The user may let a method such as POST be cached. A request of it counts as safe only if its answer is
        // stored.
        const { request } = this.#exchange;
        if (request.policy.readOnly) return noted;
        const invalidated = this.#ports.invalidation.afterUnsafe(request.head, request, answer, answer);
        return invalidated === undefined ? noted : invalidated.then(() => noted);
      }),
    );
  }

  /** It sees to it that the key does not hold more variants than it may, however many were asked for at once. */
  #trimmed(storing: Extract<Storing, { kind: 'stored' }>): MaybePromise<Storing> {
    const { raw } = storing.entry;
    const { store } = this.#ports;
    const { entries, unserved = [] } = this.#reading;
    const ofKey = [...entries, ...unserved].filter((each) => each.raw.key === raw.key);
    const known = ofKey.map((each) => each.raw.variant);
    // Beside what Vary does not tell apart there are the parts of bodies alone.
    const isOnly = raw.variant === '' && !this.#sent.first.hasParts && known.every((variant) => variant === '');
    if (isOnly || !this.#sent.first.mayExceed(store.maxVariants, known)) return storing;
    return whenThere(trimVariants(raw, store), () => storing);
  }

  #keep(answer: Answer): MaybePromise<Storing> {
    if (this.#standsIn) return notStored('invalidated');
    const { request } = this.#exchange;
    if (insteadOf(this.#exchange, this.#decision, { status: answer.status }, this.#ports.now) !== undefined) {
      return notStored('status');
    }
    // Several parts of one body may be asked for at once, so that the key may hold more of them by now.
    const isOneOfMany = (isPart(answer) || this.#sent.first.hasParts) && request.policy.allowsStatus(answer.status);
    if (!isOneOfMany) return this.#store(answer, this.#reading.entries);
    return whenThere(this.#read(), ({ entries }) => this.#store(answer, entries));
  }

  #store(answer: Answer, known: readonly Entry[]): MaybePromise<Storing> {
    // Nobody knows what a look-up that failed would have shown, nor what was invalidated since.
    if (hasFailed(this.#reading)) return notStored('storage-error');
    const keeping = this.#mayBeInvalidated(answer)
      ? notStored('invalidated')
      : storeAnswer(this.#sent, answer, known, this.#ports.store);
    return whenThere(keeping, (storing) => {
      const { readOnly } = this.#exchange.request.policy;
      if (storing.kind !== 'not-stored' || readOnly || !this.#endsStored(answer, storing.reason)) return storing;
      return whenThere(this.#dropOutdated(known, storing.reason, answer), () => storing);
    });
  }

  /** Where nobody saw the redirects that led to another URL, it is not known either what was invalidated there. */
  #mayBeInvalidated({ finalUrl, chain }: Answer): boolean {
    return finalUrl !== undefined && chain?.kind === 'hidden' && this.#sent.mayHaveMissed;
  }

  /** It is true where an answer that is not stored says that what is stored is not the answer any more. */
  #endsStored(answer: Answer, reason: NotStoredReason): boolean {
    const { head, policy } = this.#exchange.request;
    if (reason === 'filtered' || head.directives.noStore === true || isRedirected(answer)) return false;
    if (reason === 'redirected') return false;
    return replaces(answer.status) || mayBeKept(head, answer, policy);
  }

  /**
   * The origin has answered something else, so that the stored entries which match the request are known to be wrong.
   * Parts are among them, the entry that this answer was to renew, what earlier requests have stored meanwhile, and
   * what is of no use to this request, unless it is only the form of the new body that cannot be stored.
   */
  #dropOutdated(known: readonly Entry[], reason: NotStoredReason, { body }: Answer): MaybePromise<unknown> {
    this.#sent.first.noteEnd();
    const others = ({ unserved = [] }: Reading): readonly Entry[] => (body === undefined ? [] : unserved);
    // What the storage would not let this answer replace is newer, or is gone.
    return this.#sent.first.hasWrites && reason !== 'invalidated'
      ? whenThere(this.#read(), (reading) => this.#dropWrong(known.concat(reading.entries, others(reading))))
      : this.#dropWrong(known.concat(others(this.#reading)));
  }

  #dropWrong(entries: readonly Entry[]): MaybePromise<unknown> {
    const { head } = this.#exchange.request;
    const key = fallbackOf(this.#decision)?.raw.key;
    const wrong = selectMatching(head, entries).filter(({ method, raw }) => method === head.method || raw.key === key);
    return wrong.length === 0 ? undefined : Promise.all(wrong.map((each) => this.#drop(each)));
  }

  /** It looks up what the key holds by now. */
  #read(): MaybePromise<Reading> {
    return this.#ports.invalidation.read(this.#exchange.request, this.#ports.now());
  }

  /** It deletes an entry that the answer has ended, unless something newer is known by now. */
  #drop({ raw }: Entry): MaybePromise<unknown> {
    return this.#sent.under(raw.key).mayEnd(raw.variant) ? this.#ports.store.distrust.delete(bodyOf(raw)) : undefined;
  }

  /** The answer to a HEAD request tells whether the stored answer to a GET still holds (RFC 9111 section 4.3.5). */
  #freshenGets(answer: Answer): MaybePromise<void> {
    if (this.#exchange.request.keyOfGet === undefined || isRedirected(answer)) return;
    return this.#freshenByHead(answer);
  }

  async #freshenByHead(answer: Answer): Promise<void> {
    const { request } = this.#exchange;
    const { store } = this.#ports;
    // A GET that was sent before may have stored its answer meanwhile.
    const read = this.#sent.ofGet.hasWrites ? await this.#read() : this.#reading;
    for (const entry of (hasFailed(read) ? this.#reading : read).entries) {
      if (entry.method !== 'GET') continue;
      const verdict = freshenByHead({ request: request.head, stored: entry, answer, policy: request.policy });
      if (verdict.kind === 'freshen') {
        const { storing } = await freshenEntry(entry, verdict, request, store, this.#sent.ofGet, answer);
        this.#sent.noted(storing);
      }
      if (verdict.kind === 'invalidate' && !request.policy.readOnly) {
        this.#sent.ofGet.noteEnd();
        await this.#drop(entry);
      }
    }
  }
}

/**
 * It is true where a 304 came from the URL that the stored response came from: a 304 of another URL says nothing about
 * it.
 */
const answersFor = ({ finalUrl }: Entry, answer: Answer): boolean =>
  !isRedirected(answer) && answer.finalUrl === finalUrl;

/** It returns the stored entry that may stand in for an answer that fails. */
export const fallbackOf = (decision: ToOrigin | Refresh): Entry | undefined =>
  decision.kind === 'forward' ? decision.fallback : decision.kind === 'complete' ? undefined : decision.stored;

/**
 * It returns what the caller is given in place of a failure. Mostly that is the stale entry, where RFC 5861 section 4
 * and the entry itself allow it. It returns undefined where the caller gets the failure.
 */
export function insteadOf(
  { request: { policy, head: request } }: Exchange,
  decision: ToOrigin | Refresh,
  failure: { readonly status: number } | 'network',
  now: () => EpochMs,
  error?: unknown,
): Outcome | undefined {
  const stored = fallbackOf(decision);
  if (stored === undefined) return undefined;
  const verdict = staleIfError({ request, stored, failure, policy, now: now() });
  switch (verdict.kind) {
    case 'serve-stale':
      return staleOutcome(request, stored, verdict.age, 'stale-if-error');
    case 'gateway-timeout':
      return originlessOutcome({ kind: 'gateway-timeout', failure: error }, 'must-revalidate');
    case 'pass-through':
      return undefined;
  }
}
