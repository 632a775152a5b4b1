/** Structured fields: what a serialiser writes is read back, and nothing else breaks the reader. */
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { parseDictionary, parseList, type StructuredValue } from '../../../lib/rfc9111/structured-fields.js';
import { textNear } from '../mutate.js';
import { target } from '../target.js';

/** A bare item as a field has it, and what the reader makes of it. */
type Written = readonly [text: string, value: StructuredValue];

const ascii = fc.string({ unit: fc.constantFrom(...' !#abz,;()=?:%@*"\\'), maxLength: 8 });
const bareItem: fc.Arbitrary<Written> = fc.oneof(
  ascii.map((text): Written => [`"${text.replaceAll(/["\\]/g, '\\$&')}"`, text]),
  fc.boolean().map((value): Written => [value ? '?1' : '?0', value]),
  fc.integer({ min: -999_999, max: 999_999 }).map((value): Written => [String(value), null]),
  fc.constantFrom<Written>(['token', null], ['*a/b:c', null], [':aGk=:', null], ['@1659578233', null], ['1.5', null],
    ['%"f%c3%bc"', null]),
);
const parameters = fc.constantFrom('', ';a', ';a=1', '; b="x;,"', ';c=?0;d=(', ';e=tok/en').filter((text) => !text.includes('('));
const item: fc.Arbitrary<Written> = fc.tuple(bareItem, parameters).map(([[text, value], added]) => [text + added, value]);
const innerList: fc.Arbitrary<Written> = fc
  .tuple(fc.array(item, { maxLength: 3 }), parameters)
  .map(([items, added]) => [`(${items.map(([text]) => text).join(' ')})${added}`, items.map(([, value]) => value)]);
const member = fc.oneof({ weight: 3, arbitrary: item }, { weight: 1, arbitrary: innerList });
const separator = fc.constantFrom(',', ', ', ' ,\t');
const key = fc.constantFrom('a', 'b', '*c', 'key-order', 'params', 'except', 'a.b_c-1*');

const LISTS = ['"a", "b"', '"a";x=1, ("b" "c");y', 'params=("a" "b"), except=("c")', 'a=?0, b;c=1, *d="x"', '?1, 1.5, @1', '%"f%c3%bc"'];
const field = textNear(LISTS, ['"', '\\"', '?1', ';a=', '()', '%"']);

type Input =
  | { readonly kind: 'list'; readonly members: readonly Written[]; readonly between: string }
  | { readonly kind: 'dictionary'; readonly pairs: readonly (readonly [string, Written])[]; readonly between: string }
  | { readonly kind: 'near'; readonly text: string };

export const structuredFields = target<Input>({
  name: 'structured fields',
  inputs: fc.oneof(
    fc.record({ kind: fc.constant('list' as const), members: fc.array(member, { maxLength: 4 }), between: separator }),
    fc.record({
      kind: fc.constant('dictionary' as const),
      pairs: fc.array(fc.tuple(key, member), { maxLength: 4 }),
      between: separator,
    }),
    fc.record({ kind: fc.constant('near' as const), text: field }),
  ),
  faultOf(input) {
    if (input.kind === 'near') {
      parseList(input.text);
      parseDictionary(input.text);
      return undefined;
    }
    if (input.kind === 'list') {
      const text = input.members.map(([each]) => each).join(input.between);
      const isRead = isDeepStrictEqual(parseList(text), input.members.map(([, value]) => value));
      return isRead ? undefined : `the list ${text} is read as ${JSON.stringify(parseList(text))}`;
    }
    const text = input.pairs.map(([name, [value]]) => `${name}=${value}`).join(input.between);
    const meant = new Map(input.pairs.map(([name, [, value]]) => [name, value]));
    const read = parseDictionary(text);
    const isRead = read !== undefined && isDeepStrictEqual(Object.fromEntries(read), Object.fromEntries(meant));
    return isRead ? undefined : `the dictionary ${text} is read as ${JSON.stringify([...(read ?? [])])}`;
  },
  read(text) {
    parseList(text);
    parseDictionary(text);
  },
  parts: ['"a",', '"a" ', '(', '("a" ', ';a', ';a=1', '\\', '"\\"', 'a=', 'a;b=1,', '%"%c3', '0', ':a', ' ', ',\t', '?1,'],
});
