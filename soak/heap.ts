/** Whether memory stays flat: what is left after a full collection, at regular distances. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** How much more may be held at the end than after the warm-up: what 20 bytes a request would make of 80,000. */
export const HEAP_LIMIT_BYTES = 1_600_000;

/** JavaScript objects and what buffers hold beside them. Needs `node --expose-gc`. */
export async function heldBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  // Finalizers, of undici among others, let go of more a turn later.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc();
    await nextTurn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** From the median of the first three samples to that of the last three. */
export function growthOf(samples: readonly number[]): number {
  return median(samples.slice(-3)) - median(samples.slice(0, 3));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
