/** This file reads once what decisions ask of a response (RFC 9111 sections 4.2.3, 5.1, 5.2, RFC 9110 section 8.8). */
import { NO_DIRECTIVES, parseDeltaSeconds, parseResponseCacheControl } from './cache-control.js';
import { fieldValue, listMembers, singleValue } from './fields.js';
import { parseHttpDate } from './http-date.js';
import type { DecisionPolicy, EpochMs, HeaderFields, ResponseFacts, Seconds } from './model.js';

/** The response was received at `responseTime`. Where `cacheControl` is false, its Cache-Control means nothing. */
export function readResponseFacts(
  headers: HeaderFields,
  responseTime: EpochMs,
  { cacheControl }: Pick<DecisionPolicy, 'cacheControl'>,
): ResponseFacts {
  const { etag, lastModified } = validatorsIn(headers);
  return {
    directives: cacheControl ? parseResponseCacheControl(headers) : NO_DIRECTIVES,
    dateValue: dateValueOf(headers, responseTime),
    ageValue: ageValueOf(headers),
    etag,
    lastModified,
  };
}

/** Gives the validators of a response as they were received (RFC 9110 section 8.8); an empty field is none. */
export function validatorsIn(headers: HeaderFields): Pick<ResponseFacts, 'etag' | 'lastModified'> {
  return { etag: validatorIn(headers, 'etag'), lastModified: validatorIn(headers, 'last-modified') };
}

function validatorIn(headers: HeaderFields, name: 'etag' | 'last-modified'): string | undefined {
  const value = singleValue(headers, name);
  return value === '' ? undefined : value;
}

/** Reads `Date`, or takes the time of receipt where it is missing or unreadable (RFC 9110 section 6.6.1). */
export const dateValueOf = (headers: HeaderFields, responseTime: EpochMs): EpochMs =>
  dateIn(headers, 'date', responseTime) ?? responseTime;

/** Gives the instant that a field names; the result is undefined where the field is missing or no HTTP date. */
export function dateIn(headers: HeaderFields, name: string, now: EpochMs): EpochMs | undefined {
  const text = singleValue(headers, name);
  return text === undefined ? undefined : parseHttpDate(text, now);
}

/** Reads the first member of `Age`; the result is 0 where it is missing or no delta-seconds (RFC 9111 section 5.1). */
export function ageValueOf(headers: HeaderFields): Seconds {
  const value = fieldValue(headers, 'age');
  if (value === undefined) return 0;
  const [first = ''] = listMembers(value);
  return parseDeltaSeconds(first) ?? 0;
}
