/** A stored response with the facts that decisions ask for, parsed once. */
import { parseResponseCacheControl } from './cache-control.js';
import { singleValue } from './fields.js';
import { ageValueOf, dateValueOf } from './freshness.js';
import type { HeaderFields, Stored, StoredHead } from './model.js';

/** `bodyBytes`: the length of the stored body, where parts of it may be served. */
export function describeStored(head: StoredHead, bodyBytes?: number): Stored {
  const { headers, responseTime, headersHonoured } = head;
  return {
    ...head,
    directives: headersHonoured ? parseResponseCacheControl(headers) : {},
    dateValue: dateValueOf(headers, responseTime),
    ageValue: ageValueOf(headers),
    // Those of a redirect validate nothing that it leads to.
    ...(head.redirectsTo === undefined ? validatorsIn(headers) : NO_VALIDATORS),
    bodyBytes,
  };
}

const NO_VALIDATORS = { etag: undefined, lastModified: undefined };

/** The validators of a response (RFC 9110 section 8.8), as they were received; an empty field is none. */
export function validatorsIn(headers: HeaderFields): Pick<Stored, 'etag' | 'lastModified'> {
  const [etag, lastModified] = ['etag', 'last-modified'].map((name) => singleValue(headers, name) || undefined);
  return { etag, lastModified };
}
