/** Whether memory stays flat: what is left after a full collection, at regular distances. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How much more may be held at the end than after the warm-up: what 20 bytes a request would make of 80,000. */
export const HEAP_LIMIT_BYTES = 1_600_000;

/** A full collection, also where node was not run with `--expose-gc`. */
function collector(): () => void {
  const { gc } = globalThis;
  if (gc !== undefined) return () => void gc();
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
const collect = collector();

/** JavaScript objects and what buffers hold beside them. */
export async function heldBytes(): Promise<number> {
  // Finalizers, of undici among others, let go of more a turn later.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await nextTurn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** From the median of the first three samples to that of the last three. */
export function growthOf(samples: readonly number[]): number {
  return median(samples.slice(-3)) - median(samples.slice(0, 3));
}

/**
 * So much more may be held at the highest of the second half than at the highest of the first. A process remembers texts
 * of a million characters and forgets half of them at once, so that what is held goes up and down by some megabytes.
 */
export const PEAKS_LIMIT_BYTES = 4_000_000;

/** From the highest of the first half of the samples to the highest of the second half; 0 where there are too few. */
export function growthOfPeaks(samples: readonly number[]): number {
  const middle = samples.length >> 1;
  return middle === 0 ? 0 : Math.max(...samples.slice(middle)) - Math.max(...samples.slice(0, middle));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
