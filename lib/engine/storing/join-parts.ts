/** This file puts an answer together with the stored parts of the same body (RFC 9111 section 3.4). */
import type { Answer } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import { withFreshenedHead } from './freshen.js';
import type { Entry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import type { RequestPolicy } from '../../options/policy.js';
import { combinedHead } from '../../rfc9111/decide-validation.js';
import { type Combination, decideParts, lengthOf } from '../../rfc9111/parts.js';
import { selectMatching } from '../../rfc9111/vary.js';

interface Joined {
  /** It is undefined where the answer is stored by itself. */
  readonly combined: { readonly head: EntryHead; readonly bytes: Uint8Array } | undefined;
  /** These entries are of no use any more once the answer is stored. */
  readonly superseded: readonly Entry[];
}

/** It is the result for an answer that has nothing to do with stored parts. */
export const ALONE: Joined = { combined: undefined, superseded: [] };

/**
 * `fresh` is the answer as it would be stored by itself, by `policy`, and `known` is what is stored already.
 */
export function joinParts(
  { key, head: request }: CacheRequest,
  answer: Answer,
  fresh: Entry,
  known: readonly Entry[],
  policy: RequestPolicy,
): Joined {
  const ofKey = known.filter(({ raw }) => raw.key === key);
  const { combination, superseded } = decideParts(fresh, selectMatching(request, ofKey), policy.maxEntryBytes);
  if (combination === undefined) return { combined: undefined, superseded };
  const head = combinedHead({ request, stored: combination.base, answer, policy }, combination.extent);
  return { combined: { head: withFreshenedHead(head, fresh), bytes: joinBytes(combination) }, superseded };
}

/** It writes newer bytes over older ones, should they differ after all. */
function joinBytes({ extent: joined, pieces }: Combination<Entry>): Uint8Array {
  const bytes = new Uint8Array(lengthOf(joined));
  for (const { stored, extent } of [...pieces].reverse()) bytes.set(stored.raw.body, extent.first - joined.first);
  return bytes;
}
