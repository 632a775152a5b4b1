/** Durations and lifetimes as users write them, and the local rungs of the expiration ladder. */
import fc from 'fast-check';
import { isCacheError } from '../../lib/api/errors.js';
import { type Rung, parseDuration, parseLifetime } from '../../lib/options/lifetimes.js';
import { nearestLocalRung } from '../../lib/options/policy.js';

const NOON = new Date('2026-01-01T12:00:00Z');

function failure(act: () => unknown): { code: string; option: unknown; message: string } {
  try {
    act();
  } catch (error) {
    if (isCacheError(error)) return { code: error.code, option: Reflect.get(error, 'option'), message: error.message };
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Values that are no duration, wherever they stand. */
const UNREADABLE: readonly (readonly [string, unknown])[] = [
  ['NaN', NaN],
  ['a negative number', -5],
  ['a negative fraction', -0.5],
  ['-Infinity', -Infinity],
  ['an empty string', ''],
  ['a number without a unit', '60'],
  ['zero without a unit', '0'],
  ['minus one as text', '-1'],
  ['a leading minus', '-5m'],
  ['a leading plus', '+5m'],
  ['a space before', ' 5m'],
  ['a space behind', '5m '],
  ['a space before a short unit', '5 m'],
  ['no space before a long unit', '2days'],
  ['two spaces', '2  days'],
  ['upper case', '5M'],
  ['an unknown unit', '5 parsecs'],
  ['months', '5mo'],
  ['minutes in upper case', '5Min'],
  ['two spaces before a shortened unit', '5  min'],
  ['years', '1 year'],
  ['no amount', 's'],
  ['no digit before the point', '.5h'],
  ['no digit behind the point', '1.h'],
  ['an exponent', '1e3s'],
  ['a decimal comma', '1,5h'],
  ['several parts', '1h30m'],
  ['a second line', '5m\n'],
  ['digits of another script', '٥m'],
  ['more than a number holds', `${'9'.repeat(400)}s`],
  ['the word Infinity', 'Infinity'],
  ['a boxed number', new Number(60)],
  ['a boxed string', new String('5m')],
  ['a bigint', 60n],
  ['true', true],
  ['a list', [60]],
  ['an object', { seconds: 60 }],
  ['a function', () => 60],
  ['a symbol', Symbol('5m')],
];

describe('parseDuration', () => {
  test.each([
    [0, 0],
    [60, 60],
    [0.5, 0.5],
    ['0s', 0],
    ['500ms', 0.5],
    ['1ms', 0.001],
    ['90s', 90],
    ['5m', 300],
    ['1.5h', 5400],
    ['2d', 172_800],
    ['1w', 604_800],
    ['1 second', 1],
    ['30 seconds', 30],
    ['1 minute', 60],
    ['5 minutes', 300],
    ['1 hour', 3600],
    ['1.5 hours', 5400],
    ['1 day', 86_400],
    ['2 days', 172_800],
    ['2 weeks', 1_209_600],
    ['5min', 300],
    ['10 mins', 600],
    ['1 min', 60],
    ['30sec', 30],
    ['30 secs', 30],
    ['1.5hrs', 5400],
    ['2 hr', 7200],
    ['007s', 7],
  ])('%p is %p seconds', (value, seconds) => {
    expect(parseDuration(value, 'keepStale')).toBe(seconds);
  });

  test('milliseconds are exact, whatever their number', () => {
    fc.assert(
      fc.property(fc.nat(), (amount) => {
        expect(parseDuration(`${amount}ms`, 'keepStale')).toBe(amount / 1000);
      }),
    );
  });

  test.each<readonly [string, unknown]>([
    ...UNREADABLE,
    ['minus one', -1],
    ['Infinity', Infinity],
    ['false', false],
    ['undefined', undefined],
    ['null', null],
    ['never', 'never'],
    ['heuristic', 'heuristic'],
    ['a Date', NOON],
  ])('refuses %s, names the option and says what to write', (_name, value) => {
    const { code, option, message } = failure(() => parseDuration(value, 'keepStale'));
    expect({ code, option }).toEqual({ code: 'ERR_CACHE_OPTION', option: 'keepStale' });
    expect(message).toMatch(/^axios-client-cache: keepStale: .* is not a duration\. Use seconds \(300\), "90s"/s);
  });
});

describe('parseLifetime', () => {
  test.each<[unknown, unknown]>([
    [60, { kind: 'seconds', seconds: 60 }],
    ['5m', { kind: 'seconds', seconds: 300 }],
    ['1ms', { kind: 'seconds', seconds: 0.001 }],
    [0, { kind: 'off' }],
    [-0, { kind: 'off' }],
    ['0s', { kind: 'off' }],
    ['0 days', { kind: 'off' }],
    [false, { kind: 'off' }],
    [-1, { kind: 'seconds', seconds: Infinity }],
    [Infinity, { kind: 'seconds', seconds: Infinity }],
    ['never', { kind: 'seconds', seconds: Infinity }],
    ['heuristic', { kind: 'heuristic' }],
    [NOON, { kind: 'until', at: NOON.getTime() }],
    [new Date(0), { kind: 'until', at: 0 }],
  ])('%p is %p', (value, lifetime) => {
    expect(parseLifetime(value, 'expireAfter')).toEqual(lifetime);
  });

  test.each<readonly [string, unknown]>([
    ...UNREADABLE,
    ['an invalid Date', new Date(NaN)],
    ['another case', 'Never'],
    ['undefined', undefined],
    ['null', null],
  ])('refuses %s, names the option and says what to write', (_name, value) => {
    const { code, option, message } = failure(() => parseLifetime(value, 'cache.expireAfter'));
    expect({ code, option }).toEqual({ code: 'ERR_CACHE_OPTION', option: 'cache.expireAfter' });
    expect(message).toMatch(/cache\.expireAfter: .* is not a duration\. Use seconds .* false for no caching\.$/s);
  });

  test.each([
    'Wed, 21 Oct 2015 07:28:00 GMT',
    'Wednesday, 21-Oct-15 07:28:00 GMT',
    'Wed Oct 21 07:28:00 2015',
    '2026-01-01',
    '2026-01-01T12:00:00Z',
  ])('refuses %p: a date is passed as a Date', (value) => {
    const { message } = failure(() => parseLifetime(value, 'expireAfter'));
    expect(message).toContain(`Pass a Date: new Date("${value}").`);
  });

  test('the message shows the value as it was written', () => {
    expect(failure(() => parseLifetime('5 parsecs', 'expireAfter')).message).toBe(
      'axios-client-cache: expireAfter: "5 parsecs" is not a duration. Use seconds (300), "90s", "5m", "2 days", ' +
        'a Date, "never", "heuristic", or false for no caching.',
    );
  });
});

describe('nearestLocalRung', () => {
  const OFF: Rung = { kind: 'off' };
  const ON: Rung = { kind: 'on' };
  const HOUR: Rung = { kind: 'seconds', seconds: 3600 };
  const NEVER: Rung = { kind: 'seconds', seconds: Infinity };
  const HEURISTIC: Rung = { kind: 'heuristic' };
  const UNTIL: Rung = { kind: 'until', at: NOON.getTime() };
  const DEFAULT = { kind: 'seconds', seconds: Infinity, source: 'default' };

  const LIFETIMES: readonly (readonly [string, Rung, object])[] = [
    ['a duration', HOUR, { kind: 'seconds', seconds: 3600 }],
    ['never', NEVER, { kind: 'seconds', seconds: Infinity }],
    ['heuristic', HEURISTIC, { kind: 'heuristic' }],
    ['a date', UNTIL, { kind: 'until', at: NOON.getTime() }],
  ];
  const SOURCES = ['request', 'url', 'session'] as const;
  type Place = (typeof SOURCES)[number];
  const ladder = (rungs: { readonly [P in Place]?: Rung }): unknown =>
    nearestLocalRung(rungs.request, rungs.url, rungs.session);

  test('without any word the lifetime has no end, and says that it is the default', () => {
    expect(ladder({})).toEqual(DEFAULT);
  });

  describe.each(SOURCES)('alone on the %s rung', (source) => {
    test.each(LIFETIMES)('%s is the lifetime', (_name, rung, expected) => {
      expect(ladder({ [source]: rung })).toEqual({ ...expected, source });
    });

    test('off is off', () => {
      expect(ladder({ [source]: OFF })).toEqual({ kind: 'off' });
    });

    test('on alone brings the default', () => {
      expect(ladder({ [source]: ON })).toEqual(DEFAULT);
    });
  });

  describe.each([
    ['request', 'url'],
    ['request', 'session'],
    ['url', 'session'],
  ] as const)('%s above %s', (near, far) => {
    test.each(LIFETIMES)('%s beats another lifetime', (_name, rung, expected) => {
      expect(ladder({ [near]: rung, [far]: { kind: 'seconds', seconds: 1 } })).toEqual({ ...expected, source: near });
    });

    test.each(LIFETIMES)('%s undoes off', (_name, rung, expected) => {
      expect(ladder({ [near]: rung, [far]: OFF })).toEqual({ ...expected, source: near });
    });

    test.each(LIFETIMES)('off beats %s', (_name, rung) => {
      expect(ladder({ [near]: OFF, [far]: rung })).toEqual({ kind: 'off' });
    });

    test.each(LIFETIMES)('on takes %s from below', (_name, rung, expected) => {
      expect(ladder({ [near]: ON, [far]: rung })).toEqual({ ...expected, source: far });
    });

    test('on undoes off and brings the default', () => {
      expect(ladder({ [near]: ON, [far]: OFF })).toEqual(DEFAULT);
    });

    test('off beats on', () => {
      expect(ladder({ [near]: OFF, [far]: ON })).toEqual({ kind: 'off' });
    });
  });

  test('on looks past an off for a lifetime further out', () => {
    expect(ladder({ request: ON, url: OFF, session: HOUR })).toEqual({
      kind: 'seconds',
      seconds: 3600,
      source: 'session',
    });
  });

  test('an off in between does not reach above itself', () => {
    expect(ladder({ request: HOUR, url: OFF, session: NEVER })).toEqual({
      kind: 'seconds',
      seconds: 3600,
      source: 'request',
    });
  });
});
