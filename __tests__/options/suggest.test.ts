/** What is said of an option that does not exist. */
import { meantWord, suggestName } from '../../lib/options/suggest.js';

test.each([
  ['enabled', ' Did you mean expireAfter? expireAfter: false switches the cache off.'],
  ['onlyIfCached', ' Did you mean mode: "only-if-cached"?'],
  ['ignored_parameters', ' Did you mean ignoredParams?'],
  ['expireAfterr', ' Did you mean expireAfter?'],
  ['EXPIRE-AFTER', ' Did you mean expireAfter?'],
  ['something', ' The options are expireAfter, mode.'],
])('%s:%s', (name, said) => {
  expect(suggestName(name, ['expireAfter', 'mode'])).toBe(said);
});

test.each([
  ['one letter of two', 'ax', 'ab', true],
  ['both letters', 'xy', 'ab', false],
  ['a third of it', 'abxxef', 'abcdef', true],
  ['more than a third', 'abxxxf', 'abcdef', false],
  ['three letters of many', 'abcdefghixyz', 'abcdefghijkl', true],
  ['four letters of many', 'abcdefghwxyz', 'abcdefghijkl', false],
  ['a letter too many', 'abcc', 'abc', true],
  ['a letter too few', 'ab', 'abc', true],
  ['its case', 'ABC', 'abc', true],
  ['a letter of a long text', `${'a'.repeat(39)}b`, 'a'.repeat(40), true],
  ['a letter of a longer one', `${'a'.repeat(40)}b`, 'a'.repeat(41), false],
])('a word may be misspelt by %s', (_name, text, word, isMeant) => {
  expect(meantWord(text, [word])).toBe(isMeant ? word : undefined);
});
