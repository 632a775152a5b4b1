import type { Entry } from '../../entries/entry.js';
import type { NotStoredReason } from '../../rfc9111/model.js';

/** Whether, since the answer was asked for, neither was the resource invalidated nor a newer answer written. */
export type IsCurrent = (variant: string) => boolean;

/** What has become of an answer. */
export type Storing =
  | { readonly kind: 'stored'; readonly entry: Entry }
  | { readonly kind: 'not-stored'; readonly reason: NotStoredReason }
  /** The caller has yet to read it. */
  | { readonly kind: 'pending' };

export const notStored = (reason: NotStoredReason): Storing => ({ kind: 'not-stored', reason });
