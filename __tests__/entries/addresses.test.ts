/** Keys as texts and as digests. */
import { createHash } from 'node:crypto';
import { digestOfKey, FORM_NAME, isDigest, textOfResource } from '../../lib/entries/addresses.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

test('each line of a key has a digest of its own, and the method and the URL have one together', () => {
  const digests = [sha256('GET\nhttps://a.test/'), sha256('everybody'), sha256('json')];
  expect(digestOfKey('GET\nhttps://a.test/', ['everybody', 'json'])).toBe(digests.join('.'));
  expect(digestOfKey('GET\nhttps://a.test/', [])).toBe(digests[0]);
});

const ONE = sha256('-');
test.each<[string, string, boolean]>([
  ['one digest', ONE, true],
  ['three digests', [ONE, ONE, ONE].join('.'), true],
  ['the text of a key', 'GET\nhttps://a.test/\neverybody', false],
  ['a text that has digests in it', `GET\n${ONE}`, false],
  ['digests and more', `${ONE}.`, false],
  ['more and a digest', `.${ONE}`, false],
  ['digests that nothing divides', `${ONE}${ONE}`, false],
  ['digests that something else divides', `${ONE}/${ONE}`, false],
  ['a character too few', ONE.slice(1), false],
  ['a second one that is a character short', `${ONE}.${ONE.slice(1)}`, false],
  ['a character that no digest has', `${ONE.slice(1)}+`, false],
  ['a second one with a character that no digest has', `${ONE}.${ONE.slice(1)}+`, false],
  ['nothing', '', false],
])('%s', (_name, key, expected) => {
  expect(isDigest(key)).toBe(expected);
});

test('what is stored of a URL has the same resource, whatever the storage', () => {
  expect(textOfResource('https://a.test/')).toBe('resource\nhttps://a.test/');
});

test('a stored name stays as it is', () => {
  expect(FORM_NAME).toBe('addresses');
});
