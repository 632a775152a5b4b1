/** Durations and lifetimes: in options and on the command line. */
import fc from 'fast-check';
import { isCacheError } from '../../../lib/api/errors.js';
import { parseDuration, parseLifetime } from '../../../lib/options/lifetimes.js';
import { textNear } from '../mutate.js';
import { oddValue } from '../odd-values.js';
import { faultOfThrown, target } from '../target.js';

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, ' sec': 1, ' mins': 60, hrs: 3600, ' hours': 3600, ' days': 86_400,
};
const TEXTS = ['90s', '5m', '1.5h', '2 days', '500ms', '1 week', 'never', 'heuristic', '2030-01-01', '3 hrs'];

type Input =
  | { readonly kind: 'valid'; readonly amount: number; readonly unit: string }
  | { readonly kind: 'any'; readonly make: () => unknown };

const isAboutOption = (error: unknown): boolean =>
  isCacheError(error) && error.code === 'ERR_CACHE_OPTION' && 'option' in error && error.option === 'here';

const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= 1e-9 * Math.max(1, other);

export const durations = target<Input>({
  name: 'durations',
  inputs: fc.oneof(
    fc.record({
      kind: fc.constant('valid' as const),
      amount: fc.oneof(fc.nat(), fc.nat(9999).map((each) => each / 100)),
      unit: fc.constantFrom(...Object.keys(SECONDS)),
    }),
    textNear(TEXTS, ['ms', ' ', 'days', '.', 'e5']).map((text) => ({ kind: 'any' as const, make: () => text })),
    oddValue.map(({ make }) => ({ kind: 'any' as const, make })),
  ),
  faultOf(input) {
    if (input.kind === 'valid') {
      const seconds = parseDuration(`${input.amount}${input.unit}`, 'here');
      const meant = input.amount * (SECONDS[input.unit] ?? NaN);
      return isNear(seconds, meant) ? undefined : `${input.amount}${input.unit} is read as ${seconds} s`;
    }
    return faultOfThrown(() => {
      const seconds = parseDuration(input.make(), 'here');
      if (!(seconds >= 0 && seconds < Infinity)) throw new Error(`a duration is ${seconds}`);
    }, isAboutOption) ?? faultOfThrown(() => parseLifetime(input.make(), 'here'), isAboutOption);
  },
  read: (text) => faultOfThrown(() => parseDuration(text, 'here'), isAboutOption),
  parts: ['1', '1.', ' ', '5m', '1 ', 'Monday, ', '2030-01-01'],
});
