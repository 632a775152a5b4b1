/** This file keeps an answer, whether or not it came by redirects, and whether or not these were seen. */
import type { Answer, RedirectChain } from '../exchange/answer.js';
import type { CacheRequest } from '../exchange/request.js';
import { notStored, type Storing } from '../exchange/storing.js';
import type { SentRequests } from '../flights/sent-requests.js';
import { storeChain } from './store-chain.js';
import { storeResponse } from './store.js';
import type { StoreContext } from './write.js';
import type { Entry } from '../../entries/entry.js';
import { isRetraceable, keepsHidden } from '../../rfc9111/decide-redirect.js';
import type { MaybePromise } from '../../support/maybe-promise.js';

/**
 * It stores `answer`, however it came, and never rejects. The result says whether the first of the sent requests, which
 * is the caller's own, has got an entry. `known` is what the key of that request already holds.
 */
export function storeAnswer(
  sent: SentRequests,
  answer: Answer,
  known: readonly Entry[],
  context: StoreContext,
): MaybePromise<Storing> {
  const { request } = sent.first;
  const { chain } = answer;
  if (chain === undefined || (chain.kind === 'hidden' && mayHide(request))) {
    return storeResponse(request, answer, known, context, sent.first);
  }
  return storeSeen(sent, answer, chain, context);
}

const mayHide = ({ head, policy, keyUrl }: CacheRequest): boolean => keepsHidden(head, policy, keyUrl === undefined);

async function storeSeen(
  sent: SentRequests,
  answer: Answer,
  chain: RedirectChain,
  context: StoreContext,
): Promise<Storing> {
  const { head } = sent.first.request;
  const storing =
    chain.kind === 'seen' && isRetraceable(head)
      ? await storeChain(sent, chain.redirects, answer, context)
      : notStored('redirected');
  if (storing.kind === 'not-stored' && storing.reason === 'redirected' && context.events.hears('not-stored')) {
    context.events.emit({ type: 'not-stored', url: head.url, reason: 'redirected' });
  }
  return storing;
}
