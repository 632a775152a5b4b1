/** Whether anything from before a completed invalidation was read: from what all workers have seen together. */
import type { Read, Seen } from './worker.js';

/** For each key, by the time at which the caller was told: the least that a read from then on must have. */
class Bounds {
  readonly #byKey = new Map<number | 'all', [told: number, least: number][]>();

  /** @param told what a caller was told at which time, in any order. */
  constructor(told: readonly (readonly [key: number | 'all', told: number, least: number])[]) {
    for (const [key, at, least] of [...told].sort(([, one], [, other]) => one - other)) {
      const known = this.#byKey.get(key) ?? [];
      this.#byKey.set(key, known);
      known.push([at, Math.max(least, known.at(-1)?.[1] ?? -Infinity)]);
    }
  }

  leastOf(key: number | 'all', begun: number): number {
    const known = this.#byKey.get(key) ?? [];
    let [low, high] = [0, known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((known[middle]?.[0] ?? 0) < begun) low = middle + 1;
      else high = middle;
    }
    return known[low - 1]?.[1] ?? -Infinity;
  }
}

export interface Stale {
  /** Reads of a version from before a change that a caller had been told of. */
  readonly versions: number;
  /** Reads of what was decided before a deletion was called that had ended. */
  readonly deleted: number;
}

/**
 * A read that has joined a request is judged by what its own process has ended: what another process invalidates while
 * that request is under way is not known here, and nothing is stored of it.
 */
export function findStale(seen: readonly Seen[]): Stale {
  const byAll = boundsOf(seen);
  const found = seen.map((own) => {
    const byOwn = boundsOf([own]);
    const boundsFor = ([, , , , joined]: Read): typeof byAll => (joined ? byOwn : byAll);
    return {
      versions: own.reads.filter((read) => boundsFor(read).isOld(read)).length,
      deleted: own.reads.filter((read) => boundsFor(read).isDeleted(read)).length,
    };
  });
  return {
    versions: found.reduce((sum, { versions }) => sum + versions, 0),
    deleted: found.reduce((sum, { deleted }) => sum + deleted, 0),
  };
}

function boundsOf(seen: readonly Seen[]) {
  const versions = new Bounds(seen.flatMap(({ changes }) =>
    changes.map(([key, version, resolved]) => [key, resolved, version] as const)));
  const deletions = new Bounds(seen.flatMap((each) =>
    each.deletions.map(([key, called, resolved]) => [key, resolved, called] as const)));
  return {
    isOld: ([begun, key, version]: Read): boolean => version < versions.leastOf(key, begun),
    isDeleted: ([begun, key, , at]: Read): boolean =>
      at < Math.max(deletions.leastOf(key, begun), deletions.leastOf('all', begun)),
  };
}
