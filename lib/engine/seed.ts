/** This file implements `instance.cache.set`, which stores an answer that was never fetched. */
import { CacheError } from '../api/errors.js';
import type { Answer } from './exchange/answer.js';
import type { CacheRequest } from './exchange/request.js';
import { type CallerFlights, SentRequest } from './flights/sent-requests.js';
import type { Invalidation } from './invalidation/invalidation.js';
import { storeResponse } from './storing/store.js';
import { type StoreContext, trimVariants } from './storing/write.js';
import type { EpochMs } from '../rfc9111/model.js';

interface SeedPorts {
  readonly flights: CallerFlights;
  readonly invalidation: Pick<Invalidation, 'read'>;
  readonly store: StoreContext;
  readonly now: () => EpochMs;
}

/**
 * It stores `answer` where an answer of the origin could be stored, and returns whether it was. It throws a CacheError
 * where the storage fails. Answers that are under way were asked for before, so that they are not stored.
 */
export async function seedAnswer(
  request: CacheRequest,
  answer: Answer,
  { flights, invalidation, store, now }: SeedPorts,
): Promise<boolean> {
  const { key, resource } = request;
  flights.invalidate(resource);
  const hold = flights.enter(key, resource, request);
  try {
    const { entries, error, fence } = await invalidation.read(request, now());
    if (error !== undefined) throw error;
    const sent = new SentRequest(request, hold, fence);
    const storing = await storeResponse(request, answer, entries, store, sent);
    if (storing.kind !== 'stored') {
      const isFailure = storing.kind === 'not-stored' && storing.reason === 'storage-error';
      if (isFailure) throw new CacheError('ERR_CACHE_STORAGE', 'the storage did not take the answer');
      return false;
    }
    sent.noteWrite(storing.entry);
    await trimVariants(storing.entry.raw, store);
    return true;
  } finally {
    hold.release();
  }
}
