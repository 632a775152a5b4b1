/** This file says what has become of an answer that the origin gave: it is stored, not stored, or not yet read. */
import type { Fence } from '../../api/storage.js';
import type { Entry } from '../../entries/entry.js';
import type { NotStoredReason } from '../../rfc9111/model.js';

/**
 * It returns true where, since the answer was asked for, the resource was not invalidated and no newer answer was
 * written. A variant is one of several answers of a key, which differ by the request fields that Vary names.
 */
export type IsCurrent = (variant: string) => boolean;

/** It says whether what a request has brought may still be written under its key. */
export interface WritePermit {
  /** By it this process tells what it knows. */
  readonly isCurrent: IsCurrent;
  /** It is the same for what is to be written: another version of its body may have come since, in parts or whole. */
  currentFor(entry: Entry): IsCurrent;
  /** By it the storage tells what others have done. It is undefined where the storage has no fences. */
  readonly fence: Fence | undefined;
}

/** It is what a look-up has brought beside entries: the fences by which the answer to the request is stored. */
export interface Fences {
  /** It is for the request's own key. */
  readonly fence: Fence | undefined;
  /** It is for the key of a GET, which a HEAD may renew. */
  readonly fenceOfGet: Fence | undefined;
}

/** It says what has become of an answer. */
export type Storing =
  | { readonly kind: 'stored'; readonly entry: Entry }
  | { readonly kind: 'not-stored'; readonly reason: NotStoredReason }
  /** It is stored later: the caller has yet to read the body, or has no time to wait for the storage. */
  | { readonly kind: 'pending' };

export const PENDING: Storing = { kind: 'pending' };

export const notStored = (reason: NotStoredReason): Storing => ({ kind: 'not-stored', reason });
