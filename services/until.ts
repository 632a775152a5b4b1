/** Waiting for a condition, with an end to it. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Patience {
  readonly limitMs: number;
  /** Says why there is no use in waiting any longer, if so. */
  readonly hopeless?: () => string | undefined;
}

/** Asks again and again, every 50 ms, until `attempt` resolves; rejects with what it rejected with last. */
export async function until<T>(attempt: () => Promise<T>, { limitMs, hopeless }: Patience): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const reason = hopeless?.();
    if (reason !== undefined) throw new Error(reason);
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > endMs) throw error;
    }
    await sleep(50);
  }
}
