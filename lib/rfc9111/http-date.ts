/** This file reads HTTP dates in their three formats (RFC 9110 section 5.6.7). */
import type { EpochMs } from './model.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
/** Second 60 is a leap second. */
const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const SHORT_DAY = '(?:mon|tue|wed|thu|fri|sat|sun)';
const LONG_DAY = '(?:mon|tues|wednes|thurs|fri|satur|sun)day';

/** Case does not matter, as RFC 9111 section 4.2 asks of caches. Every other character does, and only GMT is read. */
const FORMATS = [
  `${SHORT_DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} gmt`,
  `${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<shortYear>\\d\\d) ${TIME} gmt`,
  `${SHORT_DAY} ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})`,
].map((format) => new RegExp(`^${format}$`, 'i'));

const YEARS_AHEAD = 50;

/** The text of the usual format that was read last: many answers come within one second, and say the same. */
let last: { readonly text: string; readonly instant: EpochMs | undefined } | undefined;

/** Gives the instant that `text` names; the result is undefined where it is no HTTP date, or no such time exists. */
export function parseHttpDate(text: string | undefined, now: EpochMs): EpochMs | undefined {
  if (text === undefined) return undefined;
  if (last?.text === text) return last.instant;
  for (const format of FORMATS) {
    const groups = format.exec(text)?.groups;
    if (groups === undefined) continue;
    const instant = instantOf(groups, now);
    // What two digits of a year stand for depends on the time.
    if (groups['shortYear'] === undefined) last = { text, instant };
    return instant;
  }
  return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function instantOf(groups: Groups, now: EpochMs): EpochMs | undefined {
  const { year, shortYear } = groups;
  if (shortYear === undefined) return instantInYear(Number(year), groups);
  // Two digits stand for the latest such year that is not more than 50 years ahead.
  const horizon = new Date(now);
  const lastYear = horizon.getUTCFullYear() + YEARS_AHEAD;
  const candidate = lastYear - (lastYear % 100) + Number(shortYear);
  const instant = instantInYear(candidate, groups);
  const isAhead = (instant ?? Infinity) > horizon.setUTCFullYear(lastYear);
  return isAhead ? instantInYear(candidate - 100, groups) : instant;
}

function instantInYear(year: number, { month = '', day, hour, minute, second }: Groups): EpochMs | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, MONTHS.indexOf(month.toLowerCase()), Number(day));
  // In a month that has no such day, this one is of the next month.
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}
