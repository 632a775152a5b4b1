/** These tests say what is read once of a response (RFC 9111 sections 4.2.3, 5.1 and 5.2, RFC 9110 section 8.8). */
import type { HeaderFields, ResponseFacts } from '../../lib/rfc9111/model.js';
import { readResponseFacts, validatorIn } from '../../lib/rfc9111/read-response-facts.js';
import { NOW, dateAt, seconds } from './heads.js';

const factsOf = (headers: HeaderFields): ResponseFacts => readResponseFacts(headers, NOW, { cacheControl: true });

describe('Age (section 5.1)', () => {
  test.each<[string, HeaderFields, number]>([
    ['missing', {}, 0],
    ['a number', { age: '7200' }, 7200],
    ['no number', { age: 'abc' }, 0],
    ['negative', { age: '-7200' }, 0],
    ['beyond 31 bits', { age: '2147483649' }, 2 ** 31],
    ['the first of a list', { age: '7200, 0' }, 7200],
    ['the first of a list, be it 0', { age: '0, 7200' }, 0],
    ['the first of two lines', { age: ['0', '7200'] }, 0],
    ['with a parameter', { age: '7200;foo=bar' }, 0],
  ])('%s', (_name, headers, age) => {
    expect(factsOf(headers).ageValue).toBe(age);
  });
});

test.each<[string, HeaderFields, number]>([
  ['as it says', { date: dateAt(-10) }, -10],
  ['missing: the time of receipt', {}, 0],
  ['unreadable: the time of receipt', { date: 'foo' }, 0],
])('Date %s', (_name, headers, offset) => {
  expect(factsOf(headers).dateValue).toBe(NOW + seconds(offset));
});

test('an empty field is no validator', () => {
  expect(validatorIn({ etag: '' }, 'etag')).toBeUndefined();
  expect(validatorIn({ 'last-modified': ' ' }, 'last-modified')).toBeUndefined();
});

test('the facts of one response', () => {
  const headers = { 'cache-control': 'max-age=60', date: dateAt(-5), age: '7', etag: ' "a" ', 'last-modified': 'x' };
  const facts = { dateValue: NOW - 5000, ageValue: 7, etag: '"a"', lastModified: 'x' };
  const directives = { maxAge: 60 };
  expect(readResponseFacts(headers, NOW, { cacheControl: true })).toMatchObject({ ...facts, directives });
  expect(readResponseFacts(headers, NOW, { cacheControl: false })).toEqual({ ...facts, directives: {} });
});
