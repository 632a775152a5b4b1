/** Remembering up to a bound: what is used stays, what is not used is forgotten, and nothing else is lost. */
import fc from 'fast-check';
import { BoundedMap } from '../../lib/support/bounded-map.js';

/** Makes a map of numbers to themselves, and a list of all that it has forgotten. */
function filled(limit: number, count: number) {
  const forgotten: number[] = [];
  const map = new BoundedMap<number, number>(limit, { onForgotten: (entries) => forgotten.push(...entries.keys()) });
  for (let key = 0; key < count; key += 1) map.set(key, key);
  return { map, forgotten };
}

test('below half of the bound nothing is forgotten', () => {
  const { map, forgotten } = filled(100, 50);
  expect([map.size, map.get(0), map.get(49), forgotten]).toEqual([50, 0, 49, []]);
});

test('the entries that were set last are there, however many there were', () => {
  const { map, forgotten } = filled(100, 1000);
  expect(map.size).toBeLessThanOrEqual(100);
  for (let key = 950; key < 1000; key += 1) expect(map.has(key)).toBe(true);
  expect(forgotten).toEqual(Array.from({ length: 1000 - map.size }, (_, key) => key));
});

test('what is used again and again stays', () => {
  const map = new BoundedMap<string, number>(100);
  map.set('often', 7);
  for (let count = 0; count < 1000; count += 1) {
    map.set(String(count), count);
    expect(map.get('often')).toBe(7);
  }
});

test('a value that is set again is the new one, and counts once', () => {
  const { map } = filled(10, 8);
  for (const key of [0, 7]) {
    map.set(key, -1);
    expect(map.get(key)).toBe(-1);
  }
  expect(map.size).toBe(8);
});

test('what is deleted is gone, wherever it stood', () => {
  const { map, forgotten } = filled(10, 8);
  for (const key of [0, 7, 99]) map.delete(key);
  expect([map.size, map.has(0), map.get(7), forgotten]).toEqual([6, false, undefined, []]);
});

test('entries may take more of the bound than one', () => {
  const map = new BoundedMap<string, number>(10, { sizeOf: (key) => key.length });
  for (const key of ['aaaa', 'bbbb', 'cccc', 'dddd']) map.set(key, 1);
  expect(['aaaa', 'bbbb', 'cccc', 'dddd'].map((key) => map.has(key))).toEqual([false, false, true, true]);
});

test('whatever is done, an entry is there or has been forgotten, and never both', () => {
  const step = fc.tuple(fc.constantFrom('set' as const, 'get' as const, 'delete' as const), fc.nat(20));
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 12 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
      const model = new Map<number, number>();
      const map = new BoundedMap<number, number>(limit, {
        onForgotten: (entries) => {
          for (const [key, value] of entries) {
            expect(model.get(key)).toBe(value);
            model.delete(key);
          }
        },
      });
      steps.forEach(([act, key], index) => {
        if (act === 'set') model.set(key, index);
        if (act === 'set') map.set(key, index);
        else if (act === 'delete') [map, model].forEach((each) => each.delete(key));
        else expect([map.get(key)]).toEqual([model.get(key)]);
        expect(map.size).toBe(model.size);
        expect(map.size).toBeLessThanOrEqual(limit);
      });
    }),
  );
});
