/** URL patterns: any text is a pattern or is refused, any text may be matched, and what covers a pattern matches too. */
import fc from 'fast-check';
import { isCacheError } from '../../../lib/api/errors.js';
import { compileUrlPattern, covers, type UrlMatcher } from '../../../lib/options/url-patterns.js';
import { textNear } from '../mutate.js';
import { described, target } from '../target.js';

const PATTERNS = [
  'api.test', 'api.test/static/**', '*.api.test', '**/*.png', '/users/**', 'https://api.test:8080/a?b=*', '*', '**', '*://x',
  'localhost:*', '[::1]/a', '/a/*/b/**/c', 'api.test/a%2Fb', 'münchen.test/ü', '/a?*', '**/**/**', '/***', '*.*.test',
];
const URLS = [
  'https://api.test/static/a/b.png', 'http://x.api.test:8080/users/1?b=2', 'http://localhost:3000/', 'http://[::1]/a',
  '/users/7', 'https://u:p@api.test/a%2Fb', 'http://xn--mnchen-3ya.test/%C3%BC', 'https://api.test', '/', '', 'data:x', '//a',
];
const pattern = textNear(PATTERNS, ['*', '**', '/', '.', '?', 'api.test']);

/** A URL that the pattern says: its wildcards are replaced. */
const filled = (text: string, within: string, across: string): string =>
  `${/^[*a-z]+:\/\//i.test(text) ? '' : 'https://'}${text}`
    .replace(/^\*:/, 'https:').replaceAll(/\*{2,}/g, across).replaceAll('*', within);

function compiled(text: string): UrlMatcher | undefined {
  try {
    return compileUrlPattern(text, 'here');
  } catch (error) {
    if (isCacheError(error) && error.code === 'ERR_CACHE_OPTION') return undefined;
    throw error;
  }
}

export const urlPatterns = target({
  name: 'URL patterns',
  inputs: fc.record({
    one: pattern,
    other: pattern,
    url: textNear(URLS, ['api.test', '/', '%2F', '@', ':']),
    within: fc.constantFrom('a', 'x1', '.', '-', '%2a'),
    across: fc.constantFrom('a', 'a/b', 'b.png', ''),
  }),
  faultOf({ one, other, url, within, across }) {
    const [first, second] = [compiled(one), compiled(other)];
    const urls = [url, filled(one, within, across), filled(other, within, across)];
    const matched = urls.filter((each) => second?.(each));
    if (first === undefined || second === undefined || !covers(first, second)) return undefined;
    const left = matched.find((each) => !first(each));
    return left === undefined ? undefined : `${one} covers ${other}, but does not match ${left}`;
  },
  read(text) {
    for (const each of [text, `api.test/${text}`, `**/${text}`]) {
      try {
        compiled(each)?.(`https://api.test/${'a/'.repeat(50)}`);
      } catch (error) {
        return described(error);
      }
    }
    const matchers = ['**/*.png', '/a/**/b/**/c', '*.test/a*b*c*d*'].map(compiled);
    return matchers.map((matches) => matches?.(`https://api.test/${text}`));
  },
  parts: ['a', '/', 'a/', '*', '**', '**/', '*a', '/*', '.', '%2F', '?', '&', '*&', 'ü', ':', '@'],
});
