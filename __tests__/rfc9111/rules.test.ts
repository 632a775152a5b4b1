/** These tests see that each reason says which rule stands behind it, and what it means in words of its own. */
import { REASONS, UNSTORED } from '../../lib/rfc9111/rules.js';

const RULE = /^(?:RFC \d{4} section \d+(?:\.\d+)*|the Fetch standard, .+|the option \w+|cache\.\w+\(\))$/;

test.each(Object.entries(REASONS))('%s', (_reason, [rule, because]) => {
  expect(rule).toMatch(RULE);
  expect(because).toMatch(/^[a-z].+[^.]$/);
});

test('no two reasons have the same words', () => {
  const words = [...Object.values(REASONS).map(([, because]) => because), ...Object.values(UNSTORED)];
  expect(new Set(words).size).toBe(words.length);
});

test.each(Object.entries(UNSTORED))('not stored: %s', (_reason, words) => {
  expect(words).toMatch(/^the .+[^.]$/);
});
