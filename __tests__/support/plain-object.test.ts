/** Which objects are bags of named values. */
import { runInNewContext } from 'node:vm';
import { isPlainObject } from '../../lib/support/plain-object.js';

test.each([
  ['a literal', { a: 1 }],
  ['an object without prototype', Object.create(null)],
  ['a literal of another realm', runInNewContext('({ a: 1 })')],
])('%s is one', (_name, value) => {
  expect(isPlainObject(value)).toBe(true);
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'text'],
  ['a function', () => undefined],
  ['a list', []],
  ['a list of another realm', runInNewContext('[]')],
  ['a Map', new Map()],
  ['a Date', new Date(0)],
  ['what a class made', new (class {})()],
])('%s is none', (_name, value) => {
  expect(isPlainObject(value)).toBe(false);
});
