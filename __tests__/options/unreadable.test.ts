/** Options with members that throw, and proxies that are used no more, are refused as wrong values are. */
import axios from 'axios';
import { isCacheError, setupCache } from '../../lib/index.js';
import { parseLifetime } from '../../lib/options/lifetimes.js';

const throwing = (name: string): object =>
  Object.defineProperty({}, name, { enumerable: true, get: () => { throw new TypeError('no such member'); } });

function revoked(): never {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy as never;
}

function refusalOf(run: () => unknown): unknown {
  try {
    run();
    return 'accepted';
  } catch (error) {
    return isCacheError(error) && 'option' in error ? [error.code, error.option] : error;
  }
}

test.each<[string, unknown, string]>([
  ['a member that throws', throwing('partition'), 'partition'],
  ['two of which one is unknown', Object.assign(throwing('mode'), { ttl: 1 }), 'mode'],
  ['a revoked proxy', revoked(), 'options'],
  ['a proxy without keys', new Proxy({}, { ownKeys: () => { throw new Error('no keys'); } }), 'options'],
  ['a revoked proxy as a lifetime', { expireAfter: revoked() }, 'expireAfter'],
  ['a revoked proxy in a list', { tags: [revoked()] }, 'tags[0]'],
  ['a list whose items throw', { tags: new Proxy([], { get: () => { throw new Error('x'); } }) }, 'tags'],
  ['patterns that throw', { urlsExpireAfter: throwing('a.test') }, 'urlsExpireAfter'],
  ['a policy that throws', { urlsExpireAfter: { 'a.test': throwing('mode') } }, "urlsExpireAfter['a.test'].mode"],
  ['a revoked proxy as a pair', { urlsExpireAfter: [revoked()] }, 'urlsExpireAfter[0]'],
  ['a revoked proxy as a rule', { invalidates: [revoked()] }, 'invalidates[0]'],
])('setupCache refuses %s', (_name, options, option) => {
  expect(refusalOf(() => setupCache(axios.create(), options as never))).toEqual(['ERR_CACHE_OPTION', option]);
});

test('a lifetime that is a revoked proxy names its option', () => {
  expect(refusalOf(() => parseLifetime(revoked(), 'here'))).toEqual(['ERR_CACHE_OPTION', 'here']);
});

test('the cause of an option that cannot be read is what was thrown', () => {
  expect.assertions(1);
  try {
    setupCache(axios.create(), throwing('partition'));
  } catch (error) {
    expect((error as Error).cause).toEqual(new TypeError('no such member'));
  }
});
