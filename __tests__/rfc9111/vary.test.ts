/** These tests select among stored responses (RFC 9111 section 4.1). */
import fc from 'fast-check';
import type { HeaderFields, VaryValues } from '../../lib/rfc9111/model.js';
import {
  isSelectedBy,
  nominatedValues,
  selectMatching,
  variantText,
  variesOnEverything,
  varyNames,
} from '../../lib/rfc9111/vary.js';
import { NOW, requestOf, seconds, storedOf } from './heads.js';

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
    ['none is asked for', '', 'de'],
  ])('does not select a response where %s', (_name, asked, language) => {
    expect(selectMatching(requestOf({ 'accept-language': asked }), [inGerman(language)])).toEqual([]);
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
