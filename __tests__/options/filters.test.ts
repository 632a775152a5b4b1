/** Which entries are meant: by the option `invalidates`, and by `http.cache`. */
import { Faults } from '../../lib/options/faults.js';
import { anyFilter, filter, rules } from '../../lib/options/filters.js';

const NOW = Date.UTC(2030, 0, 1);
const optionError = (option: string, message: string): Error =>
  expect.objectContaining({
    code: 'ERR_CACHE_OPTION',
    option,
    message: expect.stringContaining(message) as string,
  }) as Error;
const set = (parsed: object): object =>
  Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined));

test('a text is a URL', () => {
  expect(set(filter('/users', 'x'))).toEqual({ url: '/users' });
});

test('one condition is enough', () => {
  expect(set(filter({ tag: 't' }, 'x'))).toEqual({ tag: 't' });
});

test('each condition is read, and what is null or undefined is none', () => {
  const given = { url: '/a', tag: 't', key: 'k', method: 'get', partition: 'p', stale: true, unreadable: false };
  const parsed = anyFilter({ ...given, pattern: 'a.test/*', olderThan: null }, 'x');
  expect(set(parsed)).toEqual({ ...given, method: 'GET', pattern: expect.anything() as unknown });
  expect(set(anyFilter({ url: undefined, tag: null }, 'x'))).toEqual({});
  expect(set(anyFilter(undefined, 'x'))).toEqual({});
});

test('older than a duration is so by the clock, and than a date always', () => {
  const before = (olderThan: unknown): number | undefined => anyFilter({ olderThan }, 'x').olderThan?.(NOW);
  expect(before('2h')).toBe(NOW - 7_200_000);
  expect(before(5)).toBe(NOW - 5000);
  expect(before(new Date(NOW - 7))).toBe(NOW - 7);
  expect(() => before(new Date(NaN))).toThrow(optionError('x.olderThan', 'an invalid Date is not a duration'));
});

test.each<[string, unknown, string, string]>([
  ['a list', ['/a'], 'x', 'a URL, { url }, { pattern }, { tag } or a function'],
  ['nothing', undefined, 'x', 'a URL, { url }, { pattern }, { tag } or a function'],
  ['no condition', {}, 'x', 'has no condition, and would mean everything: for that there is cache.clear().'],
  ['conditions that are none', { url: undefined, tag: null }, 'x', 'has no condition'],
  ['an unknown condition', { url: '/a', tags: ['t'] }, 'x', 'x.tags is no condition. There are url, pattern, tag, key'],
  ['an inherited condition', { toString: 1 }, 'x', 'x.toString is no condition'],
  ['a tag that is no text', { tag: 7 }, 'x.tag', 'x.tag'],
  ['an empty URL', '', 'x', 'x'],
])('what is changed is not chosen by %s', (_name, value, option, message) => {
  expect(() => filter(value, 'x')).toThrow(optionError(option, message));
});

test.each([null, 7, 'text', ['/a']])('what is shown is not chosen by %p', (value) => {
  expect(() => anyFilter(value, 'x')).toThrow(
    optionError('x', 'a filter such as { url: "/users" } or { tag: "users" }'),
  );
});

test('rules are one or several, and a function is one as it is', () => {
  const faults = new Faults();
  const ofChange = (): string => '/b';
  expect(rules(ofChange, 'x', faults)).toEqual([ofChange]);
  expect(rules(['/a', ofChange], 'x', faults)).toEqual([expect.objectContaining({ url: '/a' }), ofChange]);
  expect(() => { faults.raise(); }).not.toThrow();
});

test('of several rules all that are wrong are told', () => {
  const faults = new Faults();
  expect(rules([7, '/a', {}], 'x', faults)).toEqual([expect.objectContaining({ url: '/a' })]);
  expect(() => { faults.raise(); }).toThrow(optionError('x[0]', '2 options are wrong'));
  expect(() => { faults.raise(); }).toThrow('- x[2] has no condition');
});
