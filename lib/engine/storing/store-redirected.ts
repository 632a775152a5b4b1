/** Keeping an answer, whether or not it came by redirects, and whether or not they were seen. */
import type { Answer } from '../exchange/answer.js';
import type { Asked } from '../exchange/request.js';
import { notStored, type Storing } from '../exchange/storing.js';
import type { Trail } from '../flights/trail.js';
import { storeRoute } from './store-route.js';
import { storeResponse } from './store.js';
import type { StoreContext } from './write.js';
import type { Entry } from '../../entries/entry.js';
import { isRetraceable, keepsHidden } from '../../rfc9111/decide-redirect.js';

/**
 * Stores `answer` to the first request of `trail`, however it came; never rejects. Says whether that one is stored.
 * `known`: what the key of that request holds already.
 */
export async function storeAnswer(
  trail: Trail,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
): Promise<Storing> {
  const { first } = trail;
  const { route } = answer;
  if (route === undefined || (route.kind === 'hidden' && mayHide(first.asked))) {
    return storeResponse(first.asked, answer, known, context, first.isCurrent);
  }
  const stored =
    route.kind === 'seen' && isRetraceable(first.asked.head)
      ? await storeRoute(trail, route.hops, answer, context)
      : notStored('redirected');
  if (stored.kind === 'not-stored' && stored.reason === 'redirected') {
    context.events.emit({ type: 'not-stored', url: first.asked.head.url, reason: 'redirected' });
  }
  return stored;
}

const mayHide = ({ head, policy }: Asked): boolean => keepsHidden(head, policy, policy.key !== undefined);
