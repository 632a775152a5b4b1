/** This file reads HTTP dates in their three formats (RFC 9110 section 5.6.7). */
import type { EpochMs } from './model.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d\\d):(?<minute>\\d\\d):(?<second>\\d\\d)';
const SHORT_DAY = '(?:mon|tue|wed|thu|fri|sat|sun)';
const LONG_DAY = '(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)';

/** Case does not matter, as RFC 9111 section 4.2 asks of caches. Every other character does, and only GMT is read. */
const FORMATS = [
  `${SHORT_DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} gmt`,
  `${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<shortYear>\\d\\d) ${TIME} gmt`,
  `${SHORT_DAY} ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})`,
].map((format) => new RegExp(`^${format}$`, 'i'));

const YEARS_AHEAD = 50;

/** Gives the instant that `text` names; the result is undefined where it is no HTTP date, or no such time exists. */
export function parseHttpDate(text: string, now: EpochMs): EpochMs | undefined {
  for (const format of FORMATS) {
    const groups = format.exec(text)?.groups;
    if (groups !== undefined) return instantOf(groups, now);
  }
  return undefined;
}

type Groups = Readonly<Record<string, string | undefined>>;

function instantOf(groups: Groups, now: EpochMs): EpochMs | undefined {
  const { year, shortYear } = groups;
  const inYear = (number: number): EpochMs | undefined => instantInYear(number, groups);
  if (shortYear === undefined) return inYear(Number(year));
  // Two digits stand for the latest such year that is not more than 50 years ahead.
  const horizon = new Date(now);
  horizon.setUTCFullYear(horizon.getUTCFullYear() + YEARS_AHEAD);
  const lastYear = horizon.getUTCFullYear();
  const candidate = lastYear - (lastYear % 100) + Number(shortYear);
  const instant = inYear(candidate);
  return instant !== undefined && instant <= horizon.getTime() ? instant : inYear(candidate - 100);
}

function instantInYear(year: number, groups: Groups): EpochMs | undefined {
  const month = MONTHS.indexOf(String(groups['month']).toLowerCase());
  const day = Number(groups['day']);
  const hour = Number(groups['hour']);
  const minute = Number(groups['minute']);
  const second = Number(groups['second']);
  // Second 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  if (date.getUTCDate() !== day) return undefined;
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}
