/** These tests select among stored responses (RFC 9111 section 4.1). */
import fc from 'fast-check';
import type { FieldSelection, HeaderFields, VaryValues } from '../../lib/rfc9111/model.js';
import {
  isSelectedBy,
  nominatedValues,
  selectingNames,
  selectMatching,
  variantText,
  variesOnEverything,
  varyNames,
  wasSelectedByAll,
} from '../../lib/rfc9111/vary.js';
import { IN_CLEAR, NOW, requestOf, seconds, storedOf } from './heads.js';

const valuesOf = (vary: string | readonly string[], headers: HeaderFields) =>
  nominatedValues(varyNames({ vary }), requestOf(headers));
/** Makes what is stored for a request with `headers`. */
const storedFor = (vary: string | readonly string[], headers: HeaderFields, dateOffset = 0) =>
  storedOf({ date: new Date(NOW + seconds(dateOffset)).toUTCString(), vary }, { vary: valuesOf(vary, headers) });

describe('varyNames', () => {
  test.each<[string, HeaderFields, readonly string[] | '*']>([
    ['an absent field', {}, []],
    ['an empty field', { vary: '' }, []],
    ['names in lower case, sorted, each once', { vary: 'Foo, bar, FOO' }, ['bar', 'foo']],
    ['several lines', { vary: ['Foo', 'Bar'] }, ['bar', 'foo']],
    ['*', { vary: '*' }, '*'],
    ['*, *', { vary: '*, *' }, '*'],
    ['*, * on two lines', { vary: ['*', '*'] }, '*'],
    ['an empty member and *', { vary: ', *' }, '*'],
    ['an empty line and *', { vary: ['', '*'] }, '*'],
    ['* and a name', { vary: '*, Foo' }, '*'],
    ['a name and *', { vary: 'Foo, *' }, '*'],
  ])('%s', (_name, headers, names) => {
    expect(varyNames(headers)).toEqual(names);
  });
});

describe('a request matches', () => {
  test.each<[string, string, HeaderFields, HeaderFields]>([
    ['no Vary', '', { foo: '1' }, { foo: '2' }],
    ['the same value', 'Foo', { foo: '1' }, { foo: '1' }],
    ['other fields are not looked at', 'Foo', { foo: '1', other: '2' }, { foo: '1', other: '3' }],
    ['absent in both', 'Foo', {}, {}],
    ['two of two', 'Foo, Bar', { foo: '1', bar: 'abc' }, { foo: '1', bar: 'abc' }],
    ['lines combined', 'Foo', { foo: '1, 2' }, { foo: ['1', '2'] }],
    ['whitespace around members', 'Foo', { foo: '1,2' }, { foo: ' 1, 2 ' }],
    ['case of languages', 'Accept-Language', { 'accept-language': 'en-US' }, { 'accept-language': 'EN-us' }],
    ['space in languages', 'Accept-Language', { 'accept-language': 'en, de' }, { 'accept-language': ' en ,   de' }],
    ['space in weights', 'Accept-Language', { 'accept-language': 'en;q=0.5' }, { 'accept-language': 'en ; q=0.5' }],
    [
      'order of codings: only their weights have a meaning (RFC 9110 section 12.5.3)',
      'Accept-Encoding',
      { 'accept-encoding': 'gzip, br' },
      { 'accept-encoding': 'BR,gzip' },
    ],
    ['empty members of codings', 'Accept-Encoding', { 'accept-encoding': 'gzip' }, { 'accept-encoding': 'gzip,' }],
    ['case of media types', 'Accept', { accept: 'Text/HTML, */*;q=0.1' }, { accept: 'text/html,*/*;q=0.1' }],
    ['space beside their parameters', 'Accept', { accept: 'a/b ; c=d' }, { accept: 'a/b;c=d' }],
  ])('%s', (_name, vary, first, second) => {
    expect(selectMatching(requestOf(second), [storedFor(vary, first)])).toHaveLength(1);
  });
});

describe('a request does not match', () => {
  test.each<[string, string, HeaderFields, HeaderFields]>([
    ['another value', 'Foo', { foo: '1' }, { foo: '2' }],
    ['a value that is missing now', 'Foo', { foo: '1' }, {}],
    ['a value that was missing', 'Foo', {}, { foo: '1' }],
    ['an empty value that was missing', 'Foo', {}, { foo: '' }],
    ['one of two', 'Foo, Bar', { foo: '1', bar: 'abc' }, { foo: '2', bar: 'abc' }],
    ['case of other fields', 'Foo', { foo: 'a' }, { foo: 'A' }],
    ['order in other fields', 'Foo', { foo: '1, 2' }, { foo: '2, 1' }],
    ['empty members in other fields', 'Foo', { foo: '1,,2' }, { foo: '1,2' }],
    ['space inside a quoted string', 'Foo', { foo: '"a, b"' }, { foo: '"a,b"' }],
    [
      'order of languages, once ignored: some servers read it as priority (RFC 9110 section 12.5.4)',
      'Accept-Language',
      { 'accept-language': 'en, de' },
      { 'accept-language': 'de, en' },
    ],
    ['languages that make one word', 'Accept-Language', { 'accept-language': 'a, b' }, { 'accept-language': 'ab' }],
    ['another media type', 'Accept', { accept: 'a/b' }, { accept: 'a/c' }],
    ['media types that make one word', 'Accept', { accept: 'a/b, c' }, { accept: 'a/bc' }],
    ['parameters that make one word', 'Accept', { accept: 'a/b;c' }, { accept: 'a/bc' }],
    ['space within a quoted parameter', 'Accept', { accept: 'a/b;c="d; e"' }, { accept: 'a/b;c="d;e"' }],
    ['other weights', 'Accept-Language', { 'accept-language': 'en, de' }, { 'accept-language': 'en, de;q=0.5' }],
  ])('%s', (_name, vary, first, second) => {
    expect(selectMatching(requestOf(second), [storedFor(vary, first)])).toEqual([]);
  });
});

describe('a language', () => {
  const inGerman = (language: string) => ({
    ...storedFor('Accept-Language', { 'accept-language': 'en, de' }),
    headers: { vary: 'Accept-Language', 'content-language': language },
  });

  test.each([
    ['the only one', 'de', 'de'],
    ['the most wanted one by its weight', 'fr;q=0.5, de;q=1.0', 'de'],
    ['the most wanted one without a weight', 'de, fr;q=0.9', 'De'],
    ['the most wanted one in another case', 'FR;q=0.5, DE', 'de'],
    ['the most wanted one with space before its weight', 'fr;q=0.5, de ;q=0.9', 'de'],
    ['an unreadable weight, which counts as none', 'de;q=x, fr;q=0.5', 'de'],
    ['a weight with something before it', 'de;xq=0, fr;q=0.5', 'de'],
    ['a weight with something behind it', 'de;q=0.1x, fr;q=0.5', 'de'],
  ])('in which a response is selects it: %s', (_name, asked, language) => {
    const stored = inGerman(language);
    expect(selectMatching(requestOf({ 'accept-language': asked }), [stored])).toEqual([stored]);
  });

  test.each([
    ['another one is wanted more', 'fr, de;q=0.5', 'de'],
    ['another one is wanted as much', 'de, fr', 'de'],
    ['a region of it is wanted', 'de-AT', 'de'],
    ['it is refused', 'de;q=0', 'de'],
    ['the response is in several', 'de', 'de, fr'],
    ['the response names none', 'de', ''],
    ['neither names any', ';q=1', ''],
    ['it has less weight, with space before it', 'de; q=0.1, fr;q=0.5', 'de'],
    ['it has less weight, with space in it', 'de;q =0.1, fr;q=0.5', 'de'],
    ['it has less weight, with space behind it', 'de;q=0.1 ;x, fr;q=0.5', 'de'],
    ['it has less weight, of two digits', 'de;q=0.25, fr;q=0.5', 'de'],
    ['none is asked for', '', 'de'],
  ])('does not select a response where %s', (_name, asked, language) => {
    expect(selectMatching(requestOf({ 'accept-language': asked }), [inGerman(language)])).toEqual([]);
  });

  test('does not make up for another field', () => {
    const stored = {
      ...storedFor('Accept-Language, Foo', { 'accept-language': 'en, de', foo: '1' }),
      headers: { 'content-language': 'de' },
    };
    const selected = ['1', '2'].map((foo) => isSelectedBy(requestOf({ 'accept-language': 'de', foo }), stored));
    expect(selected).toEqual([true, false]);
  });

  test('is not wanted by a request that names none', () => {
    expect(selectMatching(requestOf(), [inGerman('de')])).toEqual([]);
  });
});

describe('values that select', () => {
  const selection: FieldSelection = {
    digest: (value) => `digest of ${value}`,
    isAnswered: (name) => name === 'authorization',
  };

  test('are digests, and null where the request has no such field', () => {
    const request = requestOf({ foo: '1' }, 'GET', {}, selection);
    expect(nominatedValues(['bar', 'foo'], request)).toEqual([['bar', null], ['foo', 'digest of 1']]);
  });

  test('leave out what the key of the entry tells already', () => {
    const request = requestOf({ authorization: 'x', foo: '1' }, 'GET', {}, selection);
    expect(nominatedValues(['authorization', 'foo'], request)).toEqual([['foo', 'digest of 1']]);
  });
});

describe('a response whose Vary nobody could see', () => {
  const names = selectingNames({ headers: {}, hidesVary: true });
  const byAll = (headers: HeaderFields, ignoreVary: readonly string[] = [], selection = IN_CLEAR): VaryValues =>
    nominatedValues(names, requestOf(headers, 'GET', { ignoreVary }, selection));

  test('is selected by all fields of the request together, in any order and form', () => {
    expect(byAll({ b: '1, 2', a: 'x' })).toEqual([['**', '[["a","x"],["b","1,2"]]']]);
    expect(byAll({ b: '1,2', a: ' x' })).toEqual(byAll({ a: 'x', b: '1, 2' }));
  });

  test('is selected by none that the request ignores, nor by what its key tells already', () => {
    expect(byAll({ a: 'x', b: '1' }, ['b'])).toEqual(byAll({ a: 'x' }));
    const isAnswered = (name: string): boolean => name === 'b';
    expect(byAll({ a: 'x', b: '1' }, [], { ...IN_CLEAR, isAnswered })).toEqual(byAll({ a: 'x' }));
  });

  test('is told from others once it is stored', () => {
    expect([byAll({ a: 'x' }), valuesOf('Foo', {}), []].map(wasSelectedByAll)).toEqual([true, false, false]);
    const stored = storedOf({}, { vary: byAll({ a: 'x' }) });
    expect(['x', 'y'].map((a) => isSelectedBy(requestOf({ a }), stored))).toEqual([true, false]);
  });

  test('is selected as any other where Vary is seen all the same, or would have been', () => {
    expect(selectingNames({ headers: { vary: 'Foo' }, hidesVary: true })).toEqual(['foo']);
    expect(selectingNames({ headers: {}, hidesVary: false })).toEqual([]);
  });
});

describe('selectMatching', () => {
  const older = storedFor('Foo', { foo: '1' }, -10);
  const newer = storedFor('', {}, -5);
  const star = storedFor('*', {}, 0);
  const other = storedFor('Foo', { foo: '2' }, 0);

  test('newest first by Date, and only after them what varies on everything', () => {
    expect(selectMatching(requestOf({ foo: '1' }), [star, older, other, newer])).toEqual([newer, older, star]);
  });

  test('of one Date, the one received last', () => {
    const again = { ...older, responseTime: NOW + 1 };
    expect(selectMatching(requestOf({ foo: '1' }), [older, again])).toEqual([again, older]);
    expect(selectMatching(requestOf({ foo: '1' }), [again, older])).toEqual([again, older]);
  });

  test('leaves the list it was given as it is', () => {
    const list = Object.freeze([older, newer]);
    expect(selectMatching(requestOf({ foo: '1' }), list)).toEqual([newer, older]);
    expect(list).toEqual([older, newer]);
  });
});

test('variesOnEverything', () => {
  const request = requestOf();
  const stored = [storedFor('*', {}), storedFor('Foo', {}), storedFor('', {})];
  expect(stored.map((each) => variesOnEverything(request, each))).toEqual([true, false, false]);
});

describe('fields that a request ignores', () => {
  const [star, both] = [storedFor('*', {}), storedFor('Foo, Bar', { foo: '1', bar: '2' })];

  test.each<readonly [string, readonly string[] | true, boolean]>([
    ['none', [], false],
    ['the one that differs', ['foo'], true],
    ['the other one', ['bar'], false],
    ['all', true, true],
  ])('%s', (_name, ignoreVary, isSelected) => {
    expect(isSelectedBy(requestOf({ foo: '9', bar: '2' }, 'GET', { ignoreVary }), both)).toBe(isSelected);
  });

  test('Vary: * is ignored where all is, or where it is listed', () => {
    const settings = [[], ['foo'], ['*'], true] as const;
    const told = settings.map((ignoreVary) => variesOnEverything(requestOf({}, 'GET', { ignoreVary }), star));
    expect(told).toEqual([true, true, false, false]);
  });

  test('do not name a variant', () => {
    const ignoring = requestOf({}, 'GET', { ignoreVary: ['foo'] });
    const texts = ['1', '9'].map((foo) => variantText([['bar', '2'], ['foo', foo]], ignoring));
    expect(texts[0]).toBe(texts[1]);
    expect(variantText([['foo', '1']], ignoring)).toBe('');
  });
});

test('variantText names equal variants equally and different ones differently', () => {
  const textOf = (vary: VaryValues): string => variantText(vary, requestOf());
  expect(textOf([])).toBe('');
  expect(textOf(valuesOf('Foo, Bar', { foo: '1' }))).toBe(textOf(valuesOf('bar,foo', { foo: ' 1' })));
  const texts = [{}, { foo: '' }, { foo: 'null' }, { foo: '1' }].map((headers) =>
    textOf(valuesOf('Foo', headers)),
  );
  expect(new Set(texts).size).toBe(4);
});

test('neither the order of names nor whitespace matters', () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
  const values = fc.array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { minLength: 1, maxLength: 4 });
  const space = fc.constantFrom('', ' ', '\t ');
  fc.assert(
    fc.property(names, values, space, (fields, members, gap) => {
      const tidy = Object.fromEntries(fields.map((name) => [name, members.join(',')]));
      const untidy = Object.fromEntries(fields.map((name) => [name, `${gap}${members.join(`${gap}, `)}${gap}`]));
      const reversed = [...fields].reverse().join(`${gap},`);
      expect(valuesOf(fields.join(', '), tidy)).toEqual(valuesOf(reversed, untidy));
    }),
  );
});
