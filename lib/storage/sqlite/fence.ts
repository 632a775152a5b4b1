/** What a look-up in SqliteStorage has seen, and the statements that write are told of it. */
import type { Fence, RenewedEntry } from '../../api/storage.js';
import type { SqliteRow, SqliteValue } from './database.js';
import { exact } from './rows.js';

/** A time that lies further ahead is of another run of the machine, as all clocks of one run are the same. */
const AHEAD_US = 60_000_000;
/** How long an invalidation is kept by its name. What was looked up before that is not stored any more. */
const KEPT_US = 3_600_000_000;

/**
 * The revisions that were there, each with the sequence of its row. A row may be found after it was invalidated and
 * before it goes, so that its body is only as good as the look-up by which it was stored.
 */
export type SeenRevisions = ReadonlyMap<string, number>;

/** What a get gives as a `Fence`. */
class SqliteFence {
  /** The epoch and the sequence of the namespace, as the statement of the look-up gives them. */
  readonly state: string;
  /** Microseconds of the machine's clock. */
  readonly at: number;
  readonly seen: SeenRevisions;

  constructor(state: string, seen: SeenRevisions) {
    this.state = state;
    this.at = nowUs();
    this.seen = seen;
  }
}

/**
 * The state that a row of a look-up tells, and undefined where there is none that a fence can be made of: it is made
 * anew then.
 */
export function stateOf(row: SqliteRow | undefined): string | undefined {
  const state = row?.['fence'];
  if (state === lastState) return lastState;
  if (typeof state !== 'string' || !/^[0-9a-f]{24}\.\d{1,15}$/.test(state)) return undefined;
  lastState = state;
  return state;
}

/** The state that was found to be one last: that of the next look-up is most often the same. */
let lastState: string | undefined;

export const makeFence = (state: string, seen: SeenRevisions): Fence =>
  new SqliteFence(state, seen) as unknown as Fence;

/**
 * In the order of the statements: when the look-up was, from when on a time is none of this run of the machine, the
 * names by which the entry can be invalidated, epoch and sequence, since which sequence none of the names may have been
 * invalidated, and the revisions seen.
 */
export function fenceValues(entry: RenewedEntry, fence: Fence | undefined): readonly SqliteValue[] {
  const now = nowUs();
  const [ahead, names] = [now + AHEAD_US, JSON.stringify(namesOf(entry))];
  if (fence === undefined) return [now, ahead, names, null, null, null, '[]'];
  const given: unknown = fence;
  // A fence of some other storage is one by which nothing is stored: no epoch is an empty text.
  if (!(given instanceof SqliteFence)) return [now, ahead, names, '', 0, 0, '[]'];
  const { at, state, seen } = given;
  const [epoch = '', digits] = state.split('.');
  const sequence = Number(digits);
  const since = seen.get(entry.revision) ?? sequence;
  return [at, ahead, names, epoch, sequence, since, JSON.stringify(Array.from(seen.keys(), exact))];
}

/** The names of an invalidation. A letter tells keys, resources and tags apart. */
export const nameOf = {
  key: (key: string): string => `k${exact(key)}`,
  resource: (resource: string): string => `r${exact(resource)}`,
  tag: (tag: string): string => `t${exact(tag)}`,
} as const;

const namesOf = ({ key, resource, tags }: RenewedEntry): readonly string[] =>
  [nameOf.key(key), nameOf.resource(resource), ...tags.map(nameOf.tag)];

/** Invalidations of a time outside these two are not kept. */
export function keptTimes(): readonly [fromUs: number, untilUs: number] {
  const now = nowUs();
  return [now - KEPT_US, now + AHEAD_US];
}

/** The machine's clock since its start: all processes share it, and nobody sets it. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);
