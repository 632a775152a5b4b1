/** These tests parse structured fields (RFC 9651), whole or not at all. */
import fc from 'fast-check';
import { parseDictionary, parseList, type StructuredValue } from '../../lib/rfc9111/structured-fields.js';

/** What is neither a string nor a boolean, nor an inner list. */
const other = null;

describe('a list', () => {
  test.each<[string, StructuredValue[]]>([
    ['', []],
    ['  ', []],
    ['"a"', ['a']],
    [' "a" ', ['a']],
    ['"a","b"', ['a', 'b']],
    ['"a" \t,\t "b"', ['a', 'b']],
    ['""', ['']],
    [String.raw`"a, \"b\" \\ c"`, [String.raw`a, "b" \ c`]],
    ['"a";p;q=1;*r="x, y";s=?0;t=tok', ['a']],
    ['"a"; p', ['a']],
    ['?1, ?0', [true, false]],
    ['12, -1.5, 999999999999999, token/x:y, *t, :AQI=:, @-1700000000', Array.from({ length: 7 }, () => other)],
    ['%"f%c3%bc"', [other]],
    ['"a%", t%zz, "b"', ['a%', other, 'b']],
    ['("a" "b");p, ()', [['a', 'b'], []]],
    ['( "a"  "b";q=2 )', [['a', 'b']]],
  ])('%j', (field, members) => {
    expect(parseList(field)).toEqual(members);
  });

  test.each([
    ['a comma at the end', '"a",'],
    ['a comma at the beginning', ', "a"'],
    ['two commas', '"a",, "b"'],
    ['no comma', '"a" "b"'],
    ['a string without end', '"a'],
    ['a quote within a string', '"a"b"'],
    ['an escape that is none', String.raw`"\a"`],
    ['a control character', '"a\tb"'],
    ['a character beyond ASCII', '"ü"'],
    ['single quotes', "'a'"],
    ['a parameter without key', '"a";'],
    ['a parameter with a key in capitals', '"a";P'],
    ['a parameter without value', '"a";p='],
    ['space before a parameter', '"a" ;p'],
    ['a number of 16 digits', '1234567890123456'],
    ['a decimal without fraction', '1.'],
    ['a decimal with a long fraction', '1.2345'],
    ['a boolean that is none', '?2'],
    ['bytes without end', ':AQI='],
    ['a date with a fraction', '@1.5'],
    ['a display string in capitals', '%"%C3%BC"'],
    ['a display string that is no UTF-8', '%"%ff"'],
    ['an inner list without end', '("a"'],
    ['an inner list within another', '(("a"))'],
    ['an inner list without spaces', '("a""b")'],
    ['an inner list with commas', '("a","b")'],
    ['a closing parenthesis', '"a")'],
  ])('%s: the whole field counts as absent', (_fault, field) => {
    expect(parseList(field)).toBeUndefined();
    expect(parseDictionary(`a=${field}`)).toBeUndefined();
  });
});

describe('a dictionary', () => {
  test.each<[string, Record<string, StructuredValue>]>([
    ['', {}],
    ['a', { a: true }],
    ['a, b=?0', { a: true, b: false }],
    ['a;p=1, b="x";q', { a: true, b: 'x' }],
    ['a=("x" "y"), *b-1.c_=1', { a: ['x', 'y'], '*b-1.c_': other }],
    ['a="x", b, a="y"', { a: 'y', b: true }],
  ])('%j', (field, members) => {
    expect(parseDictionary(field)).toEqual(new Map(Object.entries(members)));
  });

  test.each(['A', '1a', 'a=', 'a =1', 'a= 1', 'a,', '=1', '"a"'])('%j does not parse', (field) => {
    expect(parseDictionary(field)).toBeUndefined();
  });
});

describe('any text', () => {
  const pieces = [
    '"a"', '"', '\\', ',', ' ', '\t', ';', 'p', '=', '(', ')', '?1', '?', '1', '.', '-', ':', '@', '%"', '%', 'ü', '\0',
  ];
  const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...pieces) }));

  test('is parsed or not, and never throws', () => {
    fc.assert(
      fc.property(anyText, (field) => {
        expect(() => [parseList(field), parseDictionary(field)]).not.toThrow();
      }),
    );
  });

  test('strings come out as they went in', () => {
    const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.array(ascii), (strings) => {
        const escaped = strings.map((each) => each.replaceAll(/["\\]/g, (character) => `\\${character}`));
        const field = escaped.map((each) => `"${each}"`).join(', ');
        expect(parseList(field)).toEqual(strings);
      }),
    );
  });
});
