/** How wrong values are shown: briefly, and without what is in them. */
import { showValue } from '../../lib/options/faults.js';

const unreadable = new Proxy({}, { get: () => { throw new Error('no member'); } });

test.each([
  ['a text of 60 characters', 'x'.repeat(60), `"${'x'.repeat(60)}"`],
  ['a longer one', 'x'.repeat(61), `"${'x'.repeat(60)}…"`],
  ['a list', ['secret'], 'a list'],
  ['an object', { secret: 1 }, 'an object'],
  ['an object of a class', new Map(), 'an object of class Map'],
  ['what throws', unreadable, 'what cannot be read'],
  ['nothing', undefined, 'undefined'],
])('%s', (_name, value, shown) => {
  expect(showValue(value)).toBe(shown);
});
