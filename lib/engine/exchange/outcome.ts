/** This file defines what a flight (an origin request that callers may share) brings, and what each caller is given. */
import type { Answer } from './answer.js';
import type { Storing } from './storing.js';
import type { Entry } from '../../entries/entry.js';
import type { ReuseDecision } from '../../rfc9111/decide-reuse.js';
import { currentAge } from '../../rfc9111/freshness.js';
import type { CacheReason, CacheStatus, EpochMs, NotStoredReason, RequestHead, Seconds } from '../../rfc9111/model.js';
import { isPart } from '../../rfc9111/parts.js';
import { partOf, type Slice } from '../../rfc9111/ranges.js';

/** It is what the caller is given. */
export type Content =
  | {
      readonly kind: 'entry';
      readonly entry: Entry;
      readonly part: Slice | undefined;
      /** The 304 by which it was renewed, for the caller whose request that was: its cookies are meant for this one. */
      readonly freshenedBy: Answer | undefined;
    }
  /** `isShared` is true where other callers are given the same answer, so that nobody may be given its very data. */
  | { readonly kind: 'origin'; readonly answer: Answer; readonly isShared: boolean }
  /** The caller's own conditions hold, so a 304 is made from the stored response. */
  | { readonly kind: 'not-modified'; readonly entry: Entry }
  /**
   * The caller gets a 504: either it demanded only-if-cached and nothing stored may answer (RFC 9111 section 5.2.1.7),
   * or the origin cannot be reached and the stored response must not be used without it (section 5.2.2.2). `failure` is
   * what the origin request failed with.
   */
  | { readonly kind: 'gateway-timeout'; readonly failure: unknown };

export interface Outcome {
  readonly content: Content;
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  readonly collapsed: boolean;
  /** It is the stored response that the answer was taken from, or was stored as. */
  readonly entry: Entry | undefined;
  readonly notStored: NotStoredReason | undefined;
  readonly age: Seconds | undefined;
}

/** The origin's 304 has renewed what was stored, or its part has completed that. */
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
  /** It is the request that was sent, which is that of the caller who leads the flight. */
  readonly request: RequestHead;
}

export type FetchResult = FreshenedResult | AnsweredResult;

/** It is the outcome of an answer from the store, for which the origin was not asked. */
export function reusedOutcome(reuse: Extract<ReuseDecision<Entry>, { kind: 'reuse' }>): Outcome {
  const { stored, age, freshness, reason, answer } = reuse;
  const content: Content =
    answer.kind === 'not-modified'
      ? { kind: 'not-modified', entry: stored }
      : {
          kind: 'entry',
          entry: stored,
          part: answer.kind === 'part' ? answer.slice : undefined,
          freshenedBy: undefined,
        };
  const status = freshness === 'fresh' ? 'hit' : 'stale';
  return { content, status, reason, collapsed: false, entry: stored, notStored: undefined, age };
}

/** It is the outcome of a stale answer from the store, which RFC 5861 allows. */
export const staleOutcome = (request: RequestHead, entry: Entry, age: Seconds, reason: CacheReason): Outcome => ({
  content: { kind: 'entry', entry, part: partOf(request, entry), freshenedBy: undefined },
  status: 'stale',
  reason,
  collapsed: false,
  entry,
  notStored: undefined,
  age,
});

/** It is the outcome of what is stored while the origin takes its time. */
export const softOutcome = (request: RequestHead, entry: Entry, age: Seconds, isFresh: boolean): Outcome => ({
  ...staleOutcome(request, entry, age, 'soft-timeout'),
  status: isFresh ? 'hit' : 'stale',
});

/** It is the outcome where no stored response may answer, and the origin is not asked or did not answer. */
export const originlessOutcome = (content: Content, reason: CacheReason): Outcome => ({
  content,
  status: 'miss',
  reason,
  collapsed: false,
  entry: undefined,
  notStored: 'failed',
  age: undefined,
});

/** From the store, renewed by the origin's 304 or, where a part was stored, completed by the rest of it. */
export const freshenedOutcome = (fetched: FreshenedResult, collapsed: boolean, now: EpochMs): Outcome => ({
  content: {
    kind: 'entry',
    entry: fetched.entry,
    part: undefined,
    freshenedBy: collapsed ? undefined : fetched.answer,
  },
  ...(isPart(fetched.answer) ? COMPLETED : FRESHENED),
  collapsed,
  ...storedAs(fetched),
  age: currentAge(fetched.entry, now),
});

const FRESHENED = { status: 'revalidated', reason: 'not-modified' } as const;
const COMPLETED = { status: 'miss', reason: 'partial' } as const;

/** From the origin. */
export const answeredOutcome = (
  fetched: AnsweredResult,
  reason: CacheReason,
  { collapsed, isShared = true }: { readonly collapsed: boolean; readonly isShared?: boolean },
): Outcome => ({
  content: { kind: 'origin', answer: fetched.answer, isShared },
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
