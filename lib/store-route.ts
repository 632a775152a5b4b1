/** Keeping an answer that came by redirects: under its own URL, and each redirect under the URL that it was the answer of. */
import type { Answer, Asked, Hop } from './exchange.js';
import { decideRedirect, isRetraceable, keepsHidden } from './rfc9111/redirects.js';
import type { EpochMs } from './rfc9111/model.js';
import {
  boundVariants,
  notStored,
  type StoreContext,
  type Storing,
  storeRedirect,
  storeResponse,
} from './store-response.js';
import type { Stage, Trail } from './trail.js';

/** Stores `answer` to the first request of `trail`, however it came; never rejects. Says whether that one is stored. */
export async function storeAnswer(trail: Trail, answer: Answer, context: StoreContext): Promise<Storing> {
  const [first, ...others] = trail.stages;
  if (first === undefined) return notStored('incomplete');
  const { route } = answer;
  if (route === undefined || (route.kind === 'hidden' && mayHide(first.asked))) {
    return storeResponse(first.asked, answer, context, first.isCurrent);
  }
  const stored =
    route.kind === 'seen' && isRetraceable(first.asked.head)
      ? await storeRoute({ first, others, hops: route.hops, trail }, answer, context)
      : notStored('redirected');
  if (stored.kind === 'not-stored' && stored.reason === 'redirected') {
    context.events.emit({ type: 'not-stored', url: first.asked.head.url, reason: 'redirected' });
  }
  return stored;
}

const mayHide = ({ head, policy }: Asked): boolean => keepsHidden(head, policy, policy.key !== undefined);

interface Traced {
  readonly first: Stage;
  readonly others: readonly Stage[];
  readonly hops: readonly Hop[];
  readonly trail: Trail;
}

/** The answer first, so that no redirect leads to nothing. */
async function storeRoute({ first, others, hops, trail }: Traced, answer: Answer, context: StoreContext): Promise<Storing> {
  const stages = [first, ...others];
  const last = stages.at(-1);
  const isTold = last !== undefined && stages.length === hops.length + 1;
  // Two requests of one key could not both be stored.
  const areApart = new Set(stages.map(({ asked }) => asked.key)).size === stages.length;
  if (!isTold || !areApart) return notStored('redirected');
  const storing = await storeResponse(last.asked, { ...answer, finalUrl: undefined }, context, last.isCurrent);
  await noted(storing, trail, context);
  const expiresAtMs = storing.kind === 'stored' ? storing.entry.raw.expiresAtMs : 0;
  let areKept = true;
  for (const [index, hop] of hops.entries()) {
    const stage = stages[index] ?? last;
    const kept = await storeHop(stage, hop, expiresAtMs, context);
    await noted(kept, trail, context);
    areKept &&= kept.kind === 'stored';
  }
  return areKept ? storing : notStored('redirected');
}

function storeHop({ asked, isCurrent }: Stage, hop: Hop, ledToExpiresAtMs: EpochMs, context: StoreContext): Promise<Storing> {
  const ledTo = Math.max(0, ledToExpiresAtMs - hop.responseTime) / 1000;
  const decision = decideRedirect(asked.head, hop, asked.policy, ledTo);
  return storeRedirect({ asked, hop, decision }, context, isCurrent);
}

/** What is stored is known to those who look for it, and its key keeps no more variants than any. */
async function noted(storing: Storing, trail: Trail, context: StoreContext): Promise<void> {
  if (storing.kind !== 'stored') return;
  const { raw } = storing.entry;
  trail.noteWrite(raw);
  if (raw.variant === '') return;
  const read = await context.storage.get(raw.key);
  if (read.ok) await boundVariants(read.value, storing, context);
}
