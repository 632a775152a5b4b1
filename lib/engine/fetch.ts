/** One origin request: sent, weighed against what is stored, and kept where it may be. */
import type { Answer } from './exchange/answer.js';
import { isRedirected } from './exchange/answer.js';
import { type AnsweredResult, type FetchResult, originlessOutcome, type Outcome, staleOutcome } from './exchange/outcome.js';
import type { Exchange } from './exchange/request.js';
import type { Storing } from './exchange/storing.js';
import type { Background } from './flights/background.js';
import { type CallerFlights, type CallerHold, SentRequests } from './flights/sent-requests.js';
import type { Invalidation } from './invalidation/invalidation.js';
import type { Reading } from './reading/look-up.js';
import type { SearchEquivalents } from './reading/no-vary-search.js';
import { freshenEntry } from './storing/freshen.js';
import { storeAnswer } from './storing/store-redirected.js';
import { keepOnceWhole } from './storing/store-stream.js';
import type { StoreContext } from './storing/write.js';
import type { Entry } from '../entries/entry.js';
import type { ReuseDecision } from '../rfc9111/decide-reuse.js';
import { replaces } from '../rfc9111/decide-storage.js';
import { decideValidation, freshenByHead, staleIfError } from '../rfc9111/decide-validation.js';
import type { CacheReason, EpochMs, HeaderFields } from '../rfc9111/model.js';
import { isPart } from '../rfc9111/parts.js';
import { selectMatching } from '../rfc9111/vary.js';
import { type MaybePromise, whenThere } from '../support/maybe-promise.js';

export type Refresh = Extract<ReuseDecision<Entry>, { kind: 'reuse-and-refresh' }>;
export type ToOrigin = Extract<ReuseDecision<Entry>, { kind: 'validate' | 'forward' }>;

/** What every fetch of an engine shares. */
export interface FetchPorts {
  readonly store: StoreContext;
  readonly flights: CallerFlights;
  readonly invalidation: Invalidation;
  readonly equivalents: SearchEquivalents;
  readonly background: Background;
  readonly now: () => EpochMs;
}

/** A request that goes to the origin, why it does, and what was stored when that was decided. */
export class Fetch {
  readonly #ports: FetchPorts;
  readonly #exchange: Exchange;
  readonly #decision: ToOrigin | Refresh;
  readonly #reading: Reading;
  readonly #sent: SentRequests;

  /** `hold`: the caller's, which the fetch retains until its answer is stored. */
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
    this.#sent = new SentRequests(ports.flights, exchange.request, hold, (request, entry) => {
      ports.equivalents.note(request, entry);
    });
  }

  async run(signal: AbortSignal | undefined): Promise<FetchResult> {
    let isStoredLater = false;
    try {
      const decision = this.#decision;
      let answer = await this.#send(decision.kind === 'forward' ? undefined : decision.conditions, signal);
      let { reason }: { reason: CacheReason } = decision;
      if (decision.kind !== 'forward') {
        const validated = this.#validate(decision, answer);
        const freshened = validated instanceof Promise ? await validated : validated;
        if (typeof freshened === 'object') return freshened;
        if (freshened === 'ask-again') {
          this.#sent.restart();
          answer = await this.#send(undefined, signal);
          reason = 'condition-failed';
        }
      }
      if (answer.streaming === undefined) {
        const settling = this.#settle(answer);
        const storing = settling instanceof Promise ? await settling : settling;
        return this.#answered(answer, storing, reason);
      }
      isStoredLater = true;
      const storing = keepOnceWhole(this.#exchange.request, answer, answer.streaming, {
        keep: (whole) => this.#settle(whole),
        background: this.#ports.background,
        end: () => { this.#sent.release(); },
      });
      return this.#answered(answer, storing, reason);
    } finally {
      if (!isStoredLater) this.#sent.release();
    }
  }

  #answered(answer: Answer, storing: Storing, reason: CacheReason): AnsweredResult {
    return { kind: 'answered', answer, storing, reason, request: this.#exchange.request.head };
  }

  /** The origin's answer, after what it says of others has been done: it counts as newer than they are. */
  async #send(conditions: HeaderFields | undefined, signal: AbortSignal | undefined): Promise<Answer> {
    const exchange = this.#exchange;
    // Nobody reads what is asked for in the background.
    const mode = exchange.streams && this.#decision.kind !== 'reuse-and-refresh' ? 'streamed' : 'buffered';
    const answer = await exchange.send(conditions, signal, mode, this.#sent.enter);
    const { request } = exchange;
    const heeded = this.#ports.invalidation.afterAnswer(request.head, answer, request, answer);
    if (heeded !== undefined) await heeded;
    return answer;
  }

  /** What the answer to conditions of ours means: a renewal, an answer of its own, or that they are to be left out. */
  #validate(
    decision: Exclude<ToOrigin, { kind: 'forward' }> | Refresh,
    answer: Answer,
  ): MaybePromise<FetchResult | 'ask-again' | 'answer'> {
    const { request } = this.#exchange;
    const { stored, conditions } = decision;
    const verdict = decideValidation({ request: request.head, stored, conditions, answer, policy: request.policy });
    if (verdict.kind === 'replace') return 'answer';
    answer.streaming?.discard();
    if (verdict.kind !== 'freshen' || !answersFor(stored, answer)) return 'ask-again';
    const { store } = this.#ports;
    return whenThere(
      freshenEntry(stored, verdict, request, store, this.#sent.first.isCurrent),
      ({ entry, storing }): FetchResult => ({ kind: 'freshened', entry, storing: this.#sent.noted(storing), answer }),
    );
  }

  /** Keeps the answer, and does to what is stored what follows from it. */
  #settle(answer: Answer): MaybePromise<Storing> {
    return whenThere(this.#freshenGets(answer), () =>
      whenThere(this.#keep(answer), (storing) => {
        const noted = this.#sent.noted(storing);
        if (storing.kind === 'stored') return noted;
        // A method that is cached counts as safe only as far as its answers are.
        const { request } = this.#exchange;
        const invalidated = this.#ports.invalidation.afterUnsafe(request.head, request, answer, answer);
        return invalidated === undefined ? noted : invalidated.then(() => noted);
      }),
    );
  }

  #keep(answer: Answer): MaybePromise<Storing> {
    const { request } = this.#exchange;
    if (insteadOf(this.#exchange, this.#decision, { status: answer.status }, this.#ports.now) !== undefined) {
      return { kind: 'not-stored', reason: 'status' };
    }
    // Parts are asked for side by side, so what the key holds may be more by now.
    const isOneOfMany = isPart(answer) && request.policy.allowsStatus(answer.status);
    if (!isOneOfMany) return this.#store(answer, this.#reading.entries);
    return whenThere(this.#ports.invalidation.read(request, this.#ports.now()), ({ entries }) =>
      this.#store(answer, entries),
    );
  }

  #store(answer: Answer, known: readonly Entry[]): MaybePromise<Storing> {
    return whenThere(storeAnswer(this.#sent, answer, known, this.#ports.store), (storing) => {
      if (storing.kind !== 'not-stored' || known.length === 0 || !replaces(answer.status)) return storing;
      return this.#dropOutdated(known).then(() => storing);
    });
  }

  /**
   * The origin has answered otherwise: what was stored, parts and what is older still included, is known to be wrong.
   */
  async #dropOutdated(entries: readonly Entry[]): Promise<void> {
    const { head } = this.#exchange.request;
    const outdated = fallbackOf(this.#decision);
    const wrong = selectMatching(head, entries).filter((each) => each.method === head.method || each === outdated);
    for (const { raw } of wrong.filter((each) => this.#sent.first.isCurrent(each.raw.variant))) {
      await this.#ports.store.storage.delete({ key: raw.key, variant: raw.variant });
    }
  }

  /** A HEAD answer tells whether the stored GET is still the same (RFC 9111 section 4.3.5). */
  #freshenGets(answer: Answer): MaybePromise<void> {
    if (this.#exchange.request.keyOfGet === undefined || isRedirected(answer)) return;
    return this.#freshenByHead(answer);
  }

  async #freshenByHead(answer: Answer): Promise<void> {
    const { request } = this.#exchange;
    const { store } = this.#ports;
    for (const entry of this.#reading.entries) {
      if (entry.method !== 'GET') continue;
      const verdict = freshenByHead({ request: request.head, stored: entry, answer, policy: request.policy });
      if (verdict.kind === 'freshen') await freshenEntry(entry, verdict, request, store, this.#sent.first.isCurrent);
      if (verdict.kind === 'invalidate') {
        await store.storage.delete({ key: entry.raw.key, variant: entry.raw.variant });
      }
    }
  }
}

/** Whether a 304 came from where the stored response did: another URL's says nothing of it. */
const answersFor = ({ finalUrl }: Entry, answer: Answer): boolean =>
  !isRedirected(answer) && answer.finalUrl === finalUrl;

/** What is stored and may stand in for an answer that fails. */
const fallbackOf = (decision: ToOrigin | Refresh): Entry | undefined =>
  decision.kind === 'forward' ? decision.fallback : decision.stored;

/**
 * What the caller is given in place of a failure: mostly the stale entry, where RFC 5861 section 4 and it allow that.
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
