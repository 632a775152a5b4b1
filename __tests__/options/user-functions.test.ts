/** Functions that the user gives as options may do anything: no request fails for it but by an AxiosError. */
import axios from 'axios';
import type { CacheOptions, CacheRequestOptions } from '../../lib/index.js';
import { type InstanceOptions, numbered, startCached } from '../support/cached-instance.js';
import { allowNoUnhandledRejection } from '../support/unhandled.js';

allowNoUnhandledRejection();

const late = (): Promise<never> => Promise.reject(new Error('too late'));
const revoked = (): unknown => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const ODD: readonly (readonly [string, () => unknown])[] = [
  ['a promise that rejects', late],
  ['a promise', () => Promise.resolve('5m')],
  ['promises that reject, in a list', () => [late(), late()]],
  ['a then that throws', () => ({ get then() { throw new Error('no'); } })],
  ['an error that is thrown', () => { throw new Error('no'); }],
  ['null', () => null],
  ['an object without a prototype', () => Object.create(null) as unknown],
  ['a symbol', () => Symbol('odd')],
  ['a bigint', () => 7n],
  ['NaN', () => NaN],
  ['an empty text', () => ''],
  ['an empty list', () => []],
  ['a list with a hole', () => Array<string>(1)],
  ['a proxy that is used no more', revoked],
];

type Name = 'key' | 'expireAfter' | 'invalidates' | 'filter' | 'tags' | 'allowedCodes' | 'partition';
type Place = 'session' | 'pattern' | 'request';
const PLACES: Readonly<Record<Name, readonly Place[]>> = {
  key: ['session', 'pattern', 'request'],
  expireAfter: ['session', 'pattern', 'request'],
  invalidates: ['session', 'pattern', 'request'],
  filter: ['session', 'pattern', 'request'],
  tags: ['session', 'pattern', 'request'],
  allowedCodes: ['session', 'pattern', 'request'],
  partition: ['session'],
};
const rows = Object.entries(PLACES).flatMap(([name, places]) =>
  places.flatMap((place) => ODD.map(([what, give]) => [name, place, what, give] as const)),
);

test.each(rows)('%s for the %s gives %s', async (name, place, _what, give) => {
  const own = { [name]: give } as CacheOptions & CacheRequestOptions;
  const options: Readonly<Record<Place, InstanceOptions>> = {
    session: own,
    pattern: { urlsExpireAfter: { '127.0.0.1': own } },
    request: {},
  };
  const { http } = await startCached({ '/': numbered() }, options[place]);
  const config = place === 'request' ? { cache: own } : {};
  const asked = [() => http.get('/', config), () => http.get('/', config), () => http.put('/', 'x', config)];
  const told: unknown[] = [];
  for (const ask of asked) {
    const ended: unknown = await ask().catch((error: unknown) => error);
    told.push(axios.isAxiosError(ended) ? ended.code : (ended as { status?: unknown }).status);
  }
  // A user whose name is not known must not be given another user's answer.
  const read = name === 'partition' ? 'ERR_CACHE_OPTION' : 200;
  expect(told).toEqual([read, read, 200]);
  await http.cache.idle();
});

test.each(ODD)('a change that gives %s: update() rejects, or stores what it gives', async (_what, give) => {
  const json = { headers: { 'Content-Type': 'application/json' }, body: { a: 1 } };
  const { http } = await startCached({ '/': json }, { expireAfter: '1h' });
  await http.get('/');
  const ended = await http.cache.update('/', give).catch((error: unknown) => error);
  expect(ended === 1 || ended instanceof Error || typeof (ended as { then?: unknown }).then === 'function').toBe(true);
  expect((await http.get('/')).cached).toBe(true);
});

test('what one rule of invalidates says counts, whatever stands beside it', async () => {
  const invalidates = (): never => [late(), '/a', null, { tag: 'b' }] as never;
  const { http } = await startCached({ '/a': numbered(), '/b': numbered(), '/c': numbered() }, { invalidates });
  await http.get('/a');
  await http.get('/b', { cache: { tags: ['b'] } });
  await http.put('/c', 'x');
  expect([await http.cache.has('/a'), await http.cache.has('/b')]).toEqual([false, false]);
});
