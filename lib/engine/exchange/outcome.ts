/** What a flight brings, for its leader and for every caller who shares it. */
import type { Answer } from './answer.js';
import type { Storing } from './storing.js';
import type { Entry } from '../../entries/entry.js';
import type { ReuseDecision } from '../../rfc9111/decide-reuse.js';
import { currentAge } from '../../rfc9111/freshness.js';
import type { CacheReason, CacheStatus, EpochMs, NotStoredReason, RequestHead, Seconds } from '../../rfc9111/model.js';
import { partOf, type Slice } from '../../rfc9111/ranges.js';

/** What the caller is to be given. */
export type Content =
  | {
      readonly kind: 'entry';
      readonly entry: Entry;
      readonly part: Slice | undefined;
      /** The 304 by which it was renewed, for the caller whose request that was: its cookies are meant for this one. */
      readonly freshenedBy: Answer | undefined;
    }
  | { readonly kind: 'origin'; readonly answer: Answer }
  /** A 304 to the caller's own conditions, made of a stored response. */
  | { readonly kind: 'not-modified'; readonly entry: Entry }
  /**
   * A 504: only-if-cached, and nothing to serve (RFC 9111 section 5.2.1.7); or the origin cannot be reached, and what
   * is
   * stored must not be used without it (section 5.2.2.2). `failure`: what the origin request failed with.
   */
  | { readonly kind: 'gateway-timeout'; readonly failure: unknown };

export interface Outcome {
  readonly content: Content;
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly collapsed: boolean;
  /** The stored response that the answer is, or has become. */
  readonly entry: Entry | undefined;
  readonly notStored: NotStoredReason | undefined;
  readonly age: Seconds | undefined;
}

/** The origin's 304 has renewed what was stored. */
export interface FreshenedResult {
  readonly kind: 'freshened';
  readonly entry: Entry;
  readonly storing: Storing;
  readonly answer: Answer;
}

/** The origin has answered with something of its own. */
export interface AnsweredResult {
  readonly kind: 'answered';
  readonly answer: Answer;
  readonly storing: Storing;
  readonly reason: CacheReason;
  /** The request that the answer is to: its leader's. */
  readonly request: RequestHead;
}

export type FetchResult = FreshenedResult | AnsweredResult;

/** From the store, without the origin. */
export function reusedOutcome(reuse: Extract<ReuseDecision<Entry>, { kind: 'reuse' }>): Outcome {
  const { stored, age, freshness, reason, answer } = reuse;
  const content: Content =
    answer.kind === 'not-modified'
      ? { kind: 'not-modified', entry: stored }
      : { kind: 'entry', entry: stored, part: answer.kind === 'part' ? answer.slice : undefined, freshenedBy: undefined };
  const status = freshness === 'fresh' ? 'hit' : 'stale';
  return { content, status, reason, collapsed: false, entry: stored, notStored: undefined, age };
}

/** From the store although it is stale: RFC 5861 allows it. */
export const staleOutcome = (request: RequestHead, entry: Entry, age: Seconds, reason: CacheReason): Outcome => ({
  content: { kind: 'entry', entry, part: partOf(request, entry), freshenedBy: undefined },
  status: 'stale',
  reason,
  collapsed: false,
  entry,
  notStored: undefined,
  age,
});

/** Nothing was stored, and the engine asks nobody. */
export const originlessOutcome = (content: Content, reason: CacheReason): Outcome => ({
  content,
  status: 'miss',
  reason,
  collapsed: false,
  entry: undefined,
  notStored: 'bypass',
  age: undefined,
});

/** From the store, renewed by the origin's 304. */
export const freshenedOutcome = (fetched: FreshenedResult, collapsed: boolean, now: EpochMs): Outcome => ({
  content: { kind: 'entry', entry: fetched.entry, part: undefined, freshenedBy: collapsed ? undefined : fetched.answer },
  status: 'revalidated',
  reason: 'not-modified',
  collapsed,
  ...storedAs(fetched),
  age: currentAge(fetched.entry, now),
});

/** From the origin. */
export const answeredOutcome = (fetched: AnsweredResult, reason: CacheReason, collapsed: boolean): Outcome => ({
  content: { kind: 'origin', answer: fetched.answer },
  status: 'miss',
  reason,
  collapsed,
  ...storedAs(fetched),
  age: undefined,
});

const storedAs = ({ storing }: AnsweredResult | FreshenedResult): Pick<Outcome, 'entry' | 'notStored'> => ({
  entry: storing.kind === 'stored' ? storing.entry : undefined,
  notStored: storing.kind === 'not-stored' ? storing.reason : undefined,
});
