/** These tests say which cache groups a response is in, and which an answer invalidates (RFC 9875). */
import { decideGroupInvalidation, groupsOf } from '../../lib/rfc9111/decide-invalidation.js';
import { answerOf, requestOf } from './heads.js';

test.each<[string, string | string[], string[]]>([
  ['a list of strings', '"scripts", "Example JS"', ['scripts', 'Example JS']],
  ['several lines', ['"a"', '"b"'], ['a', 'b']],
  ['parameters are ignored', '"a";x=1, "b"', ['a', 'b']],
  ['case counts', '"a", "A"', ['a', 'A']],
  ['each once', '"a", "a"', ['a']],
  ['an empty name is one', '""', ['']],
  ['a token is no string', '"a", b', []],
  ['nor is an inner list', '("a")', []],
  ['what does not parse is ignored whole', '"a", "b', []],
  ['32 groups of 32 characters', names(32, 32).map(quoted).join(', '), names(32, 32)],
  ['128 of more', names(200, 4).map(quoted).join(','), names(128, 4)],
])('%s', (_rule, field, groups) => {
  expect(groupsOf({ 'cache-groups': field })).toEqual(groups);
  const answer = answerOf({ 'cache-group-invalidation': field });
  expect(decideGroupInvalidation(requestOf({}, 'POST'), answer)).toEqual(groups);
});

test('without the field there are none', () => {
  expect(groupsOf({})).toEqual([]);
  expect(decideGroupInvalidation(requestOf({}, 'POST'), answerOf({}))).toEqual([]);
});

test.each<[string, string, number, boolean]>([
  ['an unsafe method', 'POST', 200, true],
  ['one that nobody knows', 'FOO', 204, true],
  ['a redirect', 'PUT', 303, true],
  ['section 3: a safe method', 'GET', 200, false],
  ['a safe method with a body', 'QUERY', 200, false],
  ['a refusal', 'POST', 403, false],
  ['a failure', 'POST', 500, false],
])('%s: %s, %d', (_rule, method, status, invalidates) => {
  const answer = answerOf({ 'cache-group-invalidation': '"a"' }, status);
  expect(decideGroupInvalidation(requestOf({}, method), answer)).toEqual(invalidates ? ['a'] : []);
});

function names(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index).padStart(length, 'g'));
}

function quoted(name: string): string {
  return `"${name}"`;
}
