/** This file makes requests, responses and policies for tests: a minimum, and what a test adds. */
import type {
  DecisionPolicy,
  FieldSelection,
  HeaderFields,
  Lifetime,
  LocalLifetime,
  RequestHead,
  Stored,
  StoredHead,
} from '../../lib/rfc9111/model.js';
import { describeRequestHead } from '../../lib/rfc9111/describe-request-head.js';
import { noFields } from '../../lib/rfc9111/fields.js';
import { storedFacts } from '../../lib/rfc9111/read-response-facts.js';

/** All tests start at Fri, 01 Mar 2030 12:00:00 GMT. */
export const NOW = Date.UTC(2030, 2, 1, 12);
export const URL_OF_ALL = 'https://api.example.com/things';

export const seconds = (count: number): number => count * 1000;
export const dateAt = (offsetSeconds: number): string => new Date(NOW + seconds(offsetSeconds)).toUTCString();

/** Tests see the values by which a stored response was selected. */
export const IN_CLEAR: FieldSelection = { digest: (value) => value, isAnswered: () => false };

/**
 * Makes a request. Its headers have no prototype, as those of every request. Its Cache-Control means nothing under a
 * policy with `cacheControl: false`.
 */
export const requestOf = (
  headers: HeaderFields = {},
  method = 'GET',
  { cacheControl = true, ignoreVary = [] }: Partial<Pick<DecisionPolicy, 'cacheControl' | 'ignoreVary'>> = {},
  selection = IN_CLEAR,
): RequestHead =>
  describeRequestHead(method, URL_OF_ALL, Object.assign(noFields(), headers), { cacheControl, ignoreVary }, selection);

export const NEVER: LocalLifetime = { kind: 'seconds', seconds: Infinity, source: 'default' };
export const HEURISTIC: LocalLifetime = { kind: 'heuristic', source: 'session' };

export const policyOf = (changes: Partial<DecisionPolicy> = {}): DecisionPolicy => ({
  mode: 'default',
  cacheControl: true,
  conditionalRequests: true,
  maxEntryBytes: 1_000_000,
  shared: false,
  local: NEVER,
  maxLifetime: Infinity,
  off: false,
  readOnly: false,
  ignoreVary: [],
  staleIfError: undefined,
  staleIfErrorCodes: new Set([500, 502, 503, 504]),
  staleWhileRevalidate: undefined,
  allowsStatus: (status) => status === 200,
  allowsMethod: (method) => method === 'GET' || method === 'HEAD',
  ...changes,
});

export const lifetimeOf = (count: number, changes: Partial<Lifetime> = {}): Lifetime => ({
  seconds: count,
  source: 'response',
  basis: 'age',
  ...changes,
});

/** Makes an answer that is received at NOW. */
export const answerOf = (headers: HeaderFields = {}, status = 200) => ({
  status,
  headers,
  requestTime: NOW,
  responseTime: NOW,
});

/** The response is stored at NOW with a lifetime of a minute, unless `changes` say otherwise. */
export const headOf = (headers: HeaderFields = {}, changes: Partial<StoredHead> = {}): StoredHead => ({
  url: URL_OF_ALL,
  method: 'GET',
  status: 200,
  statusText: 'OK',
  headers,
  requestTime: NOW,
  responseTime: NOW,
  vary: [],
  lifetime: lifetimeOf(60),
  headersHonoured: true,
  ...changes,
});

export function storedOf(headers: HeaderFields = {}, changes: Partial<StoredHead> = {}, bodyBytes?: number): Stored {
  const head = headOf(headers, changes);
  return { ...head, ...storedFacts(head), bodyBytes };
}
