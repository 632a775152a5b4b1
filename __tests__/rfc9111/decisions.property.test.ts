/** Whatever headers say, no decision throws or yields NaN, and none changes after a storage (RFC 9111). */
import fc from 'fast-check';
import { makeEntry, parseEntry } from '../../lib/entries/entry.js';
import { decideReuse } from '../../lib/rfc9111/decide-reuse.js';
import { decideStorage } from '../../lib/rfc9111/decide-storage.js';
import { decideValidation, freshenByHead, staleIfError } from '../../lib/rfc9111/decide-validation.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { readResponseFacts } from '../../lib/rfc9111/read-response-facts.js';
import { HEURISTIC, NEVER, NOW, answerOf, dateAt, headOf, policyOf, requestOf, seconds } from './heads.js';

const NUMBERS = ['0', '1', '59', '60', '2147483648', '99999999999999999999', '-1', '1.5', 'x', '"9"', ''];
const DIRECTIVES = [
  'only-if-cached', 'max-age', 's-maxage', 'stale-if-error', 'stale-while-revalidate', 'min-fresh', 'max-stale',
];
const FLAGS = ['no-cache', 'no-cache="foo"', 'no-store', 'private', 'must-revalidate', 'must-understand'];

const directive = fc.oneof(
  fc.constantFrom(...FLAGS, ...DIRECTIVES),
  fc.tuple(fc.constantFrom(...DIRECTIVES), fc.constantFrom(...NUMBERS)).map(([name, value]) => `${name}=${value}`),
);
const cacheControl = fc.array(directive, { maxLength: 4 }).map((each) => each.join(', '));
const date = fc.integer({ min: -200_000, max: 200_000 }).map(dateAt);
const etag = fc.constantFrom('"a"', 'W/"a"', '"b"', 'a', '');
const range = fc.constantFrom('bytes=0-1', 'bytes=-3', 'bytes=9-', 'bytes=1-0', 'bytes=0-1,3-4', 'lines=1-2');

/** The field mostly holds what it may hold, now and then any text or several lines. */
const line = (likely: fc.Arbitrary<string>): fc.Arbitrary<string | readonly string[]> =>
  fc.oneof(
    { weight: 8, arbitrary: likely },
    { weight: 1, arbitrary: fc.string() },
    { weight: 1, arbitrary: fc.array(likely, { maxLength: 2 }) },
  );

const responseFields: fc.Arbitrary<HeaderFields> = fc.record(
  {
    'cache-control': line(cacheControl),
    date: line(date),
    expires: line(date),
    age: line(fc.constantFrom(...NUMBERS)),
    etag: line(etag),
    'last-modified': line(date),
    vary: line(fc.constantFrom('foo', 'Foo, Bar', '*', '')),
    'content-range': line(fc.constantFrom('bytes 0-4/5', 'bytes 0-4/*', 'bytes 3-1/5')),
  },
  { requiredKeys: [] },
);
const requestFields: fc.Arbitrary<HeaderFields> = fc.record(
  {
    'cache-control': line(cacheControl),
    pragma: line(fc.constantFrom('no-cache', 'foo')),
    'if-none-match': line(etag),
    'if-modified-since': line(date),
    range: line(range),
    'if-range': line(etag),
    foo: line(fc.constantFrom('1', '1, 2')),
  },
  { requiredKeys: [] },
);
const status = fc.constantFrom(200, 203, 204, 206, 301, 304, 404, 416, 500, 599);
const policy = fc.record({
  shared: fc.boolean(),
  cacheControl: fc.boolean(),
  local: fc.constantFrom(NEVER, HEURISTIC),
  staleIfError: fc.constantFrom(undefined, 0, 9, Infinity),
});
const later = fc.integer({ min: -1000, max: 1_000_000 }).map((count) => NOW + seconds(count));
const anyStatus = (changes: Parameters<typeof policyOf>[0]) => policyOf({ ...changes, allowsStatus: () => true });

/** Gives everything that is a number in `value`, at any depth. */
function numbersIn(value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

const BODY = new TextEncoder().encode('01234');
const ADDRESS = { key: 'key', resource: 'resource', variant: '', tags: [], keepStale: 100, mayBeStale: true };

/** Makes an entry of an answer that may be stored: as it is written, and as it is read again. */
function storedTwice(asks: HeaderFields, says: HeaderFields, code: number, rules: ReturnType<typeof policyOf>) {
  const answer = { ...answerOf(says, code), bodyBytes: BODY.byteLength };
  const decision = decideStorage(requestOf(asks, 'GET', rules), answer, rules);
  expect(numbersIn(decision).some(Number.isNaN)).toBe(false);
  if (decision.kind !== 'store') return undefined;
  const head = { ...headOf(decision.headers), ...decision, status: code, bodyKind: 'bytes' as const, headerCase: {} };
  expect(decision.facts).toEqual(readResponseFacts(decision.headers, answer.responseTime, rules));
  const whole = { ...head, finalUrl: undefined, heedsValidateStatus: true };
  const { raw, entry } = makeEntry(whole, BODY, ADDRESS, decision.facts);
  return { answer, entry, again: parseEntry(structuredClone(raw)) };
}

test('no header makes a decision throw, or a number NaN; a stored and re-read response decides as before', () => {
  let stored = 0;
  const exchange = fc.tuple(requestFields, responseFields, status);
  fc.assert(
    fc.property(exchange, policy, later, requestFields, ([asks, says, code], given, now, asksLater) => {
      const rules = anyStatus(given);
      const kept = storedTwice(asks, says, code, rules);
      if (kept === undefined) return;
      stored += 1;
      const { answer, entry, again } = kept;
      const decisionsOn = (each: typeof entry) => {
        const request = requestOf(asksLater, 'GET', rules);
        const renewal = { request, stored: each, answer: { ...answer, status: 304 }, policy: rules };
        const validation = decideValidation({ ...renewal, conditions: { 'if-none-match': '"a"' } });
        if (validation.kind === 'freshen') {
          const { head, facts } = validation;
          expect(facts).toEqual(readResponseFacts(head.headers, head.responseTime, rules));
        }
        const decisions = [
          decideReuse(request, [each], rules, now),
          validation,
          freshenByHead({ ...renewal, request: requestOf(asksLater, 'HEAD', rules), answer }),
          staleIfError({ request, stored: each, failure: 'network', policy: rules, now }),
        ];
        return decisions.map((decision) => ({ ...decision, stored: undefined, fallback: undefined }));
      };
      const decisions = decisionsOn(entry);
      expect(numbersIn(decisions).some(Number.isNaN)).toBe(false);
      expect(again === undefined ? undefined : decisionsOn(again)).toEqual(decisions);
    }),
    { numRuns: 300 },
  );
  expect(stored).toBeGreaterThan(50);
});

test('a request that demands nothing gets what the rules for all others would give it', () => {
  const exchange = fc.tuple(responseFields, status);
  let fresh = 0;
  fc.assert(
    fc.property(exchange, policy, later, ([says, code], given, now) => {
      const rules = anyStatus(given);
      const kept = storedTwice({}, says, code, rules);
      if (kept === undefined) return;
      const plain = requestOf({}, 'GET', rules);
      const decision = decideReuse(plain, [kept.entry], rules, now);
      if (decision.reason === 'fresh') fresh += 1;
      // Directives that say nothing are not the shared object by which such a request is known.
      expect(decision).toEqual(decideReuse({ ...plain, directives: {} }, [kept.entry], rules, now));
    }),
    { numRuns: 600 },
  );
  expect(fresh).toBeGreaterThan(50);
});
