/** Headers handed out without axios' normalising: whatever is done with them, they are what axios makes of the same. */
import { AxiosHeaders, type RawAxiosHeaders } from 'axios';
import fc from 'fast-check';
import {
  headerFields,
  headerForm,
  headerPattern,
  normalHeaders,
  storedHeaders,
} from '../../../lib/axios/native/headers.js';

/** Names of members of an AxiosHeaders or of any object, which are fields none the less. */
const MEMBERS = ['__proto__', 'constructor', 'normalize', 'set', 'get', 'has', 'toString', 'hasOwnProperty', 'getAge'];
const name = fc.oneof(
  fc.stringMatching(/^[a-c]{1,2}(-[a-c])?$/),
  fc.stringMatching(/^[A-Ca-c]{1,2}$/),
  fc.constantFrom('set-cookie', 'Set-Cookie', 'age', 'Age', 'content-type', '1', '20', ...MEMBERS),
);
const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', ' ', ' a', 'a ', '\ta\t', 'a\r\nb: c', '\u00a0a\u00a0', 'a\u0001b', 'é', '\ufeffa', 'a, b'),
);
const value = fc.oneof(text, fc.array(text, { maxLength: 3 }));
/** A field and its value. Older copies of axios take a list of that name for the prototype, and fail. */
const field = fc
  .tuple(name, value)
  .filter(([called, given]) => called !== '__proto__' || typeof given === 'string');
/** What an adapter may give, in its order. */
const raw = fc
  .array(field, { maxLength: 6 })
  .map((pairs) => Object.fromEntries(pairs) as RawAxiosHeaders);

/** All that can be asked of headers, and what becomes of them when they are changed. */
function shown(headers: AxiosHeaders): unknown {
  const own = Object.entries(headers) as [string, string][];
  const asked = own.map(([each]) => [headers.get(each), headers.get(each.toUpperCase()), headers.has(each)]);
  const first = own[0]?.[0] ?? 'none';
  const seen = {
    own,
    asked,
    json: Object.entries(headers.toJSON()),
    strings: Object.entries(headers.toJSON(true)),
    iterated: [...headers],
    text: String(headers),
    tag: Object.prototype.toString.call(headers),
    isOne: headers instanceof AxiosHeaders,
    joined: [...headers.concat({ 'X-New': ' 1 ' })],
    from: AxiosHeaders.from(headers) === headers,
  };
  const changed = [headers.set(first, 'other') === headers, [...headers], headers.delete(first), [...headers]];
  headers.set({ 'X-New': 'a', 'x-old': ['b'] });
  return {
    seen,
    changed,
    added: [...headers],
    again: [...headers.normalize(false)],
    formatted: [...headers.normalize(true)],
  };
}

const asAxios = (given: RawAxiosHeaders): AxiosHeaders => new AxiosHeaders(given).normalize(false);

test('normalHeaders: as axios normalises what the adapter gave, plain or as its own headers', () => {
  fc.assert(
    fc.property(raw, (given) => {
      expect(shown(normalHeaders(headerFields(given)) as AxiosHeaders)).toEqual(shown(asAxios(given)));
      expect(shown(normalHeaders(headerFields(asAxios(given))) as AxiosHeaders)).toEqual(shown(asAxios(given)));
    }),
    { numRuns: 500 },
  );
});

test('storedHeaders: the same with an Age, at the place and in the spelling of the one that was there', () => {
  fc.assert(
    fc.property(raw, fc.nat(), (given, age) => {
      const expected = (): AxiosHeaders => asAxios(given).set('age', String(age));
      const pattern = headerPattern(headerFields(given));
      expect(shown(storedHeaders(pattern, age + 0.5, 'axios') as AxiosHeaders)).toEqual(shown(expected()));
      expect(shown(new AxiosHeaders(storedHeaders(pattern, age, 'plain')))).toEqual(shown(expected()));
    }),
    { numRuns: 500 },
  );
});

test('each caller has lists of its own', () => {
  const named = headerFields({ 'Set-Cookie': ['a=1'] });
  const pattern = headerPattern(named);
  const makers = [
    () => normalHeaders(named),
    () => storedHeaders(pattern, 1, 'axios'),
    () => storedHeaders(pattern, 1, 'plain'),
  ];
  for (const make of makers) {
    for (const _caller of [1, 2]) {
      const headers = make();
      expect(headers['Set-Cookie']).toEqual(['a=1']);
      (headers['Set-Cookie'] as string[]).push('spoilt=1');
    }
  }
});

test('headerForm: axios for the headers of this copy of it, plain for those of another', () => {
  expect(headerForm(new AxiosHeaders())).toBe('axios');
  expect(headerForm({})).toBe('plain');
  expect(headerForm(undefined)).toBe('plain');
});
