/** Values that nobody would give on purpose, for whatever takes a value of the user's. */
import fc from 'fast-check';

const throwing = (): object =>
  Object.defineProperty({}, 'partition', { enumerable: true, get: () => { throw new TypeError('no such member'); } });

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function circular(): object {
  const circle: Record<string, unknown> = { expireAfter: '5m' };
  circle['self'] = circle;
  circle['tags'] = [circle];
  return circle;
}

const unprintable = (): object => ({
  toString: () => { throw new Error('no text'); },
  [Symbol.toPrimitive]: () => { throw new Error('no primitive'); },
});

/** Made anew each time, as some of them can be spoilt. */
const MAKERS: readonly (() => unknown)[] = [
  () => undefined, () => null, () => true, () => false, () => 0, () => -0, () => -1, () => 1.5, () => NaN,
  () => Infinity, () => -Infinity, () => Number.MAX_VALUE, () => 7n, () => '', () => ' ', () => 'never', () => '5m',
  () => '5 parsecs', () => 'GET', () => 'no-cache', () => 'x'.repeat(5000), () => Symbol('odd'), () => [], () => [[]],
  () => Array<unknown>(3), () => [undefined], () => ({}), () => Object.create(null) as unknown,
  () => JSON.parse('{"__proto__": {"polluted": true}}') as unknown, () => ({ constructor: { prototype: {} } }),
  () => ({ hasOwnProperty: 1, toString: 1 }), throwing, revoked, circular, unprintable, () => [revoked()],
  () => new Date(NaN), () => new Date(8.64e15), () => /(a+)+$/, () => /x/gy, () => new Map([['a', 1]]), () => new Set([1]),
  () => new Uint8Array(3), () => () => undefined, () => () => { throw new Error('odd'); },
  () => () => Promise.reject(new Error('odd')), () => class Odd {}, () => Object.assign(Object.create({ inherited: 1 })),
  () => new String('5m'), () => new Number(5), () => new Proxy({}, { ownKeys: () => { throw new Error('no keys'); } }),
  () => new Proxy([], { get: () => { throw new Error('no items'); } }), () => Promise.resolve(5),
];

/** They are wrapped, as fast-check must not show or compare them. */
export interface OddValue {
  readonly make: () => unknown;
}

export const oddValue: fc.Arbitrary<OddValue> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...MAKERS).map((make) => ({ make })) },
  { weight: 1, arbitrary: fc.anything({ maxDepth: 2, maxKeys: 3 }).map((value) => ({ make: () => value })) },
);
