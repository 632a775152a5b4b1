/** Remembering what was made of texts. */
import { remembered } from '../../lib/support/memo.js';

/** A memo whose `make` tells what it was given, and how often it was called. */
function counted() {
  const make = jest.fn((text: string) => ({ text }));
  return { make, of: remembered(make) };
}
const texts = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index).padStart(length, '-'));

test('the same text is made into something once', () => {
  const { make, of } = counted();
  expect(of('a')).toEqual({ text: 'a' });
  expect(of(['a'].join(''))).toBe(of('a'));
  expect(of('b')).toEqual({ text: 'b' });
  expect(make).toHaveBeenCalledTimes(2);
});

test('a text of great length is made into something each time', () => {
  const { make, of } = counted();
  const long = 'x'.repeat(20_000);
  expect(of(long)).toEqual({ text: long });
  expect(of(long)).not.toBe(of(long));
  expect(make).toHaveBeenCalledTimes(3);
});

test('what is remembered has an end, and the latest is among it', () => {
  const { make, of } = counted();
  const many = texts(2000, 1000);
  for (const text of many) expect(of(text).text).toBe(text);
  make.mockClear();
  for (const text of many.slice(-10)) expect(of(text).text).toBe(text);
  expect(make).not.toHaveBeenCalled();
  for (const text of many.slice(0, 10)) expect(of(text).text).toBe(text);
  expect(make).toHaveBeenCalledTimes(10);
});

test('what is asked for again and again stays, whatever else comes', () => {
  const { make, of } = counted();
  const often = of('often');
  for (const text of texts(5000, 1000)) {
    of(text);
    expect(of('often')).toBe(often);
  }
  expect(make).toHaveBeenCalledTimes(5001);
});

test('nothing is nothing to remember, and a failure neither', () => {
  const make = jest.fn((text: string) => {
    if (text === 'bad') throw new Error(text);
    return undefined;
  });
  const of = remembered(make);
  for (const text of ['bad', 'bad']) expect(() => of(text)).toThrow('bad');
  expect([of('none'), of('none')]).toEqual([undefined, undefined]);
  expect(make).toHaveBeenCalledTimes(4);
});
