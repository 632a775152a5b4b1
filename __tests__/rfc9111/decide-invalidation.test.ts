/** These tests say what a request invalidates (RFC 9111 section 4.4). */
import { decideInvalidation } from '../../lib/rfc9111/decide-invalidation.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { URL_OF_ALL, answerOf, requestOf } from './heads.js';

const invalidated = (headers: HeaderFields, status = 200, method = 'POST') =>
  decideInvalidation(requestOf({}, method), answerOf(headers, status));

test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'])('%s is safe', (method) => {
  expect(invalidated({ location: '/x' }, 200, method)).toEqual([]);
  expect(decideInvalidation(requestOf({}, method), 'unknown')).toEqual([]);
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'M-SEARCH', 'FOO'])('%s invalidates the target', (method) => {
  expect(invalidated({}, 200, method)).toEqual([URL_OF_ALL]);
});

test.each([
  [200, true],
  [204, true],
  [299, true],
  [301, true],
  [399, true],
  [199, false],
  [400, false],
  [404, false],
  [500, false],
])('%d: %s', (status, invalidates) => {
  expect(invalidated({}, status)).toEqual(invalidates ? [URL_OF_ALL] : []);
});

test('an unknown outcome invalidates the target', () => {
  expect(decideInvalidation(requestOf({}, 'PUT'), 'unknown')).toEqual([URL_OF_ALL]);
});

describe.each(['location', 'content-location'])('%s', (name) => {
  test.each([
    ['absolute', 'https://api.example.com/new', ['https://api.example.com/new']],
    ['with the default port', 'https://api.example.com:443/new', ['https://api.example.com/new']],
    ['a path', '/new', ['https://api.example.com/new']],
    ['relative to the target', 'things/1', ['https://api.example.com/things/1']],
    ['without its fragment', '/new#part', ['https://api.example.com/new']],
    ['the target itself, once', '/things', []],
    ['on another host', 'https://other.example.com/new', []],
    ['on another port', 'https://api.example.com:444/new', []],
    ['with another scheme', 'http://api.example.com/new', []],
    ['no URL', 'https://:::', []],
  ])('%s', (_name, reference, also) => {
    expect(invalidated({ [name]: reference })).toEqual([URL_OF_ALL, ...also]);
  });
});

test('both of them', () => {
  expect(invalidated({ location: '/a', 'content-location': '/b' })).toEqual([
    URL_OF_ALL,
    'https://api.example.com/a',
    'https://api.example.com/b',
  ]);
});

test('a target that is no URL is invalidated as it is', () => {
  const request = { ...requestOf({}, 'POST'), url: 'key' };
  for (const location of ['/a', 'https://api.example.com/a']) {
    expect(decideInvalidation(request, answerOf({ location }))).toEqual(['key']);
  }
});
