/** This file asks the user's `filter`, which may throw, and may never answer. */
import type { CachePolicy } from '../../api/options.js';
import type { StoredResponse } from '../../api/stored-response.js';
import { within } from '../../support/timers.js';
import { isUnawaited } from '../../support/user-promise.js';

/** A filter may take this many milliseconds: without a limit, one that hangs would hold its callers for ever. */
const TIME_LIMIT_MS = 10_000;

/** It is true where the filter agrees. A filter that throws, rejects or takes longer than 10 s has not agreed. */
export async function passesFilter(
  filter: NonNullable<CachePolicy['filter']>,
  response: StoredResponse,
): Promise<boolean> {
  try {
    const agrees: unknown = await within(TIME_LIMIT_MS, filter(response));
    return !isUnawaited(agrees) && Boolean(agrees);
  } catch {
    return false;
  }
}
