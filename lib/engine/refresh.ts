/**
 * This file renews a stale answer in the background (stale-while-revalidate, RFC 5861 section 3), and tells those who
 * asked for it what that has brought.
 */
import { answeredOutcome, type FetchResult } from './exchange/outcome.js';
import type { Exchange } from './exchange/request.js';
import type { Background } from './flights/background.js';
import type { Run } from './flights/flights.js';
import type { CallerHold } from './flights/sent-requests.js';
import { asShared, fitnessFor } from './sharing.js';
import { type Events, withoutRequest } from '../events.js';
import type { EpochMs } from '../rfc9111/model.js';

interface RefreshPorts {
  readonly background: Background;
  readonly events: Events;
  readonly now: () => EpochMs;
}

/**
 * It starts a refresh unless one is under way for the key. A failure is emitted as an event. Each caller who was given
 * the stale answer may ask to be told of the new one.
 */
export function refresh(
  exchange: Exchange,
  hold: CallerHold,
  run: Run<FetchResult>,
  { background, events, now }: RefreshPorts,
): void {
  const identity = { purpose: 'refresh', variant: '', leader: exchange } as const;
  const joined = hold.joinable(identity);
  if (background.isStopped || (joined !== undefined && !exchange.wantsRefreshed)) return;
  const flight = joined ?? hold.lead(identity, run, true);
  const failed = (error: unknown): void => {
    // A renewal that ended because the cache was closed has not failed.
    if (background.isStopped) return;
    events.emit({ type: 'refresh-error', url: exchange.request.head.url, error: withoutRequest(error) });
  };
  const arriving = flight.wait((promise) => background.renewing(promise)).then(succeeded);
  // A failure is reported once, by the caller who started the refresh.
  if (joined === undefined) background.add(arriving.then(ignore, failed));
  const tell = (fetched: FetchResult): Promise<void> => handOut(fetched, exchange, joined !== undefined, now(), failed);
  background.add(arriving.then((fetched) => tell(fetched).catch(failed), ignore));
}

const ignore = (): void => undefined;

/** It throws where the origin has failed. */
function succeeded(fetched: FetchResult): FetchResult {
  if (fetched.kind === 'freshened' || fetched.answer.status < 500) return fetched;
  throw new Error(`the origin answered with status ${fetched.answer.status}`);
}

/** It hands the new answer to the caller, but not a renewal: a 304 says that there is nothing newer. */
async function handOut(
  fetched: FetchResult,
  exchange: Exchange,
  shared: boolean,
  now: EpochMs,
  failed: (error: unknown) => void,
): Promise<void> {
  if (fetched.kind === 'freshened' || !exchange.wantsRefreshed) return;
  const fitness = shared ? fitnessFor(exchange.request, fetched, now) : undefined;
  if (fitness !== undefined && fitness.kind !== 'fits') return;
  const answered = fitness === undefined ? fetched : asShared(fetched, fitness.entry);
  await exchange.handRefreshed(answeredOutcome(answered, 'expired', { collapsed: shared }), failed);
}
