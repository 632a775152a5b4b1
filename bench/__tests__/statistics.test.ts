/** The numbers that stand for many rounds. */
import { quartilesOf, ratiosOf } from '../statistics.js';

test('quartiles and median of an odd number of values are values, in whatever order they come', () => {
  expect(quartilesOf([50, 10, 40, 20, 30])).toEqual({ lower: 20, median: 30, upper: 40 });
});

test('between two neighbours they are interpolated', () => {
  expect(quartilesOf([1, 2, 3, 4])).toEqual({ lower: 1.75, median: 2.5, upper: 3.25 });
});

test('one value is all three', () => {
  expect(quartilesOf([7])).toEqual({ lower: 7, median: 7, upper: 7 });
});

test('a ratio is to the other value of the same round', () => {
  expect(ratiosOf([10, 30], [5, 10])).toEqual([2, 3]);
});
