/** This file adds to a stored head the facts that decisions ask for (RFC 9111 section 4). */
import type { ResponseFacts, Stored, StoredHead } from './model.js';
import { readResponseFacts } from './read-response-facts.js';

/** This is known about a stored response beside its head. */
interface Known {
  /** This is the length of the stored body, where parts of it may be served. */
  readonly bodyBytes?: number | undefined;
  /** This is what the headers say, where a decision has just read them. */
  readonly facts?: ResponseFacts | undefined;
}

export function describeStored(head: StoredHead, { bodyBytes, facts = factsOf(head) }: Known = {}): Stored {
  // The validators of a redirect validate nothing that it leads to.
  const { etag, lastModified } = head.redirectsTo === undefined ? facts : NO_VALIDATORS;
  // Every member has its name here: V8 takes half a microsecond for each that is added to what was spread.
  return {
    url: head.url,
    method: head.method,
    status: head.status,
    statusText: head.statusText,
    headers: head.headers,
    requestTime: head.requestTime,
    responseTime: head.responseTime,
    vary: head.vary,
    lifetime: head.lifetime,
    headersHonoured: head.headersHonoured,
    redirectsTo: head.redirectsTo,
    directives: facts.directives,
    dateValue: facts.dateValue,
    ageValue: facts.ageValue,
    etag,
    lastModified,
    bodyBytes,
  };
}

const factsOf = ({ headers, responseTime, headersHonoured }: StoredHead): ResponseFacts =>
  readResponseFacts(headers, responseTime, { cacheControl: headersHonoured });

const NO_VALIDATORS = { etag: undefined, lastModified: undefined };
