/** These tests read values and lists (RFC 9110 section 5), and store and update fields (RFC 9111 3.1, 3.2). */
import fc from 'fast-check';
import {
  fieldValue,
  listMembers,
  mergeFields,
  parseTokenList,
  singleValue,
  splitList,
  storableFields,
} from '../../lib/rfc9111/fields.js';

/** The cache of one user. */
const OWN = { shared: false };

describe('fieldValue', () => {
  test.each([
    ['an absent field', undefined, undefined],
    ['an empty field', '', ''],
    ['whitespace around it is no part of it', ' a \t', 'a'],
    ['several lines are one list', ['a', 'b'], 'a, b'],
  ])('%s', (_name, lines, value) => {
    expect(fieldValue(lines === undefined ? {} : { foo: lines }, 'foo')).toBe(value);
  });
});

describe('singleValue', () => {
  test.each([
    ['an absent field', undefined, undefined],
    ['one line', ' a ', 'a'],
    ['the same line twice', ['a', 'a '], 'a'],
    ['different lines', ['a', 'b'], 'a, b'],
  ])('%s', (_name, lines, value) => {
    expect(singleValue(lines === undefined ? {} : { foo: lines }, 'foo')).toBe(value);
  });
});

describe('listMembers', () => {
  test.each([
    ['nothing', '', []],
    ['members without their whitespace', ' a ,\tb', ['a', 'b']],
    ['empty members are left out', ',a,,b, ,', ['a', 'b']],
    ['a comma in a quoted string', 'a="b, c", d', ['a="b, c"', 'd']],
    ['an escaped quote in a quoted string', 'a="b\\", c", d', ['a="b\\", c"', 'd']],
    ['an escaped backslash before the end of it', 'a="\\\\", d', ['a="\\\\"', 'd']],
    ['a quote that never ends hides nothing', 'a="b, c, d', ['a="b', 'c', 'd']],
    ['nor does one after a quoted string', '"a,b", c="d, e', ['"a,b"', 'c="d', 'e']],
  ])('%s', (_name, value, members) => {
    expect(listMembers(value)).toEqual(members);
  });

  test('splitList keeps empty members', () => {
    expect(splitList('a,, b,')).toEqual(['a', '', 'b', '']);
  });

  test('no text makes it throw, and members hold no comma outside quotes', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        for (const member of listMembers(text)) expect(listMembers(member)).toEqual([member]);
      }),
    );
  });
});

test('parseTokenList ignores case', () => {
  expect(parseTokenList('Foo, BAR')).toEqual(['foo', 'bar']);
});

describe('storableFields leaves out', () => {
  const keep = 'response';

  test.each([
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
  ])('section 3.1: %s', (name) => {
    expect(storableFields({ [name]: 'x', foo: 'y' }, {}, keep, OWN)).toEqual({ foo: 'y' });
  });

  test.each([
    ['section 3.1: what Connection lists', { connection: 'Foo, close' }, {}],
    ['section 3.1: what it lists on several lines', { connection: ['close', 'foo'] }, {}],
    ['section 5.2.2.4: what no-cache lists', {}, { noCache: ['foo'] }],
    ['section 5.2.2.7: what private lists', {}, { private: ['foo'] }],
  ])('%s', (_name, headers, directives) => {
    expect(storableFields({ ...headers, foo: 'x', bar: 'y' }, directives, keep, OWN)).toEqual({ bar: 'y' });
  });

  test.each(['set-cookie', 'set-cookie2'])('%s, where nobody but the session gave the lifetime', (name) => {
    const headers = { [name]: ['a=b'], foo: 'y' };
    expect(storableFields(headers, {}, 'session', OWN)).toEqual({ foo: 'y' });
    expect(storableFields(headers, {}, keep, OWN)).toEqual(headers);
    expect(storableFields(headers, {}, keep, { shared: true })).toEqual({ foo: 'y' });
  });

  const decisive = ['age', 'cache-control', 'cache-groups', 'date', 'expires', 'no-vary-search', 'vary'];
  test.each(decisive)('but never %s, on which decisions depend', (name) => {
    const headers = { [name]: 'x' };
    expect(storableFields({ ...headers, connection: name }, { noCache: [name] }, keep, OWN)).toEqual(headers);
  });

  test('nothing for an unqualified no-cache or private', () => {
    expect(storableFields({ foo: 'x' }, { noCache: true, private: true }, keep, OWN)).toEqual({ foo: 'x' });
  });
});

describe('mergeFields (section 3.2)', () => {
  test.each([
    ['a field is replaced', { foo: '1' }, { foo: '2' }, { foo: '2' }],
    ['a field that is only stored stays', { foo: '1' }, {}, { foo: '1' }],
    ['a field that is only new is added', {}, { foo: '2' }, { foo: '2' }],
    ['Content-Type is updated', { 'content-type': 'a/b' }, { 'content-type': 'c/d' }, { 'content-type': 'c/d' }],
    ['Content-Length is not', { 'content-length': '5' }, { 'content-length': '0' }, { 'content-length': '5' }],
    [
      'Content-Encoding is not',
      { 'content-encoding': 'gzip' },
      { 'content-encoding': 'br' },
      { 'content-encoding': 'gzip' },
    ],
    ['Content-Range is not', {}, { 'content-range': 'bytes 0-1/2' }, {}],
    ['fields of the connection are not', {}, { connection: 'foo', foo: '1', te: 'x' }, {}],
    ['nor do they take stored ones away', { foo: '1' }, { connection: 'foo' }, { foo: '1' }],
    ['an Age of the older message is not kept', { age: '50' }, {}, {}],
    ['nor its Date', { date: 'x' }, {}, {}],
    ['newer ones count', { age: '50', date: 'x' }, { age: '0', date: 'y' }, { age: '0', date: 'y' }],
    ['an ETag that matched is kept as it was', { etag: 'W/"a"' }, { etag: '"a"' }, { etag: 'W/"a"' }],
    ['while other fields are updated', { etag: '"a"', foo: '1' }, { etag: '"a"', foo: '2' }, { etag: '"a"', foo: '2' }],
    ['an ETag where there was none is added', {}, { etag: '"a"' }, { etag: '"a"' }],
    ['a Vary where there was none is added', {}, { vary: 'Foo' }, { vary: 'Foo' }],
    ['a Vary that is only stored stays', { vary: 'Foo' }, {}, { vary: 'Foo' }],
    ['a Vary grows, by each name once', { vary: 'Foo' }, { vary: 'Bar, foo, BAR' }, { vary: 'Foo, bar' }],
    ['a Vary does not shrink', { vary: 'Foo, Bar' }, { vary: 'Bar' }, { vary: 'Foo, Bar' }],
  ])('%s', (_name, stored, fresh, merged) => {
    expect(mergeFields(stored, fresh)).toEqual(merged);
  });
});
