/** What a flight brings, for its leader and for every caller who shares it. */
import type { Entry } from './entry.js';
import type { Answer } from './exchange.js';
import type { CacheReason, RequestHead } from './rfc9111/model.js';
import type { Storing } from './write-entry.js';

/** The origin's 304 has renewed what was stored. */
export interface Freshened {
  readonly kind: 'freshened';
  readonly entry: Entry;
  readonly storing: Storing;
  readonly answer: Answer;
}

/** The origin has answered with something of its own. */
export interface Answered {
  readonly kind: 'answered';
  readonly answer: Answer;
  readonly storing: Storing;
  readonly reason: CacheReason;
  /** The request that the answer is to: its leader's. */
  readonly request: RequestHead;
}

export type Fetched = Freshened | Answered;
