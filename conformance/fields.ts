/** Field values as the suite writes them: relative dates, locations under the test's own path, repeated names. */
import type { FieldLine, TestRequest } from './suite.js';

/** What a relative value is relative to: the Server-Now and Server-Base-Url of one response. */
export interface Anchor {
  readonly now: number;
  readonly base: string;
}

const DATES = new Set(['date', 'expires', 'last-modified', 'if-modified-since', 'if-unmodified-since']);
const LOCATIONS = new Set(['location', 'content-location']);
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function formatRfc850(date: Date): string {
  const [, day = '', month = '', year = '', time = ''] = date.toUTCString().split(' ');
  return `${DAYS[date.getUTCDay()] ?? ''}, ${day}-${month}-${year.slice(2)} ${time} GMT`;
}

function formatDate(epochMs: number, form: 'imf' | 'rfc850'): string {
  const date = new Date(epochMs);
  return form === 'imf' ? date.toUTCString() : formatRfc850(date);
}

/** The value that goes on the wire, or that is expected there. */
export function resolveValue(
  line: readonly [string, string | number, ...unknown[]],
  anchor: Anchor,
  request: TestRequest,
): string {
  const [name, value] = line;
  const key = name.toLowerCase();
  if (typeof value === 'number' && DATES.has(key)) {
    return formatDate(anchor.now + value * 1000, request.rfc850date?.includes(key) === true ? 'rfc850' : 'imf');
  }
  if (request.magic_locations === true && LOCATIONS.has(key))
    return value === '' ? anchor.base : `${anchor.base}/${value}`;
  return String(value);
}

/** One line a name, values joined with ", ", as a Fetch `Headers` object would send them. */
export function combineLines(lines: readonly FieldLine[]): Record<string, string> {
  const combined = new Map<string, [name: string, value: string]>();
  for (const [name, value] of lines) {
    const known = combined.get(name.toLowerCase());
    combined.set(name.toLowerCase(), known === undefined ? [name, String(value)] : [known[0], `${known[1]}, ${value}`]);
  }
  return Object.fromEntries(combined.values());
}

/** The last value of a name, as text. */
export function findValue(lines: readonly FieldLine[], name: string): string | undefined {
  const value = lines.filter((line) => line[0].toLowerCase() === name.toLowerCase()).at(-1)?.[1];
  return value === undefined ? undefined : String(value);
}
