/** How durations and lifetimes are read. */
import { checked, optionError, showValue } from './faults.js';
import type { StoredResponse } from '../api/stored-response.js';
import type { EpochMs, Seconds } from '../rfc9111/model.js';
import { isUnawaited } from '../support/user-promise.js';

/** A value of `expireAfter`, once it is read. */
export type ParsedLifetime =
  /** The cache is off: `false`, `0`, or another duration of no length. */
  | { readonly kind: 'off' }
  /** `Infinity` seconds never end. */
  | { readonly kind: 'seconds'; readonly seconds: Seconds }
  | { readonly kind: 'until'; readonly at: EpochMs }
  | { readonly kind: 'heuristic' };

/** A lifetime that the user's function gives for each answer. */
interface AskedLifetime {
  readonly kind: 'asked';
  readonly ask: (response: StoredResponse) => unknown;
}

/**
 * What the request, a URL pattern or the session says of the lifetime. `on` undoes an `off` of a farther place, and
 * leaves the lifetime to the farther places.
 */
export type Rung = ParsedLifetime | AskedLifetime | { readonly kind: 'on' };

const DURATION_FORMS = 'Use seconds (300), "90s", "5m" or "2 days".';
const LIFETIME_FORMS =
  'Use seconds (300), "90s", "5m", "2 days", a Date, "never", "heuristic", or false for no caching.';

/** By the first letter of the unit; milliseconds are told apart before. */
const UNITS: Readonly<Record<string, Seconds>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|[smhdw]| ?(?:sec|min|hr)s?| (?:second|minute|hour|day|week)s?)$/;
/** Roughly tells an HTTP-date (RFC 9110 section 5.6.7) or an ISO 8601 date, so that a message can say what to write. */
const DATE_LIKE = /^(?:[A-Za-z]{3,9},? .*\d{2}:\d{2}|\d{4}-\d{2}-\d{2})/;

/** Gives a finite number of seconds that is not negative, and `undefined` for what is no duration. */
function readDuration(value: unknown): Seconds | undefined {
  const seconds = typeof value === 'string' ? readText(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds) ? seconds : undefined;
}

function readText(text: string): Seconds | undefined {
  const [, amount, unit = ''] = DURATION.exec(text) ?? [];
  // Dividing by 1000 is exact where multiplying by 0.001 is not.
  return unit === 'ms' ? Number(amount) / 1000 : Number(amount) * (UNITS[unit.trim().charAt(0)] ?? NaN);
}

function notADuration(value: unknown, option: string, forms: string): Error {
  const isDate = typeof value === 'string' && DATE_LIKE.test(value);
  const remedy = isDate ? `Pass a Date: new Date(${showValue(value)}).` : forms;
  return optionError(option, `${option}: ${showValue(value)} is not a duration. ${remedy}`);
}

/**
 * Reads a number of seconds, or a number with its unit such as `'1.5h'` or `'2 days'`. It is zero or more, and finite.
 * @throws CacheError `ERR_CACHE_OPTION` for anything else.
 */
export function parseDuration(value: unknown, option: string): Seconds {
  const seconds = readDuration(value);
  if (seconds === undefined) throw notADuration(value, option, DURATION_FORMS);
  return seconds;
}

const NEVER: ParsedLifetime = { kind: 'seconds', seconds: Infinity };
const OFF: ParsedLifetime = { kind: 'off' };

/** The lifetimes that are no duration. */
const WORDS: ReadonlyMap<unknown, ParsedLifetime> = new Map<unknown, ParsedLifetime>([
  [false, OFF],
  [-1, NEVER],
  [Infinity, NEVER],
  ['never', NEVER],
  ['heuristic', { kind: 'heuristic' }],
]);

/**
 * Reads a lifetime. A Date is absolute, and may have passed. `forms` is the end of the message of an error.
 * @throws CacheError `ERR_CACHE_OPTION` for what is no lifetime.
 */
export function parseLifetime(value: unknown, option: string, forms = LIFETIME_FORMS): ParsedLifetime {
  const word = WORDS.get(value);
  if (word !== undefined) return word;
  const at = checked(option, () => (value instanceof Date ? value.getTime() : NaN));
  if (!Number.isNaN(at)) return { kind: 'until', at };
  const seconds = readDuration(value);
  if (seconds === undefined) throw notADuration(value, option, forms);
  return seconds === 0 ? OFF : { kind: 'seconds', seconds };
}

/** What the user's function says of an answer. One that throws, or gives what is no lifetime, does not allow it. */
export function askLifetime({ ask }: AskedLifetime, response: StoredResponse): ParsedLifetime | undefined {
  try {
    const said = ask(response);
    if (isUnawaited(said)) return OFF;
    return said === undefined ? undefined : parseLifetime(said, 'expireAfter');
  } catch {
    return OFF;
  }
}
