/** Gives one field, of a response or of a request, to every decision that reads it. */
import {
  decideGroupInvalidation,
  decideInvalidation,
  groupsOf,
  originToClear,
} from '../../lib/rfc9111/decide-invalidation.js';
import { decideReuse } from '../../lib/rfc9111/decide-reuse.js';
import { decideStorage, type StorageDecision } from '../../lib/rfc9111/decide-storage.js';
import { decideValidation, freshenByHead } from '../../lib/rfc9111/decide-validation.js';
import { searchVarianceOf, simplifyQuery } from '../../lib/rfc9111/search-variance.js';
import { answerOf, NOW, policyOf, requestOf, storedOf, URL_OF_ALL } from './heads.js';

export const RESPONSE_FIELDS = [
  'cache-control', 'age', 'date', 'expires', 'last-modified', 'etag', 'vary', 'connection', 'content-range',
  'content-language', 'content-length', 'content-encoding', 'content-type', 'cache-groups', 'cache-group-invalidation',
  'clear-site-data', 'no-vary-search', 'location', 'content-location',
];
export const REQUEST_FIELDS = [
  'cache-control', 'pragma', 'if-none-match', 'if-modified-since', 'if-match', 'if-range', 'range', 'accept-language',
  'accept-encoding', 'x-any',
];

const policy = policyOf({ allowsStatus: () => true, local: { kind: 'heuristic', source: 'session' } });
const plain = requestOf();

/** A response has the field, as a 200 and as a 206. The result says whether the 200 would be stored. */
export function answered(name: string, value: string): StorageDecision['kind'] {
  decideAbout(name, value, 206);
  return decideAbout(name, value, 200);
}

function decideAbout(name: string, value: string, status: number): StorageDecision['kind'] {
  const answer = { ...answerOf({ [name]: value, etag: name === 'etag' ? value : '"1"' }, status), bodyBytes: 10 };
  const decision = decideStorage(plain, answer, policy);
  if (decision.kind === 'store') {
    const stored = storedOf(decision.headers, { vary: decision.vary, status });
    decideReuse(plain, [stored], policy, NOW);
    const renewal = { ...answer, status: 304 };
    decideValidation({ request: plain, stored, conditions: { 'if-none-match': 'x' }, answer: renewal, policy });
    freshenByHead({ request: requestOf({}, 'HEAD'), stored, answer: { ...answer, status: 200 }, policy });
  }
  const changed = { method: 'POST', url: URL_OF_ALL };
  decideInvalidation(changed, answer);
  decideGroupInvalidation(changed, answer);
  originToClear(answer, URL_OF_ALL);
  groupsOf(answer.headers);
  const variance = searchVarianceOf(answer.headers);
  if (variance !== undefined) simplifyQuery(value, variance);
  return decision.kind;
}

/** A request has the field. */
export function asked(name: string, value: string): void {
  const request = requestOf({ [name]: value });
  const stored = storedOf({ etag: '"1"', 'content-language': 'a' }, { vary: [[name, 'x']] });
  decideReuse(request, [stored], policy, NOW);
  decideReuse(request, [{ ...stored, vary: [] }], policy, NOW);
  decideStorage(request, answerOf({ vary: name, 'cache-control': 'max-age=60' }), policy);
}
