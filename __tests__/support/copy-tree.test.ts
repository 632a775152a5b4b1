/** Copies of JSON data by a plan: equal in every respect to the same text parsed again, and no object is shared. */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { copyableTree, copyOfTree } from '../../lib/support/copy-tree.js';

type Node = Record<string, unknown>;
const isObject = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Every object in `value`, itself included. */
function objectsIn(value: unknown): Node[] {
  const found: Node[] = [];
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (!isObject(next)) continue;
    found.push(next);
    for (const name of Object.keys(next)) open.push(next[name] ?? null);
  }
  return found;
}

/**
 * What of an object tells it from another: its prototype, and its own members in their order, with their attributes.
 */
const shape = (value: Node): unknown => [
  Object.getPrototypeOf(value) === Object.prototype ? 'object' : Array.isArray(value) ? 'list' : 'other',
  Object.isExtensible(value),
  Reflect.ownKeys(value).map((name) => {
    const { value: member, ...attributes } = Object.getOwnPropertyDescriptor(value, name) ?? {};
    return [name, isObject(member) ? 'nested' : Object.is(member, -0) ? '-0' : (member as unknown), attributes];
  }),
];
const shapes = (value: unknown): unknown[] => objectsIn(value).map(shape);

/** Lengths of texts: the first is copied by a plan, the second is so long that none is made but for the tenth copy. */
const LENGTHS = [1000, 10_000_000];

function copied(value: unknown, length: number): unknown {
  const tree = copyableTree(value, length);
  if (tree === undefined) throw new TypeError('not copied');
  return copyOfTree(tree);
}

function expectOwnCopies(text: string): void {
  for (const length of LENGTHS) expectOwnCopiesOf(text, length);
}

function expectOwnCopiesOf(text: string, length: number): void {
  const source: unknown = JSON.parse(text);
  const tree = copyableTree(source, length);
  if (tree === undefined) throw new TypeError('not copied');
  const copies = [copyOfTree(tree), copyOfTree(tree)];
  const expected = shapes(JSON.parse(text));
  // Faster than Jest's own comparison, and by the same rules for all that `shape` gives.
  for (const copy of copies) expect(isDeepStrictEqual(shapes(copy), expected)).toBe(true);
  const objects = [source, ...copies].map(objectsIn);
  expect(new Set(objects.flat()).size).toBe(objects.flat().length);
  // Whoever changes its own changes nobody else's.
  for (const object of objectsIn(copies[0])) for (const name of Object.keys(object)) delete object[name];
  expect(isDeepStrictEqual(shapes(copyOfTree(tree)), expected)).toBe(true);
  for (let made = 3; made < 12; made += 1) expect(isDeepStrictEqual(shapes(copyOfTree(tree)), expected)).toBe(true);
}

const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'length', '0', '7', '4294967295', '-1', '', 'a', 'b'),
  fc.string(),
);
const scalar = fc.oneof(
  fc.constantFrom(null, true, -0, 0, 1e308, 5e-324, 2 ** 53, 'a', ''),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const { tree: json } = fc.letrec<{ tree: unknown; row: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium' },
    scalar,
    fc.array(tie('tree'), { maxLength: 5 }),
    // Rows that are alike, or nearly so.
    fc
      .tuple(tie('row'), fc.nat(4), tie('tree'))
      .map(([row, count, last]) => [...Array<unknown>(count).fill(row), last]),
    fc.array(fc.tuple(name, tie('tree')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
  ),
  row: fc.record({ id: scalar, nested: tie('tree'), list: fc.array(scalar, { maxLength: 2 }) }, { requiredKeys: ['id'] }),
}));

/** -0 as JSON has it, which JSON.stringify does not write. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, each: unknown) => (Object.is(each, -0) ? '-0!' : each)).replaceAll('"-0!"', '-0');

test('copies equal the text parsed again, and share nothing', () => {
  const data = json.filter(isObject);
  fc.assert(fc.property(data, (value) => expectOwnCopies(textOf(value))), { numRuns: 500 });
});

const members = (count: number, value: (at: number) => unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`member ${at % 3 === 0 ? at : -at}`, value(at)]));
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

test.each<[string, string]>([
  ['200 members', JSON.stringify(members(200, (at) => at))],
  ['200 members, some of them nested', JSON.stringify(members(200, (at) => (at % 7 === 0 ? { at: [at] } : at)))],
  ['rows of 200 members', JSON.stringify([members(200, () => ({})), members(200, () => [])])],
  ['names that are numbers, which come first', '{"b":1,"10":{},"2":[],"a":{},"1":1}'],
  ['an own __proto__ that is nested', '{"a":{"__proto__":{"x":[1]}},"__proto__":[2]}'],
  [
    'an own __proto__ among 200 members',
    JSON.stringify(members(200, () => ({}))).replace('{', '{"__proto__":{"x":[1]},'),
  ],
  ['an own __proto__ that is none', '[{"__proto__":1,"a":{}},{"__proto__":null,"a":{}}]'],
  ['names that come twice, of which the last counts', '{"a":{"x":1},"b":2,"a":[3]}'],
  ['rows whose members differ in kind', '[{"a":{}},{"a":[]},{"a":1},{"a":{"b":{}}},{"b":{}}]'],
  ['rows of lists of other lengths', '[[{}],[{},{}],[[]],[1,{}],[]]'],
  ['rows that differ deep down', '[{"a":{"b":{"c":{}}}},{"a":{"b":{"c":[]}}}]'],
  ['500 levels', nested(500)],
])('%s', (_name, text) => {
  expectOwnCopies(text);
});

describe.each(LENGTHS)('of a text of %d characters', (length) => {
  test('what has more levels than a stack may bear is left alone', () => {
    for (const depth of [600, 10_000, 100_000]) {
      const tree = copyableTree(JSON.parse(nested(depth)), length);
      expect(tree && copyOfTree(tree)).toBeUndefined();
    }
  });

  test('what is no object is left alone', () => {
    for (const value of ['text', 1, true, null, undefined]) expect(copyableTree(value, length)).toBeUndefined();
  });

  test('copies of frozen data can be written to', () => {
    const source = { list: Object.freeze([Object.freeze({ a: 1 })]) };
    const copies = objectsIn(copied(Object.freeze(source), length));
    expect(copies.every((each) => !Object.isFrozen(each))).toBe(true);
  });
});
