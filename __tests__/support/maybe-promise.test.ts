/** Going on with a value that is there, at once, or with one that is still to come. */
import fc from 'fast-check';
import { type MaybePromise, whenThere } from '../../lib/support/maybe-promise.js';

test('a value that is there: the next step runs at once, and its answer is handed on as it is', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (value, answer) => {
      const seen: unknown[] = [];
      const given = whenThere<unknown, unknown>(value, (each) => {
        seen.push(each);
        return answer;
      });
      expect(given).toBe(answer);
      expect(seen).toEqual([value]);
    }),
  );
});

test('a promise: the next step runs once it is there, and one that waits itself is waited for', async () => {
  const steps: string[] = [];
  const later = (value: number): Promise<number> => Promise.resolve(value + 1);
  const given = whenThere(Promise.resolve(1), (value) => {
    steps.push('next');
    return later(value);
  });
  steps.push('asked');
  expect(given).toBeInstanceOf(Promise);
  expect(await given).toBe(2);
  expect(steps).toEqual(['asked', 'next']);
});

test('any mixture of steps comes to the same', async () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat()), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      let value: MaybePromise<number> = 0;
      for (const [waits, addend] of taken) {
        value = whenThere(value, (sum) => (waits ? Promise.resolve(sum + addend) : sum + addend));
      }
      expect(value instanceof Promise).toBe(taken.some(([waits]) => waits));
      expect(await value).toBe(taken.reduce((sum, [, addend]) => sum + addend, 0));
    }),
  );
});

test('a step that throws: at once where nothing waits, else as a rejection; none runs after a rejection', async () => {
  const error = new Error('the step fails');
  const fail = (): never => {
    throw error;
  };
  expect(() => whenThere(1, fail)).toThrow(error);
  await expect(whenThere(Promise.resolve(1), fail)).rejects.toBe(error);
  const next = jest.fn();
  await expect(whenThere(Promise.reject(error), next)).rejects.toBe(error);
  expect(next).not.toHaveBeenCalled();
});
