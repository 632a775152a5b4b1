/** Fields of 50,000 characters cost milliseconds, on either side and whatever is in them. */
import {
  decideGroupInvalidation,
  decideInvalidation,
  groupsOf,
  originToClear,
} from '../../lib/rfc9111/decide-invalidation.js';
import { decideReuse } from '../../lib/rfc9111/decide-reuse.js';
import { decideStorage } from '../../lib/rfc9111/decide-storage.js';
import { decideValidation, freshenByHead } from '../../lib/rfc9111/decide-validation.js';
import { searchVarianceOf, simplifyQuery } from '../../lib/rfc9111/search-variance.js';
import { answerOf, NOW, policyOf, requestOf, storedOf, URL_OF_ALL } from './heads.js';

const LENGTH = 50_000;
/** Generous: what is quadratic takes seconds for so much. */
const LIMIT_MS = 500;

const PARTS = [
  ',', ';', ' ', '"', '\\', '"\\', 'a', 'a,', 'a ', 'a=', 'a="', 'max-age=60,', 'no-cache="a",', 'max-age ',
  'no-store ', '"a",', '"a";', 'W/"', '--gzip', '0', '(', '("a" ', 'a;b=1,', '%', '%"', '@1', '0-1,', '&', '/',
  ';q=0.5,', 'except=("a"),',
];
const shapes = (part: string): string[] => {
  const long = part.repeat(Math.ceil(LENGTH / part.length)).slice(0, LENGTH);
  return [long, `max-age=60,"${long}`];
};

const RESPONSE_FIELDS = [
  'cache-control', 'age', 'date', 'expires', 'last-modified', 'etag', 'vary', 'connection', 'content-range',
  'content-language', 'content-length', 'content-encoding', 'content-type', 'cache-groups', 'cache-group-invalidation',
  'clear-site-data', 'no-vary-search', 'location', 'content-location',
];
const REQUEST_FIELDS = [
  'cache-control', 'pragma', 'if-none-match', 'if-modified-since', 'if-match', 'if-range', 'range', 'accept-language',
  'accept-encoding', 'x-any',
];

const policy = policyOf({ allowsStatus: () => true, local: { kind: 'heuristic', source: 'session' } });
const plain = requestOf();

function answered(name: string, value: string): void {
  for (const status of [200, 206]) {
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
  }
}

function asked(name: string, value: string): void {
  const request = requestOf({ [name]: value });
  const stored = storedOf({ etag: '"1"', 'content-language': 'a' }, { vary: [[name, 'x']] });
  decideReuse(request, [stored], policy, NOW);
  decideReuse(request, [{ ...stored, vary: [] }], policy, NOW);
  decideStorage(request, answerOf({ vary: name, 'cache-control': 'max-age=60' }), policy);
}

function timeOf(decide: typeof asked, name: string, value: string): number {
  // Processor time: on a busy machine, waiting for a turn is no slowness of the code.
  const since = process.cpuUsage();
  decide(name, value);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

test.each([
  ...RESPONSE_FIELDS.map((name) => ['a response', name, answered] as const),
  ...REQUEST_FIELDS.map((name) => ['a request', name, asked] as const),
])('%s with %s', (_side, name, decide) => {
  const slow: unknown[] = [];
  for (const part of PARTS) {
    for (const value of shapes(part)) {
      // What is compiled or collected meanwhile counts too, and so the first time may be slow.
      const isSlow = (): boolean => timeOf(decide, name, value) > LIMIT_MS;
      if (isSlow() && isSlow()) slow.push(value.slice(0, 20));
    }
  }
  expect(slow).toEqual([]);
}, 120_000);
