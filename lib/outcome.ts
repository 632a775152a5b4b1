/** The outcomes of a request, made of what the decision, the store or the origin gave. */
import type { Entry } from './entry.js';
import type { Content, Outcome } from './exchange.js';
import type { Answered, Freshened } from './fetched.js';
import { currentAge } from './rfc9111/freshness.js';
import type { ReuseDecision } from './rfc9111/decide-reuse.js';
import type { CacheReason, EpochMs, RequestHead, Seconds } from './rfc9111/model.js';
import { partOf } from './rfc9111/ranges.js';

/** From the store, without the origin. */
export function reusedOutcome(reuse: Extract<ReuseDecision<Entry>, { kind: 'reuse' }>): Outcome {
  const { stored, age, freshness, reason, answer } = reuse;
  const content: Content =
    answer.kind === 'not-modified'
      ? { kind: 'not-modified', entry: stored }
      : { kind: 'entry', entry: stored, part: answer.kind === 'part' ? answer.slice : undefined, renewal: undefined };
  const status = freshness === 'fresh' ? 'hit' : 'stale';
  return { content, status, reason, collapsed: false, entry: stored, notStored: undefined, age };
}

/** From the store although it is stale: RFC 5861 allows it. */
export const staleOutcome = (request: RequestHead, entry: Entry, age: Seconds, reason: CacheReason): Outcome => ({
  content: { kind: 'entry', entry, part: partOf(request, entry), renewal: undefined },
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
export const freshenedOutcome = (fetched: Freshened, collapsed: boolean, now: EpochMs): Outcome => ({
  content: { kind: 'entry', entry: fetched.entry, part: undefined, renewal: collapsed ? undefined : fetched.answer },
  status: 'revalidated',
  reason: 'not-modified',
  collapsed,
  ...kept(fetched),
  age: currentAge(fetched.entry, now),
});

/** From the origin. */
export const answeredOutcome = (fetched: Answered, reason: CacheReason, collapsed: boolean): Outcome => ({
  content: { kind: 'origin', answer: fetched.answer },
  status: 'miss',
  reason,
  collapsed,
  ...kept(fetched),
  age: undefined,
});

const kept = ({ storing }: Answered | Freshened): Pick<Outcome, 'entry' | 'notStored'> => ({
  entry: storing.kind === 'stored' ? storing.entry : undefined,
  notStored: storing.kind === 'not-stored' ? storing.reason : undefined,
});
