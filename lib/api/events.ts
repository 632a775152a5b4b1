import type { CacheError } from './errors.js';
import type { CacheInfo } from './response.js';
import type { CacheStorage } from './storage.js';
import type { CacheStatus, NotStoredReason } from '../rfc9111/model.js';

/** Exactly one of the five statuses a request, then what happened beside it. */
export type CacheEvent =
  | {
      readonly type: CacheStatus;
      readonly method: string;
      readonly url: string;
      readonly info: CacheInfo;
      readonly durationMs: number;
    }
  | {
      readonly type: 'stored' | 'freshened';
      readonly key: string;
      readonly url: string;
      readonly bytes: number;
      /** `null`: never. */
      readonly expiresAt: Date | null;
    }
  | { readonly type: 'not-stored'; readonly url: string; readonly reason: NotStoredReason }
  | { readonly type: 'evicted'; readonly key: string; readonly reason: 'entries' | 'bytes' | 'variants' }
  | {
      readonly type: 'invalidated';
      readonly url: string | undefined;
      readonly tag: string | undefined;
      readonly count: number;
    }
  /** `error` has the name, message and code of what was thrown, and not its request, which may hold credentials. */
  | { readonly type: 'refresh-error'; readonly url: string; readonly error: unknown }
  | {
      readonly type: 'storage-error';
      readonly operation: keyof CacheStorage;
      readonly error: CacheError;
      readonly circuitOpen: boolean;
    };

/** The event of one type; a member that stands for several types is one of them. */
export type CacheEventOf<E extends CacheEvent['type'], Each = CacheEvent> = Each extends { readonly type: infer T }
  ? E extends T ? Each & { readonly type: E } : never
  : never;
