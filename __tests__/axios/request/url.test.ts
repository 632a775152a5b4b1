/** URLs in the canonical form that keys are made of. */
import fc from 'fast-check';
import { type NormalUrl, normaliseUrl, resolveUrl, type UrlRules } from '../../../lib/axios/request/url.js';
import { createDigest } from '../../../lib/support/digest.js';
import { digest } from '../../support/describe-request.js';

interface Rules {
  readonly ignoredParams?: readonly string[];
  readonly redactedParams?: readonly string[];
  readonly socketPath?: string;
}

const rulesOf = ({ ignoredParams, redactedParams, socketPath }: Rules): UrlRules => ({
  ignoredParams: new Set(ignoredParams),
  redactedParams: new Set(redactedParams),
  digest,
  socketPath,
});

const normal = (raw: string, rules: Rules = {}): NormalUrl | undefined => normaliseUrl(raw, rulesOf(rules));

describe('normaliseUrl', () => {
  test.each([
    ['a default port', 'https://api.test:443/x', 'https://api.test/x'],
    ['the other default port', 'http://api.test:80/x', 'http://api.test/x'],
    ['the case of scheme and host', 'HTTP://API.Test/X', 'http://api.test/X'],
    ['a fragment', 'http://api.test/x?a=1#top', 'http://api.test/x?a=1'],
    ['an empty path', 'http://api.test', 'http://api.test/'],
    ['a trailing question mark', 'http://api.test/x?', 'http://api.test/x'],
    ['a trailing ampersand', 'http://api.test/x?a=1&', 'http://api.test/x?a=1'],
    ['doubled ampersands', 'http://api.test/x?&a=1&&b=2', 'http://api.test/x?a=1&b=2'],
    ['the order of parameters', 'http://api.test/x?b=2&a=1', 'http://api.test/x?a=1&b=2'],
    ['the case of escapes', 'http://api.test/%c3%bc?%c3%bc=%c3%bc', 'http://api.test/%C3%BC?%C3%BC=%C3%BC'],
    ['characters that need an escape', 'http://api.test/ü?q=ü', 'http://api.test/%C3%BC?q=%C3%BC'],
    ['escapes that are not needed', 'http://api.test/%7Eme/%61?%61=%2D%2e%5f', 'http://api.test/~me/a?a=-._'],
    ['brackets', 'http://api.test/x?a[]=1', 'http://api.test/x?a%5B%5D=1'],
    ['dot segments', 'http://api.test/a/../b/./c', 'http://api.test/b/c'],
    ['user-info', 'http://user:pass@api.test/x', 'http://api.test/x'],
    ['an international host', 'http://bücher.test/', 'http://xn--bcher-kva.test/'],
  ])('%s means nothing', (_name, raw, expected) => {
    expect(normal(raw)).toMatchObject({ url: expected, keyUrl: expected });
  });

  test.each([
    ['a plus and an escaped space', '/x?a=+', '/x?a=%20'],
    ['a name with and without an equals sign', '/x?a', '/x?a='],
    ['one and two of a name', '/x?a=1', '/x?a=1&a=1'],
    ['the order of equal names', '/x?a=1&a=2', '/x?a=2&a=1'],
    ['a trailing slash', '/users', '/users/'],
    ['the case of the path', '/users', '/Users'],
    ['an escaped slash', '/a/b', '/a%2Fb'],
    ['an escaped ampersand', '/x?a=1&b=2', '/x?a=1%26b=2'],
    ['an escaped question mark', '/x?a=1', '/x%3Fa=1'],
    ['an escaped percent sign', '/x?a=%41', '/x?a=%2541'],
    ['scheme', 'http://api.test/', 'https://api.test/'],
    ['port', 'http://api.test/', 'http://api.test:8080/'],
    ['a path without host and one with', '/x', 'http://relative.invalid/x'],
    ['a relative and an absolute path', 'users', '/users'],
  ])('tells apart %s', (_name, one, other) => {
    const [first, second] = [one, other].map((raw) => normal(raw)?.keyUrl);
    expect(first).toBeDefined();
    expect(second).toBeDefined();
    expect(first).not.toBe(second);
  });

  test.each([
    'ftp://api.test/x',
    'data:text/plain,x',
    'blob:http://api.test/1',
    'http://',
    '//api.test/x',
    '\\\\api.test',
    'mailto:a@b',
  ])('is undefined for %s', (raw) => {
    expect(normal(raw)).toBeUndefined();
    expect(resolveUrl(raw)).toBeUndefined();
  });

  test.each([
    ['http://user:p%40ss@api.test/', 'user:p@ss'],
    ['http://user@api.test/', 'user:'],
    ['http://:pass@api.test/', ':pass'],
    ['http://a%zz:b@api.test/', 'a%zz:b'],
    ['http://api.test/', undefined],
  ])('user-info of %s', (raw, userInfo) => {
    expect(normal(raw)?.userInfo).toBe(userInfo);
  });

  test('keeps a path alone as a path, without protocol', () => {
    expect(normal('/users?b=2&a=1#x')).toEqual({
      url: '/users?a=1&b=2',
      keyUrl: '/users?a=1&b=2',
      userInfo: undefined,
      protocol: undefined,
    });
  });

  describe('ignored parameters', () => {
    const ignoring = (raw: string): NormalUrl | undefined => normal(raw, { ignoredParams: ['utm', 'id list'] });

    test('their values mean nothing, their presence does', () => {
      const keys = ['utm=1&a=2', 'a=2&utm=other', 'a=2&utm=', 'a=2&utm', '%75tm=x&a=2'].map((query) =>
        ignoring(`/x?${query}`),
      );
      expect(new Set(keys.map((key) => key?.keyUrl)).size).toBe(1);
      expect(new Set(keys.map((key) => key?.url))).toEqual(new Set(['/x?a=2&utm=***']));
      expect(ignoring('/x?a=2')?.keyUrl).not.toBe(keys[0]?.keyUrl);
    });

    test('lists and members of that name too', () => {
      expect(ignoring('/x?utm%5B%5D=1')?.keyUrl).toBe(ignoring('/x?utm[]=2')?.keyUrl);
      expect(ignoring('/x?utm[a]=1')?.keyUrl).toBe(ignoring('/x?utm[a]=2')?.keyUrl);
      expect(ignoring('/x?id+list=1')?.keyUrl).toBe(ignoring('/x?id+list=2')?.keyUrl);
    });

    test('members of other names stay', () => {
      expect(ignoring('/x?a[utm]=1')?.keyUrl).not.toBe(ignoring('/x?a[utm]=2')?.keyUrl);
      expect(ignoring('/x?a.utm=1')?.keyUrl).not.toBe(ignoring('/x?a.utm=2')?.keyUrl);
    });

    test('names are compared whole and by case', () => {
      expect(ignoring('/x?utma=1')?.keyUrl).not.toBe(ignoring('/x?utma=2')?.keyUrl);
      expect(ignoring('/x?UTM=1')?.keyUrl).not.toBe(ignoring('/x?UTM=2')?.keyUrl);
    });
  });

  test('no real value equals a marker', () => {
    const rules = { ignoredParams: ['i'], redactedParams: ['r'] };
    const { keyUrl = '' } = normal('http://api.test/x?i=1&r=2', rules) ?? {};
    expect(keyUrl).toMatch(/\?i=<>&r=<[\w-]{43}>$/);
    expect(normal(keyUrl)?.keyUrl).not.toBe(keyUrl);
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (value) => {
        expect(normal(`http://api.test/x?a=${value.replaceAll('#', '')}`)?.keyUrl).not.toMatch(/[<>\s]/);
      }),
    );
  });

  describe('redacted parameters', () => {
    const redacting = (raw: string): NormalUrl | undefined => normal(raw, { redactedParams: ['token'] });

    test('show nothing of the value, and tell values apart', () => {
      const one = redacting('http://api.test/x?token=SECRET-1&a=1');
      const other = redacting('http://api.test/x?a=1&token=SECRET-2');
      expect(one?.url).toBe('http://api.test/x?a=1&token=***');
      expect(other?.url).toBe(one?.url);
      expect(one?.keyUrl).not.toBe(other?.keyUrl);
      expect(one?.keyUrl).not.toContain('SECRET');
    });

    test.each(['TOKEN=SECRET', '%74oken=SECRET', 'token[]=SECRET', 'Token%5Ba%5D=SECRET'])(
      'however it is spelt: %s',
      (query) => {
        const found = redacting(`http://api.test/x?${query}`);
        expect(`${found?.url} ${found?.keyUrl}`).not.toContain('SECRET');
      },
    );

    test.each([
      'auth[token]=SECRET',
      'auth%5BToken%5D%5B%5D=SECRET',
      'a[b][token][c]=SECRET',
      'x.token=SECRET',
      'x%2Etoken.y=SECRET',
      'token{}=SECRET',
      'token{}[a]=SECRET',
    ])('as any part of a nested name: %s', (query) => {
      const found = redacting(`http://api.test/x?${query}`);
      expect(found?.url).toMatch(/=\*\*\*$/);
      expect(found?.keyUrl).not.toContain('SECRET');
      expect(redacting(`http://api.test/x?${query}-2`)?.keyUrl).not.toBe(found?.keyUrl);
    });

    test('names that have dots themselves, nested too', () => {
      for (const query of ['x.token=SECRET', 'auth[x.token]=SECRET', 'x.token[]=SECRET']) {
        expect(normal(`/x?${query}`, { redactedParams: ['x.token'] })?.url).not.toContain('SECRET');
      }
    });

    test('a part of a word is another name', () => {
      expect(redacting('/x?auth[tokens]=1&x.my_token=2')?.url).toBe('/x?auth%5Btokens%5D=1&x.my_token=2');
    });

    test('a name alone stays', () => {
      expect(redacting('/x?token')?.url).toBe('/x?token');
    });
  });

  describe('rules count each time, though URLs are remembered', () => {
    const raw = '/remembered?token=1&utm=1';
    const rules = rulesOf({ redactedParams: ['token'], socketPath: '/a.sock' });

    test.each<[keyof UrlRules, Partial<UrlRules>]>([
      ['ignoredParams', { ignoredParams: new Set(['utm']) }],
      ['redactedParams', { redactedParams: new Set() }],
      ['digest', { digest: createDigest('other') }],
      ['socketPath', { socketPath: '/b.sock' }],
      ['socketPath', { socketPath: undefined }],
    ])('%s', (_name, changed) => {
      const before = normaliseUrl(raw, rules);
      expect(normaliseUrl(raw, { ...rules, ...changed })?.keyUrl).not.toBe(before?.keyUrl);
      expect(normaliseUrl(raw, rules)).toEqual(before);
    });
  });

  test('any number of URLs, and long ones, stay right', () => {
    for (const round of [1, 2]) {
      for (let index = 0; index < 1500; index += 1) {
        expect([round, normal(`/many/${index}?b&a`)?.keyUrl]).toEqual([round, `/many/${index}?a&b`]);
      }
    }
    const long = 'x'.repeat(10_000);
    expect(normal(`/long?b=${long}&a=1`)?.keyUrl).toBe(`/long?a=1&b=${long}`);
  });

  test('equal keyUrl means equal url', () => {
    const value = fc.constantFrom('1', '2', '***', '<>', '%3C%3E', 'token=1', '');
    const query = fc.array(fc.tuple(fc.constantFrom('a', 'i', 'token', 'a[]'), value), { maxLength: 3 });
    const rules = { ignoredParams: ['i'], redactedParams: ['token'] };
    const textOf = (pairs: readonly (readonly [string, string])[]): string =>
      pairs.map((pair) => pair.join('=')).join('&');
    fc.assert(
      fc.property(query, query, (one, other) => {
        const [first, second] = [one, other].map((pairs) => normal(`/x?${textOf(pairs)}`, rules));
        if (first?.keyUrl === second?.keyUrl) expect(first?.url).toBe(second?.url);
      }),
      { numRuns: 2000 },
    );
  });

  describe('socketPath', () => {
    const socketPath = '/run/api.sock';

    test('gives paths a host, and is part of the key', () => {
      const found = normal('/containers?b&a', { socketPath });
      expect(found).toMatchObject({ url: 'http://localhost/containers?a&b', protocol: 'http:' });
      const others = [normal('/containers?b&a'), normal('/containers?b&a', { socketPath: '/run/other.sock' })];
      const keys = [found, ...others, normal('http://localhost/containers?a&b')].map((url) => url?.keyUrl);
      expect(new Set(keys).size).toBe(4);
    });

    test('a path of any characters stays on one line', () => {
      expect(normal('/x', { socketPath: '/a\n"b' })?.keyUrl).not.toContain('\n');
    });
  });

  describe('in a browser', () => {
    const setPage = (href: string): void => {
      Object.defineProperty(globalThis, 'location', { value: { href }, configurable: true });
    };
    afterEach(() => {
      Reflect.deleteProperty(globalThis, 'location');
    });

    test('relative URLs are relative to the page, also when it changes', () => {
      setPage('https://app.test/shop/cart?x#y');
      expect(normal('items')?.keyUrl).toBe('https://app.test/shop/items');
      expect(normal('/items')).toMatchObject({ keyUrl: 'https://app.test/items', protocol: 'https:' });
      expect(normal('//cdn.test/x')?.keyUrl).toBe('https://cdn.test/x');
      setPage('https://app.test/account/');
      expect(normal('items')?.keyUrl).toBe('https://app.test/account/items');
    });

    test('a page without a usable address changes nothing', () => {
      setPage('about:blank');
      expect(normal('/items')?.keyUrl).toBe('/items');
    });
  });
});

test('resolveUrl gives what patterns are matched with: order and spelling kept, user-info and fragment gone', () => {
  expect(resolveUrl('HTTP://user:pass@API.test:80/x?b=%7e&a=1#top')).toMatchObject({
    href: 'http://api.test/x?b=%7e&a=1',
    userInfo: 'user:pass',
    protocol: 'http:',
  });
  expect(resolveUrl('/x?b=2&a=1')?.href).toBe('/x?b=2&a=1');
});
