/** What can be watched from outside: the events that a cache tells, by `onEvent` and `http.cache.on`. */
import type { CacheError } from './errors.js';
import type { CacheInfo } from './response.js';
import type { CacheStorage } from './storage.js';
import type { CacheStatus, NotStoredReason } from '../rfc9111/model.js';

/**
 * Each request tells exactly one of the five statuses. The other events tell what happened beside it.
 *
 * @example
 * setupCache(axios.create(), {
 *   expireAfter: '1h',
 *   onEvent: (event) => { if (event.type === 'storage-error') console.error(event.error.message); },
 * });
 */
export type CacheEvent =
  | {
      /** Where the answer came from. */
      readonly type: CacheStatus;
      /** The request's method, in upper case. */
      readonly method: string;
      /** The absolute URL without user-info, with the values of `redactedParams` as `***`. */
      readonly url: string;
      /** The same as `response.cache`. */
      readonly info: CacheInfo;
      /** How long the request took, in milliseconds. */
      readonly durationMs: number;
    }
  | {
      /** `stored`: an answer was stored. `freshened`: the server said 304, and the stored answer has a new lifetime. */
      readonly type: 'stored' | 'freshened';
      /** An opaque digest of the entry's key. */
      readonly key: string;
      readonly url: string;
      /** The size of the stored body. */
      readonly bytes: number;
      /** `null` means that it never expires. */
      readonly expiresAt: Date | null;
    }
  | {
      /** An answer was not stored. */
      readonly type: 'not-stored';
      readonly url: string;
      readonly reason: NotStoredReason;
    }
  | {
      /** An entry had to make room. */
      readonly type: 'evicted';
      /** An opaque digest of the entry's key. */
      readonly key: string;
      /** Which bound was reached: that on entries, on bytes, or on variants of one key. */
      readonly reason: 'entries' | 'bytes' | 'variants';
    }
  | {
      /** Entries were deleted because something has changed. */
      readonly type: 'invalidated';
      /** The URL whose entries they were, where they are those of one URL. */
      readonly url: string | undefined;
      /** The tag that they had, where a tag selected them. */
      readonly tag: string | undefined;
      /** How many entries were deleted. */
      readonly count: number;
    }
  | {
      /** A refresh in the background failed, or a request after its `softTimeout`, or `onRefreshed` threw. */
      readonly type: 'refresh-error';
      readonly url: string;
      /** Has the name, message and code of what was thrown, and not its request, which may hold credentials. */
      readonly error: unknown;
    }
  | {
      /** A call of the storage failed, took too long, or gave what no storage may give. */
      readonly type: 'storage-error';
      /** The method of the storage. */
      readonly operation: keyof CacheStorage;
      readonly error: CacheError;
      /**
       * True while the storage is not asked, because several calls in a row have failed: all calls, or all of this
       * method. The failure by which that begins says so too. For `entries` it is listings that are not made.
       */
      readonly circuitOpen: boolean;
    };

/**
 * The event of one type; `'*'` stands for all of them. Where a member of CacheEvent stands for several types, it is
 * narrowed to that one.
 *
 * @example
 * http.cache.on('hit', ({ method, url, durationMs }) => { console.log(method, url, durationMs); });
 */
export type CacheEventOf<E extends CacheEvent['type'] | '*', Each = CacheEvent> = E extends '*'
  ? CacheEvent
  : Each extends { readonly type: infer T }
    ? E extends T ? Each & { readonly type: E } : never
    : never;
