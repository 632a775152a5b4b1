/** Whether anything came back: from what all workers have seen together. */
import type { Asked, Counts, Invalidated, Log, Served } from './log.js';

export interface Verdict {
  readonly counts: Counts;
  /** Entries that were found though they had been invalidated, by what had invalidated them. */
  readonly resurrected: ReadonlyMap<string, number>;
  readonly failures: ReadonlyMap<string, number>;
}

/** For each name, by the time at which they had resolved: the latest call among those that had. */
type Timeline = ReadonlyMap<string, readonly (readonly [resolved: number, latestCall: number])[]>;

export function judge(logs: readonly Log[]): Verdict {
  const timeline = timelineOf(logs.flatMap(({ invalidated }) => invalidated));
  const resurrected = new Map<string, number>();
  for (const served of logs.flatMap((log) => log.served)) {
    const by = revivedFrom(served, timeline)?.split(':', 1)[0];
    if (by !== undefined) add(resurrected, by, 1);
  }
  const failures = new Map<string, number>();
  for (const [message, count] of logs.flatMap((log) => Object.entries(log.failures))) add(failures, message, count);
  return { counts: sumOf(logs), resurrected, failures };
}

/**
 * What should have kept an entry from being found: an invalidation that had resolved before this look-up, and was called
 * after the one by which the entry is stored; or one of all that was under way, that had resolved before the answer was
 * handed to the storage.
 */
function revivedFrom({ begun, names, body, renewal }: Served, timeline: Timeline): string | undefined {
  const isLate = ({ lookedUp, stored }: Asked): boolean => lookedUp < latestCall(timeline, 'under way', stored);
  if (isLate(body) || (renewal !== undefined && isLate(renewal))) return 'under way';
  return names.find((name) => body.lookedUp < latestCall(timeline, name, begun));
}

function latestCall(timeline: Timeline, name: string, before: number): number {
  const resolved = timeline.get(name) ?? [];
  let [low, high] = [0, resolved.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((resolved[middle]?.[0] ?? 0) < before) low = middle + 1;
    else high = middle;
  }
  return resolved[low - 1]?.[1] ?? -Infinity;
}

function timelineOf(invalidated: readonly Invalidated[]): Timeline {
  const timeline = new Map<string, [number, number][]>();
  for (const { name, called, resolved } of [...invalidated].sort((one, other) => one.resolved - other.resolved)) {
    const known = timeline.get(name) ?? [];
    timeline.set(name, known);
    known.push([resolved, Math.max(called, known.at(-1)?.[1] ?? -Infinity)]);
  }
  return timeline;
}

function sumOf(logs: readonly Log[]): Counts {
  const sum: Counts = { rounds: 0, hits: 0, stored: 0, refused: 0, lost: 0, invalidations: 0, heads: 0 };
  for (const { counts } of logs) {
    for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
  }
  return sum;
}

const add = (to: Map<string, number>, name: string, count: number): void =>
  void to.set(name, (to.get(name) ?? 0) + count);
