/** Entries that go from one storage to another: who finds them there, and under which key. */
import { digestOfKey, textOfResource } from '../../lib/entries/addresses.js';
import { digested, isForAnybody, isOfThisProcess, undigested } from '../../lib/entries/moved.js';
import { groupTag, searchTag, userTag } from '../../lib/entries/tags.js';
import { hashAddress } from '../../lib/support/digest.js';
import { entryOf } from '../support/entry.js';
import { HEAD } from './sample.js';

const { url, method } = HEAD;
const START = `${method}\n${url}`;
const keyOf = (...lines: readonly string[]): string => [START, ...lines].join('\n');
const same = (text: string): string => text;

describe('for anybody', () => {
  const open = { url, vary: [] };
  test.each<[string, readonly string[], Partial<typeof HEAD>, boolean]>([
    ['a request without credentials', ['credentials'], {}, true],
    ['a request of everybody', ['everybody'], {}, true],
    ['a field that the request did not have', ['everybody'], { vary: [['accept', null]] }, true],
    ['a user', ['credentials authorization=digest'], {}, false],
    ['a key without a user', [], {}, false],
    ['more than the user in the key', ['everybody', 'json'], {}, false],
    ['a value that was digested with a secret', ['everybody'], { vary: [['a', null], ['b', 'digest']] }, false],
    ['a URL with what must not be shown', ['everybody'], { url: 'http://api.test/?token=***' }, false],
  ])('%s', (_name, lines, head, expected) => {
    expect(isForAnybody(keyOf(...lines), { ...open, ...head })).toBe(expected);
    expect(isForAnybody(digestOfKey(START, lines), { ...open, ...head })).toBe(expected);
  });
});

test.each([
  ['an object that a number names', 'credentials;cookieJar=7.12', true],
  ['a name with more than one character', 'credentials;jar=12.3', true],
  ['a text', 'credentials;a=b', false],
  ['a whole number', 'credentials;a=7', false],
  ['a number of no object', '7.12', false],
  ['an object without a name', 'credentials;=7.12', false],
])('the user in a key may be %s', (_name, user, expected) => {
  expect(isOfThisProcess(keyOf(user))).toBe(expected);
});

test('what looks like an object outside the user’s line, and a key that has no such line, name none', () => {
  expect(isOfThisProcess(`GET\nhttp://api.test/;a=7.12\neverybody`)).toBe(false);
  expect(isOfThisProcess('GET')).toBe(false);
});

describe('digests in the place of texts', () => {
  const text = entryOf({
    key: keyOf('everybody', 'json'),
    resource: textOfResource(url),
    tags: [userTag('a b'), userTag('\u0000x y'), groupTag(url, 'g', same), searchTag(url, same)],
    head: 'head',
  });

  test('are those that sessions on other storages make', () => {
    expect(digested(text)).toEqual({
      ...text,
      key: digestOfKey(START, ['everybody', 'json']),
      resource: hashAddress(textOfResource(url)),
      tags: ['a b', userTag('\u0000x y'), groupTag(url, 'g', hashAddress), searchTag(url, hashAddress)],
    });
  });

  test('even of keys that are odd', () => {
    expect(digested(entryOf({ key: '' })).key).toBe(digestOfKey('\n', []));
  });
});

describe('texts in the place of digests', () => {
  const moved = (given: Parameters<typeof entryOf>[0] = {}) => {
    const resource = textOfResource(url);
    const text = entryOf({ key: keyOf('everybody'), resource, tags: ['a'], head: 'head', ...given });
    return { text, back: undigested(digested(text), HEAD) };
  };

  test.each(['everybody', 'credentials'])('are what they were for %s', (user) => {
    const { text, back } = moved({ key: keyOf(user) });
    expect(back).toEqual(text);
  });

  test.each<[string, Parameters<typeof entryOf>[0]]>([
    ['another URL', { key: `GET\nhttp://api.test/other\neverybody` }],
    ['another method', { key: `HEAD\n${url}\neverybody` }],
    ['another resource', { resource: textOfResource('http://api.test/other') }],
    ['a tag of the cache’s own among others', { tags: ['a', groupTag(url, 'g', same)] }],
  ])('cannot be told of %s', (_name, given) => {
    expect(moved(given).back).toBeUndefined();
  });
});
