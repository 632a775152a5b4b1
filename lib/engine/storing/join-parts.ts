/** What an answer and the stored parts of the same representation make together (RFC 9111 section 3.4). */
import type { Answer } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import type { Entry } from '../../entries/entry.js';
import type { EntryHead } from '../../entries/head.js';
import { combinedHead } from '../../rfc9111/decide-validation.js';
import { type Combination, decideParts, lengthOf } from '../../rfc9111/parts.js';
import { selectMatching } from '../../rfc9111/vary.js';

interface Joined {
  /** `undefined`: the answer stands alone. */
  readonly combined: { readonly head: EntryHead; readonly bytes: Uint8Array } | undefined;
  /** Of no use any more once the answer is stored. */
  readonly superseded: readonly Entry[];
}

/** The answer has nothing to do with stored parts. */
export const ALONE: Joined = { combined: undefined, superseded: [] };

/** `fresh`: the answer as it would be stored by itself; `known`: what is stored already. */
export function joinParts(
  { key, head: request, policy }: CacheRequest,
  answer: Answer,
  fresh: Entry,
  known: readonly Entry[],
): Joined {
  const ofKey = known.filter(({ raw }) => raw.key === key);
  const { combination, superseded } = decideParts(fresh, selectMatching(request, ofKey), policy.maxEntryBytes);
  if (combination === undefined) return { combined: undefined, superseded };
  const { bodyKind, headerCase, finalUrl } = fresh;
  const head = combinedHead({ request, stored: combination.base, answer, policy }, combination.extent);
  return { combined: { head: { ...head, bodyKind, headerCase, finalUrl }, bytes: joinBytes(combination) }, superseded };
}

/** Newer bytes over older ones, should they differ after all. */
function joinBytes({ extent: joined, pieces }: Combination<Entry>): Uint8Array {
  const bytes = new Uint8Array(lengthOf(joined));
  for (const { stored, extent } of [...pieces].reverse()) bytes.set(stored.raw.body, extent.first - joined.first);
  return bytes;
}
