/** This file reads a request's Cache-Control and conditions once for all decisions (RFC 9111 sections 4.3.2, 5.2.1). */
import { NO_DIRECTIVES, parseRequestCacheControl } from './cache-control.js';
import { isConditional } from './conditions.js';
import type { DecisionPolicy, FieldSelection, HeaderFields, RequestHead } from './model.js';

/** The method is in upper case. Where `cacheControl` is false, neither Cache-Control nor Pragma means anything. */
export const describeRequestHead = (
  method: string,
  url: string,
  headers: HeaderFields,
  { cacheControl, ignoreVary }: Pick<DecisionPolicy, 'cacheControl' | 'ignoreVary'>,
  selection: FieldSelection,
): RequestHead => ({
  method,
  url,
  headers,
  directives: cacheControl ? parseRequestCacheControl(headers) : NO_DIRECTIVES,
  isConditional: isConditional(headers),
  selection,
  ignoreVary,
});
