/** URLs as axios builds them. */
import { Axios, type InternalAxiosRequestConfig } from 'axios';
import fc from 'fast-check';
import { buildUrl, type UrlConfig } from '../../../lib/axios/request/build-url.js';
import { axiosHas } from '../../support/axios-features.js';

const getUri = (config: UrlConfig): string => new Axios({}).getUri(config);

describe('buildUrl', () => {
  const scalar = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, -0, 1.2, 4294967297, 'a b:$,[]&=+#?%20', new Date(0)),
  );
  const name = fc.oneof(
    fc.string({ unit: 'grapheme' }).filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text)),
    fc.constantFrom('a', 'a[]', 'a{}', ' a ', 'a b', 'a:b', 'ü', '[]', ''),
  );
  const params = fc.dictionary(name, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { maxKeys: 5 });
  const url = fc.constantFrom(
    '',
    '/',
    'users',
    '/users',
    '//users',
    '///users',
    '/users/',
    '/users?a=1',
    '/users?a=1&',
    '/users?',
    '?a=1',
    '#top',
    '/users#top',
    '/users?a=1#top?b',
    '/a:b',
    'a:b',
    'a/b:c',
    'https://other.test',
    'HTTPS://Other.Test/x?y#z',
    '//other.test/x',
    'ftp://other.test/x',
    '/ü/%20 x',
  );
  const baseURL = fc.constantFrom(
    undefined,
    '',
    '/',
    '/api',
    '/api/',
    '/api//',
    'http://api.test',
    'http://api.test/',
    'http://api.test/v1///',
    'http://api.test/v1?key=1',
    'http://api.test/v1#x',
    '//api.test',
  );

  test('equals getUri for flat params, every URL and every base', () => {
    fc.assert(
      fc.property(fc.record({ url, baseURL, params: fc.option(params, { nil: undefined }) }), (config) => {
        expect(buildUrl(config as UrlConfig)).toBe(getUri(config as UrlConfig));
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, object]>([
    ['nested members', { params: { filter: { a: 1, b: [{ c: 2 }] } } }],
    ['nested lists', { params: { a: [[1, 2], [3]] } }],
    ['JSON names', { params: { 'a{}': { b: 1 } } }],
    ['bigints', { params: { a: 10n } }],
    ['a Map', { params: new Map([['a', 1]]) }],
    ['URLSearchParams', { params: new URLSearchParams('b=2&a=1&a=%20') }],
    ['no params', { params: null }],
    ['a serializer', { params: { a: 1 }, paramsSerializer: { serialize: () => 'own=1' } }],
    ['an encoder', { params: { a: ' ' }, paramsSerializer: { encode: encodeURIComponent } }],
    ['list indexes', { params: { a: [1, 2] }, paramsSerializer: { indexes: true } }],
    ['no absolute URLs', { url: 'https://other.test/x', allowAbsoluteUrls: false }],
  ])('equals getUri for %s', (_name, config) => {
    const whole = { url: '/users', baseURL: 'http://api.test/v1', ...config } as UrlConfig;
    expect(buildUrl(whole)).toBe(getUri(whole));
  });

  test.each([
    [
      'circular params',
      (): object => {
        const params: Record<string, unknown> = {};
        params['self'] = params;
        return { params };
      },
    ],
    ['an invalid Date', () => ({ params: { a: new Date(NaN) } })],
    ['half a surrogate pair', () => ({ params: { a: '\ud800' } })],
    [
      'a throwing serializer',
      () => ({
        params: { a: 1 },
        paramsSerializer: {
          serialize: () => {
            throw new Error('no');
          },
        },
      }),
    ],
  ])('is undefined where axios refuses: %s', (_name, config) => {
    const whole = { url: '/users', baseURL: 'http://api.test', ...config() } as UrlConfig;
    expect(() => getUri(whole)).toThrow();
    expect(buildUrl(whole)).toBeUndefined();
  });

  test.each([
    ['a scheme', { url: 'http:/users' }],
    ['a base with a scheme', { baseURL: 'https:api.test' }],
  ])('without slashes after it, %s is refused, or taken by the copies that take it', async (_name, config) => {
    const whole = { url: '/users', baseURL: 'http://api.test', ...config } as UrlConfig;
    const isRefused = await axiosHas('refusesSchemeWithoutSlashes');
    if (isRefused) expect(() => getUri(whole)).toThrow();
    expect(buildUrl(whole)).toBe(isRefused ? undefined : getUri(whole));
  });

  test('is undefined without any URL', () => {
    expect(buildUrl({})).toBeUndefined();
  });

  test('takes a URL object as axios does', () => {
    const config = { url: new URL('http://api.test/x?y=1') } as unknown as UrlConfig;
    expect(buildUrl(config)).toBe('http://api.test/x?y=1');
  });

  test('does without getUri in the common cases', () => {
    const config = {
      baseURL: 'http://api.test',
      url: '/users',
      params: { ids: [1, 2], since: new Date(0), q: 'a b' },
    };
    const expected = getUri(config);
    const spy = jest.spyOn(Axios.prototype, 'getUri');
    try {
      expect(buildUrl(config)).toBe(expected);
      expect(buildUrl({ url: 'http://api.test/x', params: new URLSearchParams('a=1') })).toBe('http://api.test/x?a=1');
      expect(spy).not.toHaveBeenCalled();
      buildUrl({ url: '/users', params: { a: { b: 1 } } });
      expect(spy).toHaveBeenCalledTimes(1);
    } finally {
      spy.mockRestore();
    }
  });

  test('reads a config without prototype', () => {
    const config = Object.assign(Object.create(null) as object, { url: '/x', params: { a: 1 } });
    expect(buildUrl(config as InternalAxiosRequestConfig)).toBe('/x?a=1');
  });
});
