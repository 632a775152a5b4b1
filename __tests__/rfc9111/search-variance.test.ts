/** These tests say what No-Vary-Search means, and what is left of a query. */
import fc from 'fast-check';
import { searchVarianceOf, simplifyQuery } from '../../lib/rfc9111/search-variance.js';

const varianceOf = (field: string | string[]) => searchVarianceOf({ 'no-vary-search': field });

test.each<[string | string[], string, string]>([
  ['params', 'a=1&b=2', ''],
  ['params=?1', 'a=1&b=2', ''],
  ['params, except=("b")', 'a=1&b=2&b=3&c', 'b=2&b=3'],
  ['params, except=()', 'a=1', ''],
  ['params=("a")', 'a=1&b=2&a=3&A=4', 'b=2&A=4'],
  ['key-order, params=("a")', 'b=2&a=1', 'b=2'],
  [['key-order', 'params=("a")'], 'a=1&b=2', 'b=2'],
  ['params=("a" "c";x);y, other=1', 'a=1&b=2&c', 'b=2'],
  ['params=("%C3%A9+%E6%B0%97")', '%C3%A9%20%E6%B0%97=1&%C3%A9+%E6%B0%97=2&b', 'b'],
  ['params=("a&b" "c=d")', 'a%26b=1&c%3Dd=2&a=3&c=4', 'a=3&c=4'],
  ['params=("%ff&a")', '%ff%26a=1&%ff=2&%fe&b', '%ff=2&%fe&b'],
  ['params=("list[]")', 'list%5B%5D=1&list=2', 'list=2'],
  ['params=("a")', '', ''],
])('%j: %s becomes %j', (field, query, left) => {
  const variance = varianceOf(field);
  expect(variance && simplifyQuery(query, variance)).toBe(left);
});

test.each([
  '', 'unknown-key', 'key-order', 'key-order=?0', 'key-order="no"',
  'params=?0', 'params=()', 'params="a"', 'params=a', 'params=(a)',
  'params=("a"), except=("x")', 'params=(), except=()', 'params=?0, except=("x")', 'params, except=(a)',
  'params, except="a"', 'params, except=?1', 'except=("x")', 'params, key-order=1', 'params=("a"', 'params,',
])('%j: every parameter matters', (field) => {
  expect(varianceOf(field)).toBeUndefined();
});

test('without the field every parameter matters', () => {
  expect(searchVarianceOf({})).toBeUndefined();
});

test('its text tells variances apart, however they are spelt', () => {
  const fields = ['params', 'params=("a")', 'params, except=("a")', 'params=("a" "b")'];
  const texts = fields.map((field) => varianceOf(field)?.text);
  expect(new Set(texts).size).toBe(4);
  expect(varianceOf('params, except=()')?.text).toBe(texts[0]);
  expect(varianceOf('key-order, params=("b"  "a" "b")')?.text).toBe(texts[3]);
});

test('no text makes it throw, and what is left is of the query', () => {
  const names = fc.constantFrom('params', 'except', '=', '("a")', '(', '"%zz"', ', ', 'a', '?1', ';');
  const field = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: names }), fc.constant('params=("a" "%ff")'));
  const unit = fc.constantFrom('a', 'b', '=', '&', '%', '%ff', '+', '%26');
  fc.assert(
    fc.property(field, fc.string({ unit }), (text, query) => {
      const variance = varianceOf(text);
      const left = variance === undefined ? query : simplifyQuery(query, variance);
      const given = query.split('&');
      expect(left === '' ? [] : left.split('&').filter((each) => !given.includes(each))).toEqual([]);
    }),
  );
});

test('it says whether the names are those that matter, or those that do not', () => {
  expect(varianceOf('params=("a" "b")')).toMatchObject({ kind: 'all-but', names: new Set(['a', 'b']) });
  expect(varianceOf('params, except=("a")')).toMatchObject({ kind: 'none-but', names: new Set(['a']) });
});
