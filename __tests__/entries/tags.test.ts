/** Tags in storage: users' and ours never meet, and users see their own as they gave them. */
import fc from 'fast-check';
import { groupTag, isSearchTag, isUserTag, searchTag, shownTags, userTag } from '../../lib/entries/tags.js';

const same = (text: string): string => text;
const tag = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string().map((text) => `\u0000${text}`),
  fc.constantFrom('\u0000tag ', '\u0000tag a', groupTag('https://a.test', 'a', same), userTag('\u0000')),
);

test('a user’s tag is that, whatever it is, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(tag), (tags) => {
      const stored = tags.map(userTag);
      expect(stored.every(isUserTag)).toBe(true);
      expect(stored.some(isSearchTag)).toBe(false);
      const ours = [groupTag('https://a.test', 'a', same), searchTag('https://a.test/', same)];
      expect(shownTags([...stored, ...ours])).toEqual(tags);
    }),
  );
});

test('no two tags of users become one', () => {
  fc.assert(fc.property(tag, tag, (one, other) => (userTag(one) === userTag(other)) === (one === other)));
});

test('a group is another one in another origin, and wherever a name could run into the origin', () => {
  const tags = [
    ['https://a.test', 'a'],
    ['https://a.test', 'A'],
    ['https://b.test', 'a'],
    ['https://a.test","a', ''],
    ['https://a.test', '","a'],
  ].map(([origin = '', group = '']) => groupTag(origin, group, same));
  expect(new Set(tags).size).toBe(tags.length);
});

test('of a group nothing shows but what stands for it', () => {
  expect(groupTag('https://a.test', 'secret', () => 'digest')).toBe('\u0000group digest');
});

test('a search is told from other tags, and shows nothing but what stands for its path', () => {
  expect(searchTag('https://a.test/', () => 'digest')).toBe('\u0000search digest');
  expect(searchTag('https://a.test/', same)).toBe('\u0000search search\nhttps://a.test/');
  expect(isSearchTag(searchTag('https://a.test/', same))).toBe(true);
  expect(isSearchTag(groupTag('https://a.test', 'a', same))).toBe(false);
});

test('a tag is stored as it was given, unless it begins as one of the cache’s own', () => {
  expect(['users', 'a\u0000', '\u0000a'].map(userTag)).toEqual(['users', 'a\u0000', '\u0000tag \u0000a']);
  expect(isUserTag('a\u0000tag ')).toBe(true);
});
