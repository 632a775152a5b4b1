/** Headers that are handed out as normal: to whoever has them they are what axios would have made of them. */
import { AxiosHeaders } from 'axios';
import fc from 'fast-check';
import {
  copyHeaders, headerFields, headerForm, headerPattern, normalHeaders, storedHeaders,
} from '../../../lib/axios/native/headers.js';

/** What axios makes of an adapter's headers on their way to the caller. */
const byAxios = (headers: object): AxiosHeaders => AxiosHeaders.from({ ...headers }).normalize(false);
const shown = (headers: unknown): Record<string, unknown> => ({ ...(headers as object) });

const NAMES = [
  'content-type',
  'X-Mixed-Case',
  'etag',
  '__proto__',
  'constructor',
  'normalize',
  'set',
  'get',
  'has',
  'toJSON',
  'x',
];
const name = fc.constantFrom(...NAMES);
const value = fc.oneof(
  fc.constantFrom(
    'text/plain',
    '',
    ' spaced ',
    '\ttabbed',
    'a, b',
    'ünïcode',
    'with\u00a0nbsp\u00a0',
    'semi; colon="x"',
  ),
  fc.string({ maxLength: 12 }),
);
const headers = fc
  .uniqueArray(fc.tuple(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 3 }))), {
    selector: ([each]) => each.toLowerCase(),
    maxLength: 6,
  })
  .map((pairs) => Object.fromEntries(pairs.filter(([each]) => each !== '__proto__')));

test('they have the members that axios would have given them', () => {
  fc.assert(
    fc.property(headers, (given) => {
      expect(shown(normalHeaders(headerFields(given)))).toEqual(shown(byAxios(given)));
    }),
    { numRuns: 1000 },
  );
});

test('those of what is stored are the same, with an age of their own', () => {
  fc.assert(
    fc.property(headers, fc.nat(1000), (given, age) => {
      const pattern = headerPattern(headerFields(given));
      const expected = byAxios(given);
      expected.set('age', String(age));
      for (const form of ['axios', 'plain'] as const)
        expect(shown(storedHeaders(pattern, age + 0.7, form))).toEqual(shown(expected));
    }),
  );
});

describe('to their caller they are an AxiosHeaders', () => {
  const made = (): AxiosHeaders =>
    normalHeaders(
      headerFields({ 'Content-Type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] }),
    ) as unknown as AxiosHeaders;

  test('by class, by name and by its methods', () => {
    const own = made();
    expect(own).toBeInstanceOf(AxiosHeaders);
    expect(own.constructor).toBe(AxiosHeaders);
    expect([own.get('content-type'), own.has('CONTENT-TYPE'), own.getSetCookie?.() ?? own.get('set-cookie')]).toEqual([
      'text/plain', true, ['a=1', 'b=2'],
    ]);
    own.set('X-Own', '1').delete('content-type');
    expect(own.toJSON()).toEqual({ 'set-cookie': ['a=1', 'b=2'], 'X-Own': '1' });
    expect(Object.fromEntries([...own])).toEqual({ 'set-cookie': ['a=1', 'b=2'], 'X-Own': '1' });
    expect(own.concat({ y: '2' })).toBeInstanceOf(AxiosHeaders);
  });

  test('a field of the name of a method hides no method', () => {
    const own = made();
    own.set('normalize', 'field').set('constructor', 'field');
    expect(typeof own.normalize).toBe('function');
    expect([own.get('normalize'), own.get('constructor')]).toEqual(['field', 'field']);
    expect(own.normalize(false)).toBe(own);
  });

  test('asked for a format it formats', () => {
    const own = made();
    expect(Object.keys(shown(own.set('x-lower', '1').normalize(true)))).toContain('X-Lower');
  });

  test('lists are the caller’s own', () => {
    const pattern = headerPattern(headerFields({ 'set-cookie': ['a=1'] }));
    (storedHeaders(pattern, 0, 'axios')['set-cookie'] as string[]).push('b=2');
    expect(storedHeaders(pattern, 0, 'axios')['set-cookie']).toEqual(['a=1']);
  });
});

test('a config of another copy of axios is given plain objects', () => {
  class OtherHeaders {}
  expect([headerForm(new OtherHeaders()), headerForm({}), headerForm(new AxiosHeaders())]).toEqual([
    'plain',
    'plain',
    'axios',
  ]);
});

test('a copy is another object, with what was taken away still taken away', () => {
  const given = new AxiosHeaders({ Accept: 'text/plain' }).set('X-Off', false);
  const copy = copyHeaders(given);
  copy.set('Accept', 'text/html');
  expect([given.get('Accept'), copy.get('X-Off')]).toEqual(['text/plain', false]);
});
