/** Copies of JSON data: each is what parsing the text again would give, and nobody else's. */
import fc from 'fast-check';
import { copyableTree, type CopyableTree, copyOfTree } from '../../lib/support/copy-tree.js';

const parse = (text: string): unknown => JSON.parse(text);

function treeOf(value: unknown): CopyableTree {
  const tree = copyableTree(value);
  if (tree === undefined) throw new TypeError('nothing that is copied');
  return tree;
}

/** Every object in `value`, however deep. */
function objectsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  for (const member of Object.values(value)) objectsIn(member, found);
  return found;
}

const LARGE = Object.fromEntries(
  Array.from({ length: 300 }, (_, index) => [`member ${index}`, index % 3 === 0 ? [index] : index]),
);

const ROWS: [string, string][] = [
  ['a flat object', '{"a":1,"b":"two","c":null,"d":true}'],
  ['a flat list', '[1,"two",null,false]'],
  ['an empty object and an empty list', '{"o":{},"l":[]}'],
  ['rows of one shape', '[{"id":1,"tags":["a"]},{"id":2,"tags":["b","c"]}]'],
  ['rows of flat objects', '[{"a":1},{"a":2}]'],
  ['rows of lists', '[[1,2],[3]]'],
  ['rows that differ in the middle', '[{"a":[1]},{"a":[1]},{"b":[1]},{"a":2}]'],
  ['objects among primitives', '[1,{"a":1},"two",[{"b":{}}]]'],
  ['names whose order is that of numbers', '{"b":{"x":1},"2":{"y":2},"1":3}'],
  ['a member named __proto__', '{"__proto__":{"polluted":true},"a":1}'],
  ['a member named __proto__ that is flat', '{"__proto__":5,"a":[1]}'],
  ['many members', JSON.stringify(LARGE)],
  ['deep nesting', '['.repeat(400) + '1' + ']'.repeat(400)],
];

test.each(ROWS)('%s', (_what, text) => {
  const tree = treeOf(parse(text));
  const [one, other] = [copyOfTree(tree), copyOfTree(tree)];
  expect(one).toStrictEqual(parse(text));
  // Members stand in their order, too.
  expect(JSON.stringify(one)).toBe(JSON.stringify(parse(text)));
  expect(Object.getPrototypeOf(one)).toBe(Object.getPrototypeOf(parse(text)));
  const shared = [...objectsIn(one)].filter(
    (object) => objectsIn(other).has(object) || objectsIn(tree.value).has(object),
  );
  expect(shared).toEqual([]);
});

test('a copy is like what was parsed, and its own, for any JSON', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const tree = copyableTree(parse(text));
      if (tree === undefined) return typeof parse(text) !== 'object' || parse(text) === null;
      const copy = copyOfTree(tree);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(parse(text)));
      const originals = objectsIn(tree.value);
      return [...objectsIn(copy)].every((object) => !originals.has(object));
    }),
    { numRuns: 500 },
  );
});

test('primitives, and what is nested more deeply than a call stack should go, are left alone', () => {
  for (const value of [null, 1, 'text', true]) expect(copyableTree(value)).toBeUndefined();
  const text = '['.repeat(5000) + ']'.repeat(5000);
  expect(copyableTree(parse(text))).toBeUndefined();
});

test('a copy of frozen data can be written to', () => {
  const tree = treeOf(Object.freeze({ list: Object.freeze([1]), object: Object.freeze({ a: 1 }) }));
  const copy = copyOfTree(tree) as { list: number[]; object: { a: number } };
  copy.list.push(2);
  copy.object.a = 2;
  expect(copy).toEqual({ list: [1, 2], object: { a: 2 } });
});
