/** This file says what would become of a request, by the decisions that the request itself would go by. */
import { hasFailed, type Reading } from './reading/look-up.js';
import type { Entry } from '../entries/entry.js';
import type { ReuseDecision } from '../rfc9111/decide-reuse.js';
import type { CacheReason, CacheStatus, DecisionPolicy, NotStoredReason } from '../rfc9111/model.js';

export interface Forecast {
  readonly status: CacheStatus;
  readonly reason: CacheReason;
  /** It is there where it is certain before there is an answer. */
  readonly notStored: NotStoredReason | undefined;
  /** It is the stored answer that would be used, or about which the origin would be asked. */
  readonly entry: Entry | undefined;
}

/** It is true where a stored answer would be used as it is. */
export const isFromStore = (status: CacheStatus): boolean => status === 'hit' || status === 'stale';

/** `sendsConditions` is false where the origin would be asked without conditions all the same. */
export function forecastOf(
  decision: ReuseDecision<Entry>,
  reading: Reading,
  policy: Pick<DecisionPolicy, 'readOnly'>,
  sendsConditions: boolean,
): Forecast {
  const { reason } = decision;
  const fromStore = { reason, notStored: undefined };
  const certain: NotStoredReason | undefined = policy.readOnly ? 'read-only' : undefined;
  const notStored: NotStoredReason | undefined = hasFailed(reading) ? 'storage-error' : certain;
  const fromOrigin = { reason, notStored };
  switch (decision.kind) {
    case 'reuse':
      return { ...fromStore, status: decision.freshness === 'fresh' ? 'hit' : 'stale', entry: decision.stored };
    case 'reuse-and-refresh':
      return { ...fromStore, status: 'stale', entry: decision.stored };
    case 'validate':
      return { ...fromOrigin, status: sendsConditions ? 'revalidated' : 'miss', entry: decision.stored };
    case 'complete':
      return { ...fromOrigin, status: 'miss', entry: decision.stored };
    case 'forward':
      return { ...fromOrigin, status: 'miss', entry: decision.fallback };
    case 'unsatisfiable':
      return { status: 'miss', reason, notStored: 'failed', entry: undefined };
  }
}
