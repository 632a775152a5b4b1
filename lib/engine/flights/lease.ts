/**
 * This file lets one of several processes ask the origin for what none of them has: it holds a lease of the storage
 * meanwhile, and the others wait for what it stores. A lease spares requests; that nothing wrong is stored is seen to
 * by fences.
 */
import type { StorageLease } from '../../api/storage.js';
import type { GuardedStorage } from '../../storage/guard.js';
import type { MaybePromise } from '../../support/maybe-promise.js';

/** A flight that rejects with it has not asked the origin, as another process has stored an answer meanwhile. */
export const STORED_ELSEWHERE = new Error('another process has stored an answer');

/** Between two looks whether the other process is done, these are the shortest and the longest pause. */
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;

interface Leasing {
  readonly storage: Pick<GuardedStorage, 'lease' | 'leaseMs'>;
  readonly key: string;
  /** So long it waits for another process; at 0 it leaves the origin to that one. */
  readonly patienceMs: number;
  /** It looks whether what is stored by now may answer. */
  readonly isAnswered: () => MaybePromise<boolean>;
  /** It is called before each pause. */
  readonly onWait: () => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * It is what the request under a lease came to. A failure says nothing of the answers that come after it, so that the
 * next process asks in its turn.
 */
export type LeasedAnswer = 'stored' | 'unstorable' | 'failed';

/**
 * It runs `ask` under a lease, and rejects with STORED_ELSEWHERE where it need not run. Where what was brought is
 * unstorable, those who wait for the lease are told that they need not wait for each other. They are told so as well
 * where it has failed, and somebody else's request before it: a server that is down must not be waited for in turns.
 */
export async function underLease<T>(
  leasing: Leasing,
  ask: () => Promise<T>,
  answerOf: (brought: T) => LeasedAnswer,
): Promise<T> {
  const held = await acquire(leasing);
  let answer: LeasedAnswer = 'stored';
  try {
    // Who had the lease before may have stored its answer right before it gave the lease back.
    if (held !== undefined && (await leasing.isAnswered())) throw STORED_ELSEWHERE;
    answer = 'failed';
    const brought = await ask();
    answer = answerOf(brought);
    return brought;
  } finally {
    // A request that nobody waits for any more has not failed.
    const isFailure = answer === 'failed' && held?.hasWaited === true && leasing.signal?.aborted !== true;
    void held?.lease.release(answer === 'unstorable' || isFailure ? 'unstorable' : undefined).catch(ignore);
  }
}

interface HeldLease {
  readonly lease: StorageLease;
  /** It is true where somebody else had it before. */
  readonly hasWaited: boolean;
}

/** It gives no lease where the origin is to be asked without one: nobody waits for another process for ever. */
async function acquire(leasing: Leasing): Promise<HeldLease | undefined> {
  const { storage, key, patienceMs, isAnswered, onWait, signal } = leasing;
  const limitMs = Math.min(patienceMs, storage.leaseMs ?? 0);
  let waitedMs = 0;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const leased = await storage.lease(key);
    if (!leased.ok) return undefined;
    if (leased.value !== undefined) return { lease: leased.value, hasWaited: waitedMs > 0 };
    if (patienceMs === 0) throw STORED_ELSEWHERE;
    if (waitedMs >= limitMs || signal?.aborted === true) return undefined;
    // Its length varies, so that those who wait do not all look at once.
    const nextMs = Math.min(pauseMs * (0.5 + Math.random()), limitMs - waitedMs);
    onWait();
    await paused(nextMs);
    waitedMs += nextMs;
    if (await isAnswered()) throw STORED_ELSEWHERE;
  }
}

const paused = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

const ignore = (): void => undefined;
