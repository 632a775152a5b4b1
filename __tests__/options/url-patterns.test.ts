/** Which URLs a pattern of `urlsExpireAfter` or of a filter stands for. */
import fc from 'fast-check';
import { CacheError } from '../../lib/api/errors.js';
import { compileUrlPattern, covers } from '../../lib/options/url-patterns.js';

const matches = (pattern: string | RegExp, url: string): boolean => compileUrlPattern(pattern, 'pattern')(url);

type Row = readonly [rule: string, pattern: string, url: string];

const MATCHING: readonly Row[] = [
  ['a bare host is that host', 'example.com', 'https://example.com'],
  ['a bare host is everything below it', 'example.com', 'https://example.com/a/b/c?x=1#y'],
  ['no scheme is any scheme', 'example.com', 'http://example.com/'],
  ['a scheme is that scheme', 'https://example.com', 'https://example.com/a'],
  ['a scheme ignores case', 'HTTPS://example.com', 'https://example.com/a'],
  ['* is any scheme', '*://example.com', 'http://example.com/a'],
  ['the host of a pattern ignores case', 'API.Example.COM/a', 'https://api.example.com/a'],
  ['the host of a URL ignores case', 'api.example.com/a', 'https://API.EXAMPLE.com/a'],
  ['a host in its own script is the one in ASCII', 'bücher.example/a', 'https://xn--bcher-kva.example/a'],
  ['also below a wildcard', '*.bücher.example', 'https://www.xn--bcher-kva.example/a'],
  ['IPv4', '127.0.0.1/a', 'http://127.0.0.1:8080/a'],
  ['IPv6', '[::1]/a', 'http://[::1]:8080/a'],
  ['IPv6 with a port', '[::1]:8080', 'http://[::1]:8080/a'],
  ['no port is any port', 'localhost/api/**', 'http://localhost:3000/api/x'],
  ['a port is that port', 'localhost:3000', 'http://localhost:3000/a'],
  ['a default port may be left out of the URL', 'example.com:443', 'https://example.com/a'],
  ['of either scheme', 'example.com:80', 'http://example.com/a'],
  ['* is any port', 'localhost:*', 'http://localhost:3000/a'],
  ['a leading *. is a subdomain', '*.example.com', 'https://a.example.com/x'],
  ['a leading *. is a subdomain at any depth', '*.example.com', 'https://a.b.example.com/x'],
  ['* in a label is a part of it', 'api-*.example.com', 'https://api-eu.example.com/x'],
  ['* for a label is that label', 'a.*.example.com', 'https://a.b.example.com/x'],
  ['* for a host is any host', '*', 'https://a.b.example.com/x'],
  ['* for a host, then a path', '*/health', 'https://a.b.example.com/health'],
  ['** is every URL', '**', 'https://a.b.example.com:8080/x/y?z'],
  ['** and a path: in the root', '**/logo.png', 'https://example.com/logo.png'],
  ['** and a path: further down', '**/logo.png', 'https://example.com/a/b/logo.png'],
  ['** and a path with a wildcard', '**/*.png', 'https://example.com/a/logo.png'],
  ['a path is everything below it too', 'example.com/live', 'https://example.com/live/rates/eur?x=1'],
  ['a path is that path with a separator at its end', 'example.com/live', 'https://example.com/live/'],
  ['with a separator at its end it is what is below', 'example.com/live/', 'https://example.com/live/rates'],
  ['/ is everything', 'example.com/', 'https://example.com/a/b?x=1'],
  ['* at the end is what is below it too', 'example.com/users/*', 'https://example.com/users/1/posts'],
  ['a file name is what is below it too', '**/*.png', 'https://example.com/a/b.png/small'],
  ['what ends with a name after ** is what is below it', 'example.com/**/z', 'https://example.com/a/z/b'],
  ['a path alone is for any host', '/users/**', 'http://example.com:8080/users/1'],
  ['a path alone is what is below it', '/users', 'https://example.org/users/1'],
  ['a path alone with a query', '/users?page=*', 'https://example.org/users?page=2'],
  ['/ alone is every URL', '/', 'https://example.org/users/1'],
  ['any host is none too, as in front of a mock', '/users/**', '/users/1?page=2'],
  ['and without a separator before the path', '/users/**', 'users/1'],
  ['* for a host is none too', '*/users', '/users'],
  ['** is every URL, with a host or without', '**', '/users/1'],
  ['a path at any depth, without a host', '**/*.png', '/a/b.png'],
  ['a host without a dot, with a scheme', '*://users/**', 'https://users/1'],
  ['a host without a dot, with a port', 'users:8080', 'http://users:8080/1'],
  ['a host of a network of its own', '*.local', 'http://printer.local/status'],
  ['encoded letters are those letters', 'example.com/users', 'https://example.com/us%65rs/1'],
  ['in the pattern too', 'example.com/us%65rs', 'https://example.com/users'],
  ['the case of an escape makes no difference', 'example.com/a%2fb', 'https://example.com/a%2Fb'],
  ['a path is that path, with any query', 'example.com/users', 'https://example.com/users?page=2'],
  ['/ is the root', 'example.com/', 'https://example.com'],
  ['* is a part of a segment', 'example.com/users/*.json', 'https://example.com/users/1.json'],
  ['* is a whole segment', 'example.com/users/*/posts', 'https://example.com/users/1/posts'],
  ['* may stand for nothing', 'example.com/users/*', 'https://example.com/users/'],
  ['two * in one segment', 'example.com/*-*.txt', 'https://example.com/a-b-c.txt'],
  ['** is everything below', 'example.com/static/**', 'https://example.com/static/a/b.js'],
  ['** may stand for nothing', 'example.com/static/**', 'https://example.com/static/'],
  ['** in the middle crosses segments', 'example.com/a/**/z', 'https://example.com/a/b/c/z'],
  ['** in the middle may stand for no segment', 'example.com/a/**/z', 'https://example.com/a/z'],
  ['** twice may stand for no segment', 'example.com/a/**/**/z', 'https://example.com/a/z'],
  ['** within a segment crosses segments too', 'example.com/a**z', 'https://example.com/ab/c/z'],
  ['** within a segment, then a separator', 'example.com/a**/z', 'https://example.com/ab/c/z'],
  ['more than two * are two', 'example.com/a/****/z', 'https://example.com/a/z'],
  ['* and ** together', 'example.com/**/v*/users', 'https://example.com/a/b/v2/users'],
  ['letters beyond ASCII', 'example.com/bücher/*', 'https://example.com/b%C3%BCcher/1'],
  ['in the URL too', 'example.com/b%C3%BCcher/*', 'https://example.com/bücher/1'],
  ['a space', 'example.com/a b', 'https://example.com/a%20b'],
  ['a query is that query', 'example.com/a?x=1&y=2', 'https://example.com/a?x=1&y=2'],
  ['* in a query is a part of a parameter', 'example.com/a?page=*', 'https://example.com/a?page=2'],
  ['* for a query is one parameter', 'example.com/a?*', 'https://example.com/a?page=2'],
  ['** for a query is any', 'example.com/a?**', 'https://example.com/a?page=2&x=1'],
  ['** in a query crosses parameters', 'example.com/a?**&y=2', 'https://example.com/a?x=1&z=3&y=2'],
  ['a query without a path', 'example.com?x=1', 'https://example.com/a?x=1'],
  ['an empty query is none', 'example.com/a?', 'https://example.com/a'],
  ['a dot is a dot', 'example.com/a.b', 'https://example.com/a.b'],
  ['brackets and braces are themselves', 'example.com/a[b]{c}(d)+', 'https://example.com/a[b]{c}(d)+'],
  ['user-info is not seen', 'example.com/a', 'https://user:secret@example.com/a'],
];

const OTHERS: readonly Row[] = [
  ['a bare host is no prefix of another', 'example.com', 'https://example.com.evil.test/'],
  ['nor a suffix', 'example.com', 'https://notexample.com/'],
  ['nor its subdomain', 'example.com', 'https://a.example.com/'],
  ['nor a user', 'example.com', 'https://example.com@evil.test/'],
  ['nor a user with a password', 'example.com', 'https://example.com:443@evil.test/'],
  ['nor a path', 'example.com', 'https://evil.test/example.com'],
  ['nor a query', 'example.com', 'https://evil.test/?example.com'],
  ['nor a fragment', 'example.com/a', 'https://evil.test/#example.com/a'],
  ['a dot is no wildcard', 'a.example.com', 'https://axexample.com/'],
  ['a scheme is that scheme', 'https://example.com', 'http://example.com/'],
  ['a port is that port', 'localhost:3000', 'http://localhost:3001/'],
  ['a port is not the default one of another scheme', 'example.com:443', 'http://example.com/'],
  ['nor of one that has none', 'example.com:80', 'custom://example.com/'],
  ['a leading *. is not the host itself', '*.example.com', 'https://example.com/'],
  ['nor one that only ends alike', '*.example.com', 'https://evilexample.com/'],
  ['nor one that goes on', '*.example.com', 'https://a.example.com.evil.test/'],
  ['* in a label does not cross labels', 'api-*.example.com', 'https://api-x.evil.example.com/'],
  ['at the end neither', 'example.*', 'https://example.com.evil.test/'],
  ['* in a host does not reach the path', 'example.*/a', 'https://example.test/b/a'],
  ['a path is no prefix', 'example.com/users', 'https://example.com/users2'],
  ['a path minds case', 'example.com/Users', 'https://example.com/users'],
  ['a separator at the end counts', 'example.com/users/', 'https://example.com/users'],
  ['* does not cross segments in the middle', 'example.com/*/posts', 'https://example.com/users/1/posts'],
  ['** is below, not the place itself', 'example.com/static/**', 'https://example.com/static'],
  ['** keeps its separators', 'example.com/a/**/z', 'https://example.com/a/bz'],
  ['** keeps its separators without a segment', 'example.com/a/**/z', 'https://example.com/az'],
  ['** at the start keeps its separator', '**/logo.png', 'https://example.com/my-logo.png'],
  ['the end is at the border of a segment', 'example.com/**/z', 'https://example.com/a/zb'],
  ['what is below a wildcard is below one segment', 'example.com/*.json', 'https://example.com/a.jsonl/b'],
  ['with a query the path is that path', 'example.com/a?x=1', 'https://example.com/a/b?x=1'],
  ['a path alone is no prefix', '/users', 'https://example.com/users2'],
  ['a path alone begins at the root', '/users', 'https://example.com/v1/users'],
  ['a path alone ends its ** at a border', '/users/**', 'https://example.com/users'],
  ['an encoded separator is none', 'example.com/a/b', 'https://example.com/a%2Fb'],
  ['a path does not reach into the query', 'example.com/*z', 'https://example.com/a?z'],
  ['** does not reach into the query', 'example.com/**z', 'https://example.com/a?z'],
  ['a query is that query', 'example.com/a?x=1', 'https://example.com/a?x=10'],
  ['a query counts where it is given', 'example.com/a?x=1', 'https://example.com/a'],
  ['* in a query does not cross parameters', 'example.com/a?page=*', 'https://example.com/a?page=2&x=1'],
  ['* for a query does not cross parameters', 'example.com/a?*', 'https://example.com/a?page=2&x=1'],
  ['? is no wildcard', 'example.com/a?c', 'https://example.com/abc'],
  ['a path alone is below no host', 'example.com/users', '/users'],
  ['nor below a wildcard in one', '*.example.com', '/users'],
  ['nor has it a scheme', 'https://*', '/users'],
  ['nor a port', '*:80', '/users'],
  ['nor does what is no URL at all', '**', 'https://'],
];

test.each(MATCHING)('%s: %p matches %p', (_rule, pattern, url) => {
  expect(matches(pattern, url)).toBe(true);
});

test.each(OTHERS)('%s: %p does not match %p', (_rule, pattern, url) => {
  expect(matches(pattern, url)).toBe(false);
});

test('one pattern serves many URLs, and many patterns one URL', () => {
  const [users, posts] = [compileUrlPattern('a.test/users/*', 'p'), compileUrlPattern('a.test/posts/*', 'p')];
  const urls = ['https://a.test/users/1', 'https://a.test/posts/1', 'https://a.test/users/2'];
  expect(urls.map((url) => [users(url), posts(url)])).toEqual([
    [true, false],
    [false, true],
    [true, false],
  ]);
});

describe('a RegExp', () => {
  test.each<readonly [string, RegExp, string, boolean]>([
    ['sees scheme, port, path and query', /^https:\/\/a\.test:84\/v\d+\/.*\?x=1$/, 'https://a.test:84/v2/a?x=1', true],
    ['keeps its flags', /USERS/i, 'https://a.test/users', true],
    ['minds case without the flag', /USERS/, 'https://a.test/users', false],
    ['does not see user-info', /secret/, 'https://user:secret@a.test/', false],
    ['does not see user-info with an @', /secret/, 'https://me@home:secret@a.test/', false],
    ['sees the host behind user-info', /^https:\/\/a\.test\//, 'https://user:secret@a.test/', true],
    ['sees an @ in a path', /@scope/, 'https://a.test/@scope/name', true],
    ['sees an @ in a query', /me@home/, 'https://a.test?mail=me@home', true],
    ['sees what is no absolute URL as it is', /^\/users/, '/users', true],
  ])('%s', (_rule, pattern, url, expected) => {
    expect(matches(pattern, url)).toBe(expected);
  });

  test.each([/users/g, /users/gi, /https:.*users/y])('%p has no state', (pattern) => {
    const match = compileUrlPattern(pattern, 'pattern');
    const url = 'https://a.test/users';
    pattern.lastIndex = 15;
    expect([match(url), match(url), match(url)]).toEqual([true, true, true]);
    expect(pattern.lastIndex).toBe(15);
  });
});

describe('what is no pattern is refused, with the option and what to write', () => {
  test.each<readonly [string, unknown, RegExp]>([
    ['an empty string', '', /"" is not a URL pattern. Write host and path/],
    ['a space', ' ', /Write host and path/],
    ['a space before', ' example.com', /Write host and path/],
    ['a space behind', 'example.com/a ', /Write host and path/],
    ['a space in the host', 'exa mple.com', /Write host and path/],
    ['a path without a separator', 'users/**', /Write "\/users\/\*\*" for any host, or "\*:\/\/users\/\*\*" for/],
    ['a name without a dot', 'users', /"users" begins with a host, and that is none\. Write "\/users" for any host/],
    ['a wildcard in it', 'user*', /Write "\/user\*" for any host/],
    ['a host that begins with a dot', '.example.com', /is not a URL pattern\..*"\*\.example\.com" for subdomains/],
    ['a path that begins with a dot', './users', /is not a URL pattern/],
    ['a file name of two parts', 'site.tar.gz', /Write "\*\*\/site\.tar\.gz" for files/],
    ['a file name', '*.png', /"\*\.png" begins with a host, and that is none\. Write "\*\*\/\*\.png" for files/],
    ['a whole file name', 'logo.svg', /Write "\*\*\/logo\.svg" for files/],
    ['a file name in upper case', 'Data.JSON', /Write "\*\*\/Data\.JSON" for files/],
    ['a scheme alone', 'https://', /Write host and path/],
    ['a query alone', '?x=1', /Write host and path/],
    ['a port alone', ':8080', /Write host and path/],
    ['a port that is no number', 'example.com:http', /Write host and path/],
    ['a part of a port', 'localhost:30*', /Write host and path/],
    ['a port that does not exist', 'example.com:65536', /Write host and path/],
    ['user-info', 'user@example.com', /Write host and path/],
    ['user-info before a wildcard', 'user@*.example.com', /Write host and path/],
    ['a fragment', 'example.com/a#b', /Write host and path/],
    ['** in a host', '**.png', /"\*\*\/\*\.png"/],
    ['IPv6 without brackets', '::1', /Write host and path/],
    ['a host that cannot be', 'a<b>.test', /Write host and path/],
    ['a number', 5, /a URL pattern is a glob or a RegExp; got 5/],
    ['undefined', undefined, /a URL pattern is a glob or a RegExp; got undefined/],
    ['a boxed string', new String('a.test'), /got an object of class String/],
  ])('%s', (_name, pattern, message) => {
    const compile = (): unknown => compileUrlPattern(pattern, 'urlsExpireAfter[0]');
    expect(compile).toThrow(CacheError);
    expect(compile).toThrow(message);
    expect(compile).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION', option: 'urlsExpireAfter[0]' }));
  });
});

describe('against a plain model', () => {
  /** Makes the glob a regular expression, which is exact, but takes exponential time for hostile patterns. */
  const model = (path: string): RegExp => {
    const source = path
      .split(/(?<=\/)(\*{2,}\/)|(\*{2,})|(\*)/)
      .filter((part): part is string => part !== undefined && part !== '')
      .map((part) => {
        if (/^\*{2,}\/$/.test(part)) return '(?:.*/)?';
        if (/^\*{2,}$/.test(part)) return '.*';
        return part === '*' ? '[^/]*' : part;
      });
    return new RegExp(`^${source.join('')}${path.endsWith('/') ? '.*' : '(?:/.*)?'}$`, 's');
  };
  const pathOf = (...parts: string[]): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...parts), { maxLength: 10 }).map((chosen) => `/${chosen.join('')}`);

  test('every glob on a path says the same', () => {
    fc.assert(
      fc.property(pathOf('a', 'b', '/', '*', '**', '/**/'), pathOf('a', 'b', '/'), (glob, path) => {
        const expected = model(glob).test(path);
        expect(matches(`h.test${glob}`, `https://h.test${path}`)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('work is bounded', () => {
  // A matcher that backtracks would take longer than anybody waits; this one takes milliseconds.
  const long = `https://a.test/${'a/'.repeat(2500)}${'a'.repeat(5000)}`;
  test.each([
    ['many **', `a.test/${'**a'.repeat(50)}b`],
    ['many **/', `a.test/${'**/a/'.repeat(50)}b`],
    ['many *', `a.test/**/${'*a'.repeat(50)}b`],
    ['both', `a.test/${'**/*a*'.repeat(30)}b`],
  ])('%s on a URL of 10 kB', (_name, pattern) => {
    const match = compileUrlPattern(pattern, 'pattern');
    const started = performance.now();
    expect(match(long)).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('a pattern that covers another', () => {
  const isCovered = (one: string | RegExp, other: string | RegExp): boolean =>
    covers(compileUrlPattern(one, 'one'), compileUrlPattern(other, 'other'));

  test.each<readonly [string, string | RegExp, string | RegExp]>([
    ['the same', 'a.test/b', 'a.test/b'],
    ['everything', '**', 'https://a.test:8080/b?c'],
    ['/', '/', 'a.test/b'],
    ['a host', 'a.test', 'a.test/b/**'],
    ['subdomains', '*.test', 'a.b.test/c'],
    ['of a wildcard', '*.test', '*.b.test'],
    ['a path', 'a.test/users', 'a.test/users/*/sessions'],
    ['a path with **', 'a.test/users/**', 'a.test/users/1'],
    ['a path with ** and a part of it', 'a.test/static/**', 'a.test/static/late/**'],
    ['a segment', 'a.test/*/posts', 'a.test/users/posts'],
    ['of a wildcard', 'a.test/*/posts', 'a.test/u*s/posts'],
    ['whole segments', 'a.test/**/posts', 'a.test/b/**/posts'],
    ['any query', 'a.test/b', 'a.test/b?c=1'],
    ['a query with a wildcard', 'a.test/b?c=*', 'a.test/b?c=1'],
    ['any port', 'a.test', 'a.test:80'],
    ['any scheme', 'a.test', 'https://a.test'],
    ['any host', '/users', 'a.test/users/1'],
    ['the same RegExp', /a/i, /a/i],
  ])('%s: %p covers %p', (_name, one, other) => {
    expect(isCovered(one, other)).toBe(true);
  });

  test.each<readonly [string, string | RegExp, string | RegExp]>([
    ['a host', 'a.test', 'b.test'],
    ['a host without a dot in between', '*.test', 'test:80'],
    ['a path beside it', 'a.test/live', 'a.test/lively'],
    ['what is above', 'a.test/users/1', 'a.test/users'],
    ['** and the place itself', 'a.test/users/**', 'a.test/users'],
    ['a segment and several', 'a.test/*/posts', 'a.test/**/posts'],
    ['whole segments and a part of one', 'a.test/**/posts', 'a.test/b**posts'],
    ['one host and any', 'a.test/users', '/users'],
    ['one scheme and any', 'https://a.test', 'a.test'],
    ['one port and any', 'a.test:80', 'a.test'],
    ['one query and any', 'a.test/b?c=1', 'a.test/b'],
    ['RegExps that differ', /a/, /a/i],
    ['a RegExp and what looks like it', /x/, '/x/'],
    ['everything and a RegExp, which also sees what is no absolute URL', '**', /x/],
  ])('%s: %p does not cover %p', (_name, one, other) => {
    expect(isCovered(one, other)).toBe(false);
  });

  test('matches whatever the other one matches', () => {
    const globs = fc.array(fc.constantFrom('a', 'b', '/', '*', '**', '/**/'), { maxLength: 6 });
    const urls = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 });
    let count = 0;
    fc.assert(
      fc.property(globs, globs, urls, (one, other, path) => {
        const [near, far] = [one, other].map((parts) => compileUrlPattern(`h.test/${parts.join('')}`, 'p'));
        const url = `https://h.test/${path.join('')}`;
        if (near === undefined || far === undefined || !covers(near, far) || !far(url)) return;
        count += 1;
        expect(near(url)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(count).toBeGreaterThan(500);
  });
});
