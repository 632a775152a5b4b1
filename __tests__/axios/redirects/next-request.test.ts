/** Whether what an adapter is about to send is the request that the cache would make of a stored redirect. */
import { isSentAs } from '../../../lib/axios/redirects/next-request.js';
import { configOf } from '../../support/describe-request.js';

const TO = 'http://api.test/to?a=1';
const first = configOf({ url: 'http://api.test/from', headers: { Authorization: 'Bearer ada', 'X-Kind': 'one', Host: 'api.test' } });
const expected = configOf({ url: TO, headers: { Authorization: 'Bearer ada', 'X-Kind': 'one' } });
const sent = {
  href: TO,
  method: 'GET',
  auth: undefined,
  headers: { authorization: 'Bearer ada', 'x-kind': 'one', 'User-Agent': 'axios' },
};

test.each<[string, object, boolean]>([
  ['the same, with fields that the adapter adds', {}, true],
  ['its fragment and user-info are not sent', { href: 'http://ada:secret@api.test/to?a=1#part' }, true],
  ['another URL', { href: 'http://api.test/to?a=2' }, false],
  ['another method', { method: 'POST' }, false],
  ['a credential less', { headers: { 'X-Kind': 'one' } }, false],
  ['another credential', { headers: { Authorization: 'Bearer bob', 'X-Kind': 'one' } }, false],
  ['a field of the caller less', { headers: { Authorization: 'Bearer ada' } }, false],
  ['a field that was to be dropped', { headers: { ...sent.headers, Host: 'api.test' } }, false],
  ['auth that was not expected', { auth: 'ada:secret' }, false],
])('%s', (_name, changes, isSame) => {
  expect(isSentAs(expected, { ...sent, ...changes }, first)).toBe(isSame);
});

test('auth stands for an Authorization of the caller', () => {
  const withAuth = configOf({ url: TO, auth: { username: 'ada', password: 'secret' }, headers: { 'X-Kind': 'one' } });
  expect(
    isSentAs(
      withAuth,
      { ...sent, auth: 'ada:secret', headers: { 'X-Kind': 'one' } },
      configOf({ headers: { Authorization: 'x' } }),
    ),
  ).toBe(true);
  expect(isSentAs(withAuth, { ...sent, auth: null }, first)).toBe(false);
});
