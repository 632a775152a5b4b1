/** Removing behind a call: what the call waits for, and who hears of a failure. */
import { countForAWhile } from '../../lib/storage/sweep.js';
import { gate } from '../support/exchange.js';

const failure = new Error('no connection');

test('what fails before time is up is told by the count, and by nothing else', async () => {
  const { count, rest } = countForAWhile((async function* () {
    yield 1;
    throw failure;
  })());
  await expect(count).rejects.toBe(failure);
  await expect(rest).resolves.toBeUndefined();
});

test('what fails later is told by the rest, and the count is that of the first second', async () => {
  jest.useFakeTimers();
  try {
    const second = gate();
    const { count, rest } = countForAWhile((async function* () {
      yield 1;
      await second.passed;
      throw failure;
    })());
    await jest.advanceTimersByTimeAsync(1000);
    expect(await count).toBe(1);
    second.open();
    await expect(rest).rejects.toBe(failure);
  } finally {
    jest.useRealTimers();
  }
});
