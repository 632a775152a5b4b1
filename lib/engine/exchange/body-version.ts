/** This file tells the answers of one key apart: by variant, by part, and by the version of the body they are of. */
import type { RequestHead, StoredHead } from '../../rfc9111/model.js';
import type { Entry } from '../../entries/entry.js';
import { fieldValue } from '../../rfc9111/fields.js';
import { isPart, strongValidator } from '../../rfc9111/parts.js';
import { variantText } from '../../rfc9111/vary.js';
import { hashAddress } from '../../support/digest.js';

/** It says which version of which body an answer is of, be it the whole or a part. */
export interface BodyVersion {
  /** It is the name of the variant whose whole body this is, or is a part of. */
  readonly whole: string;
  readonly isPart: boolean;
  /** Equal bytes have an equal one; it is undefined where nothing shows which bytes are equal. */
  readonly validator: string | undefined;
}

const named = (text: string): string => (text === '' ? '' : hashAddress(text));

/**
 * It returns the name that tells the answers of one key apart: by what Vary names and, for a part of a body, by its
 * range.
 */
export function variantOf(head: Pick<StoredHead, 'vary' | 'status' | 'headers'>, request: RequestHead): string {
  const { vary, headers } = head;
  return named(variantText(vary, request) + (isPart(head) ? ` ${fieldValue(headers, 'content-range') ?? ''}` : ''));
}

export function versionOf(entry: Entry, request: RequestHead): BodyVersion {
  const whole = isPart(entry) ? named(variantText(entry.vary, request)) : entry.raw.variant;
  return { whole, isPart: isPart(entry), validator: strongValidator(entry) };
}
