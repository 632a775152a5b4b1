/** The fuzzer: it finds what is planted, and nothing in the package, in small numbers; the long run is a script. */
import fc from 'fast-check';
import { fuzz, fuzzTarget, TARGET_NAMES } from '../../proof/fuzz/fuzz.js';
import { slowTexts } from '../../proof/fuzz/linear.js';
import { textNear } from '../../proof/fuzz/mutate.js';
import { type FuzzTarget, target } from '../../proof/fuzz/target.js';

const planted = (changes: Partial<FuzzTarget<string>>): FuzzTarget =>
  target<string>({
    name: 'planted',
    inputs: textNear(['a=1, b=2'], ['__proto__']),
    faultOf: () => undefined,
    read: () => undefined,
    parts: ['a'],
    ...changes,
  });
const failuresOf = async (changes: Partial<FuzzTarget<string>>): Promise<string> =>
  (await fuzzTarget(planted(changes), { seed: 1, inputs: 2000 })).failures.join('\n');

describe('what is planted is found', () => {
  test('a wrong result, shrunk, and with the path by which it is played again', async () => {
    const found = await failuresOf({ faultOf: (text) => (text.includes('\0') ? 'it has a zero' : undefined) });
    expect(found).toMatch(/it has a zero \(seed 1, path [\d:]+\)/);
  });

  test('what is thrown, at once or later', async () => {
    const late = (text: string): Promise<string | undefined> =>
      text.length > 8 ? Promise.reject(new TypeError('no such thing')) : Promise.resolve(undefined);
    expect(await failuresOf({ faultOf: late })).toContain('no such thing');
    expect(await failuresOf({ faultOf: (text) => { decodeURIComponent(text); return undefined; } })).toContain('URI');
  });

  test('a changed prototype', async () => {
    const faultOf = (text: string): undefined => {
      const planted = { value: 1, configurable: true };
      if (text.includes('__proto__')) Object.defineProperty(Object.prototype, 'planted', planted);
      return undefined;
    };
    try {
      expect(await failuresOf({ faultOf })).toContain('a prototype was changed');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'planted');
    }
  });

  test('time that grows with the square of the length', () => {
    const read = (text: string): number => {
      let pairs = 0;
      for (let one = 0; one < text.length; one += 10) {
        for (let other = 0; other < text.length; other += 10) pairs += text.charCodeAt(one) ^ text.charCodeAt(other);
      }
      return pairs;
    };
    expect(slowTexts({ read, parts: ['a'] }, 0).join()).toContain('"a" repeated');
  });
});

test('the same seed plays the same inputs', async () => {
  const played = async (): Promise<readonly string[]> => {
    const inputs: string[] = [];
    await fuzzTarget(planted({ faultOf: (text) => { inputs.push(text); return undefined; } }), { seed: 5, inputs: 50 });
    return inputs;
  };
  const first = await played();
  expect(first).toEqual(await played());
  expect(fc.stringify(first).length).toBeGreaterThan(100);
});

test.each(TARGET_NAMES)('%s', async (name) => {
  const lines: string[] = [];
  const { inputs, failures } = await fuzz({ seed: 7, inputs: 200, log: (line) => { lines.push(line); }, only: [name] });
  expect({ inputs, failures }).toEqual({ inputs: 200, failures: [] });
  expect(lines[0]).toContain(`${name}: 200 inputs, 0 failures`);
}, 120_000);
