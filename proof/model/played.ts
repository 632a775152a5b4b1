/** What a schedule is played on, and what is noted of it. */
import type { AxiosAdapter } from 'axios';
import type { CachedAxiosInstance, CacheStorage } from 'axios-client-cache';
import type { VirtualTime } from '../time/virtual-time.js';
import type { StorageCallNote } from '../world/gated-storage.js';
import type { Confirmation, OriginFailure } from '../world/origin.js';
import type { Lead } from '../world/redirects.js';
import type { RequestStep, Schedule } from './steps.js';

/** What the session says of answers about which the origin says nothing, in seconds. */
export const SESSION_LIFETIME = 8;

/** What was given to a caller, or why it was given nothing. */
export type Given =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly is: string;
      readonly body: string | undefined;
      /** Its Content-Range. */
      readonly range: string | undefined;
      readonly isCached: boolean;
      /** What its `Age` says, in seconds; NaN where it has none. */
      readonly age: number;
    }
  | { readonly kind: 'broken stream' }
  | { readonly kind: 'error'; readonly error: unknown };

export interface Asked {
  readonly step: RequestStep;
  readonly index: number;
  /** The caller's own: what is given to the caller has it. */
  readonly signal: AbortSignal;
  readonly at: number;
  readonly askedMs: number;
  /** The instance that was asked. */
  readonly on: number;
  /** Of the wall clock while it was under way, where it changed and at its end. */
  readonly wallMs: number[];
  /** Once it has settled. */
  given: Given | undefined;
  settledAt: number;
  tookMs: number;
  isAborted: boolean;
  readonly isClosed: boolean;
}

/** From `at` on nothing that was made before `madeBefore` may answer. */
export interface Bound {
  readonly resource: number | 'all' | { readonly tag: string } | { readonly source: number };
  readonly at: number;
  readonly madeBefore: number;
  /** The instance that has invalidated. */
  readonly on: number;
  /** True where the storage has done all that there was to delete, so that other instances are bound too. */
  readonly isEverywhere: boolean;
  readonly why: string;
}

export interface Played {
  readonly schedule: Schedule;
  readonly asked: readonly Asked[];
  readonly bounds: readonly Bound[];
  readonly confirmations: readonly Confirmation[];
  readonly leads: readonly Lead[];
  readonly failures: readonly OriginFailure[];
  readonly gone: readonly OriginFailure[];
  readonly storageCalls: readonly StorageCallNote[];
  /** What is wrong without any look at answers: something hangs, is left, or was rejected unheard. */
  readonly complaints: readonly string[];
  readonly hits: number;
}

/** What schedules are played on. */
export interface Arena {
  readonly time: VirtualTime;
  /** Two empty storages on one place, as one process and another one would open it: in memory for so many entries. */
  open(room: number): Promise<readonly [CacheStorage, CacheStorage]>;
  /** Whether the storage is in the process, so that nothing but turns of the program is waited for. */
  readonly isVirtual: boolean;
  /** Options of the cache by which a defect is planted. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Plants a defect into what the origin says, below the cache. */
  readonly below?: ((adapter: AxiosAdapter) => AxiosAdapter) | undefined;
  /** Plants a defect into what an instance hands out. */
  readonly spoil?: ((instance: CachedAxiosInstance) => void) | undefined;
}
