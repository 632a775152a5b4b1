/** This file reads once what decisions ask of a response (RFC 9111 sections 4.2.3, 5.1, 5.2, RFC 9110 section 8.8). */
import { NO_DIRECTIVES, parseDeltaSeconds, parseResponseCacheControl } from './cache-control.js';
import { listedNames, singleValue } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { DecisionPolicy, EpochMs, HeaderFields, ResponseFacts, Seconds, StoredHead } from './model.js';

/** The response was received at `responseTime`. Where `cacheControl` is false, its Cache-Control means nothing. */
export function readResponseFacts(
  headers: HeaderFields,
  responseTime: EpochMs,
  { cacheControl }: Pick<DecisionPolicy, 'cacheControl'>,
): ResponseFacts {
  return {
    directives: cacheControl ? parseResponseCacheControl(headers) : NO_DIRECTIVES,
    // The time of receipt stands for a date that is missing or unreadable (RFC 9110 section 6.6.1).
    dateValue: dateIn(headers, 'date', responseTime) ?? responseTime,
    ageValue: ageValueOf(headers),
    etag: validatorIn(headers, 'etag'),
    lastModified: validatorIn(headers, 'last-modified'),
  };
}

/** Gives what a stored head says to decisions; `received` is what a decision has just read of its headers. */
export function storedFacts(head: StoredHead, received?: ResponseFacts): ResponseFacts {
  // They hold for all readers, of whom each honours the headers or does not. A request that did not, and said itself
  // how long the answer lasts, has decided for the others.
  const cacheControl = head.headersHonoured || head.lifetime.source !== 'request';
  const known = head.headersHonoured ? received : undefined;
  const facts = known ?? readResponseFacts(head.headers, head.responseTime, { cacheControl });
  // The validators of a redirect validate nothing that it leads to.
  return head.redirectsTo === undefined ? facts : { ...facts, etag: undefined, lastModified: undefined };
}

/** Gives a validator of a response as it was received (RFC 9110 section 8.8); an empty field is none. */
export const validatorIn = (headers: HeaderFields, name: 'etag' | 'last-modified'): string | undefined =>
  singleValue(headers, name) || undefined;

/** Gives the instant that a field names; the result is undefined where the field is missing or no HTTP date. */
export const dateIn = (headers: HeaderFields, name: string, now: EpochMs): EpochMs | undefined =>
  parseHttpDate(singleValue(headers, name), now);

/** Reads the first member of `Age`; the result is 0 where it is missing or no delta-seconds (RFC 9111 section 5.1). */
const ageValueOf = (headers: HeaderFields): Seconds =>
  parseDeltaSeconds(listedNames(headers, 'age')[0] ?? '') ?? 0;
