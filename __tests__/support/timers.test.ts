/** Time limits around promises, and timers that let a process end. */
import { LONGEST_DELAY_MS, unref, within } from '../../lib/support/timers.js';

const never = new Promise<never>(() => undefined);

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test.each(['process-stays', 'process-may-end'] as const)('a promise in time is what is waited for: %s', async (how) => {
  await expect(within(1000, Promise.resolve('in time'), how)).resolves.toBe('in time');
  expect(jest.getTimerCount()).toBe(0);
});

test('a value is as good as a promise', async () => {
  await expect(within(1000, 'at once')).resolves.toBe('at once');
});

test('a promise that rejects does so with its own reason', async () => {
  const reason = { not: 'an Error' };
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- The reason need not be an Error.
  await expect(within(1000, Promise.reject(reason))).rejects.toBe(reason);
  expect(jest.getTimerCount()).toBe(0);
});

test('a promise that does not settle is waited for no longer than that', async () => {
  const limited = within(1000, never);
  const rejected = expect(limited).rejects.toThrow('no answer within 1000 ms');
  await jest.advanceTimersByTimeAsync(1000);
  await rejected;
  expect(jest.getTimerCount()).toBe(0);
});

test('a limit that no timer takes is the longest that one takes', async () => {
  const settled = jest.fn();
  within(Infinity, never).catch(settled);
  await jest.advanceTimersByTimeAsync(LONGEST_DELAY_MS - 1);
  expect(settled).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(1);
  expect(settled).toHaveBeenCalled();
});

test('a timer keeps the process alive until it is told not to', () => {
  jest.useRealTimers();
  const timer = setTimeout(() => undefined, 60_000);
  expect(timer.hasRef()).toBe(true);
  unref(timer);
  expect(timer.hasRef()).toBe(false);
  clearTimeout(timer);
});

test('a timer of a browser, which is a number, is left alone', () => {
  expect(() => unref(7 as unknown as NodeJS.Timeout)).not.toThrow();
});
