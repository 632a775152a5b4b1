/** What a policy is made of: the lifetime, how long stale answers are kept, and what each rung of the ladder says. */
import { policyFor, rungsFor } from '../../lib/options/policy.js';
import { resolveOptions } from '../../lib/options/resolve.js';

const URL_OF_USERS = 'https://api.test/users';
const policy = (session: object, setting?: unknown) => policyFor(resolveOptions(session), URL_OF_USERS, setting);

describe('the local lifetime', () => {
  const asked = (): string => '1h';

  test('is none where the cache is off', () => {
    const none = { kind: 'seconds', seconds: 0, source: 'default' };
    expect(policy({ expireAfter: false })).toMatchObject({ off: true, local: none });
    expect(policy({}, false)).toMatchObject({ off: true, local: none });
  });

  test.each([
    ['session', { expireAfter: asked }, undefined],
    ['url', { urlsExpireAfter: { '/users': asked } }, undefined],
    ['request', {}, { expireAfter: asked }],
  ])('stands for any where a function of the %s gives it', (source, session, setting) => {
    const made = policy(session, setting);
    expect(made.local).toEqual({ kind: 'seconds', seconds: Infinity, source });
    expect(made.settle).toBeInstanceOf(Function);
    expect(policy({ expireAfter: '1h' }).settle).toBeUndefined();
  });
});

test.each<[string, object, number]>([
  ['as it says', { keepStale: 50 }, 50],
  ['for a longer window', { keepStale: 50, staleIfError: 60 }, 60],
  ['for the longer of two windows', { keepStale: 50, staleIfError: 60, staleWhileRevalidate: 70 }, 70],
  ['as it says, where the windows are shorter', { keepStale: 50, staleIfError: 6, staleWhileRevalidate: 7 }, 50],
  ['as it says, where a window has no end', { keepStale: 50, staleIfError: true }, 50],
  ['as it says, where there is no window', { keepStale: 50, staleIfError: false, staleWhileRevalidate: false }, 50],
])('what is stale is kept %s', (_name, session, seconds) => {
  expect(policy(session).keepStale).toBe(seconds);
});

test('a window that is switched off is none', () => {
  expect(policy({ staleIfError: 60 }, { staleIfError: false })).toMatchObject({ staleIfError: undefined });
  expect(policy({ staleIfError: 60 })).toMatchObject({ staleIfError: 60 });
});

test('only a request that says so invalidates by itself', () => {
  const session = { invalidates: '/a' };
  expect(policy(session, { invalidates: '/b' }).invalidatesItself).toBe(true);
  expect(policy(session, { mode: 'no-cache' }).invalidatesItself).toBe(false);
  expect(policy(session).invalidatesItself).toBe(false);
});

const WRONG = [{ mode: 'sometimes' }, { expireAfter: '5 moons' }];
test.each(WRONG)('what is wrong in a request is an error: %j', (setting) => {
  expect(() => policy({}, setting)).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION' }));
});

test('a setting of a request that throws is an option that cannot be read', () => {
  const setting = Object.defineProperty({}, 'mode', { enumerable: true, get: () => { throw new Error('no mode'); } });
  expect(() => policy({}, setting)).toThrow('mode cannot be read: something in it throws.');
});

describe('the rungs of the ladder', () => {
  const rungs = (session: object, setting: unknown) =>
    rungsFor(resolveOptions(session), URL_OF_USERS, setting).map(({ source, rung }) => [source, rung?.kind]);

  test.each([undefined, null])('are told, the nearest first, and one that is silent is there: %p', (setting) => {
    const silent = [['request', undefined], ['url', undefined], ['session', undefined]];
    expect(rungs({}, setting)).toEqual(silent);
    expect(rungs({ urlsExpireAfter: { '/users': '1m' }, expireAfter: false }, setting)).toEqual(
      [['request', undefined], ['url', 'seconds'], ['session', 'off']],
    );
  });

  test('are those of this URL, and of this request', () => {
    const session = { urlsExpireAfter: { '/others': '1m' }, expireAfter: '2m' };
    expect(rungs(session, '5m')).toEqual([['request', 'seconds'], ['url', undefined], ['session', 'seconds']]);
    expect(rungs(session, { expireAfter: new Date(9e12) })[0]).toEqual(['request', 'until']);
  });
});
