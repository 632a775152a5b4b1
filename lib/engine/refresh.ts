/**
 * This file refreshes a stale answer in the background (stale-while-revalidate, RFC 5861 section 3), and tells those
 * who asked for it what that has brought, or what has come after a soft timeout.
 */
import type { Answer } from './exchange/answer.js';
import { answeredOutcome, type FetchResult, type Outcome } from './exchange/outcome.js';
import type { Exchange } from './exchange/request.js';
import type { Background } from './flights/background.js';
import type { Run } from './flights/flights.js';
import { STORED_ELSEWHERE } from './flights/lease.js';
import type { CallerHold } from './flights/sent-requests.js';
import { asShared, fitnessFor } from './sharing.js';
import { type Events, withoutRequest } from '../events.js';
import type { EpochMs } from '../rfc9111/model.js';
import { owns } from '../support/owns.js';

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
  const failed = failing(exchange, background, events);
  const arriving = flight.wait((promise) => background.refreshing(promise)).then(succeeded);
  const tell = (fetched: FetchResult): Promise<void> => handOut(fetched, exchange, joined !== undefined, now(), failed);
  // A failure is reported once, by the caller who started the refresh.
  const unheard = joined === undefined ? failed : ignore;
  background.leave(arriving.then((fetched) => tell(fetched).catch(failed), unheard));
}

const ignore = (): void => undefined;

/**
 * It waits for the outcome that a caller would have had, had it not been answered after a soft timeout by what is
 * stored, and tells of it as of a refresh. What is no outcome, but a turn to ask again, ends here.
 */
export function tellLate(
  waiting: Promise<Outcome | { readonly kind: 'again' }>,
  exchange: Exchange,
  { background, events }: Omit<RefreshPorts, 'now'>,
): void {
  const failed = failing(exchange, background, events);
  const told = waiting.then((outcome) => {
    if (owns(outcome, 'kind') || outcome.content.kind !== 'origin') return undefined;
    checkAnswer(outcome.content.answer);
    return exchange.wantsRefreshed && !background.isStopped ? exchange.handRefreshed(outcome, failed) : undefined;
  });
  background.leave(told.catch(failed));
}

/** It returns what reports that a refresh has failed. */
const failing =
  ({ request }: Exchange, background: Background, events: Events) =>
  (error: unknown): void => {
    // A refresh that ended because the cache was closed has not failed, nor has one that another process makes.
    if (background.isStopped || error === STORED_ELSEWHERE) return;
    events.emit({ type: 'refresh-error', url: request.head.url, error: withoutRequest(error) });
  };

function succeeded(fetched: FetchResult): FetchResult {
  checkAnswer(fetched.answer);
  return fetched;
}

/** It throws where the origin has failed. */
function checkAnswer({ status }: Answer): void {
  if (status >= 500) throw new Error(`the origin answered with status ${status}`);
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
