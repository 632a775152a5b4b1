/** What a look-up in Redis has seen, for what is stored by it afterwards. */
import type { Fence } from '../../api/storage.js';
import type { Stamp } from './frame.js';
import type { NamespaceRecord, ResourceTokens } from './tokens.js';

export interface TakenFence {
  readonly kind: 'taken';
  /** The digests of key and resource. */
  readonly key: string;
  readonly resource: string;
  readonly namespace: NamespaceRecord;
  readonly tokens: ResourceTokens;
  /** The tokens of the tags that the look-up named, by the digests of these. */
  readonly tags: ReadonlyMap<string, string>;
  /** The revision of each variant that bears the tokens above, whether its tags do or not; all of them digests. */
  readonly seen: ReadonlyMap<string, string>;
  /** What the entries that were accepted bear, by the digests of their variants. */
  readonly accepted: ReadonlyMap<string, Stamp>;
  /** When the origin could be asked, in microseconds. */
  readonly atUs: number;
}

export type RedisFence =
  | TakenFence
  /** By this one nothing is stored. `cause` is why Redis could not make the tokens, if that is the reason. */
  | { readonly kind: 'void'; readonly cause?: unknown };

export const VOID: RedisFence = { kind: 'void' };

/** Gives false for a void fence. Where Redis failed to make tokens, storing fails by that too, so that it is told. */
export function isTaken(fence: RedisFence): fence is TakenFence {
  if (fence.kind === 'taken') return true;
  if (fence.cause !== undefined) throw fence.cause as Error;
  return false;
}

/** To the outside a fence has no content. */
export const asFence = (fence: RedisFence): Fence => fence as unknown as Fence;
export const fenceOf = (fence: Fence): RedisFence => fence as unknown as RedisFence;

let lastMoment = 0;

/** Gives the time of the clock in microseconds, so that no two calls in this process have the same. */
export function nextMoment(): number {
  lastMoment = Math.max(lastMoment + 1, Date.now() * 1000);
  return lastMoment;
}
