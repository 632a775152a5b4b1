/** Long fields cost milliseconds, on either side and whatever is in them, and longer ones cost in proportion. */
import { answered, asked, REQUEST_FIELDS, RESPONSE_FIELDS } from './all-decisions.js';

const LENGTH = 100_000;
/** What takes no longer cannot be quadratic: that takes seconds for so much. */
const LIMIT_MS = 50;
/** A busy machine may be ten times as slow. Then the time for a field of eight times the length tells. */
const GENEROUS_LIMIT_MS = 500;
const LONGER = 8;
/** Eight times as much takes eight times the time, and 64 times where it is quadratic. */
const LARGEST_RATIO = 24;

const PARTS = [
  ',', ';', ' ', '"', '\\', '"\\', 'a', 'a,', 'a ', 'a=', 'a="', 'max-age=60,', 'no-cache="a",', 'max-age ',
  'no-store ', '"a",', '"a";', 'W/"', '--gzip', '0', '(', '("a" ', 'a;b=1,', '%', '%"', '@1', '0-1,', '&', '/',
  ';q=0.5,', 'except=("a"),',
];
const SHAPES: readonly ((part: string, length: number) => string)[] = [
  (part, length) => part.repeat(Math.ceil(length / part.length)).slice(0, length),
  (part, length) => `max-age=60,"${part.repeat(Math.ceil(length / part.length)).slice(0, length)}`,
];

function timeOf(decide: typeof asked, name: string, value: string): number {
  // Processor time: on a busy machine, waiting for a turn is no slowness of the code.
  const since = process.cpuUsage();
  decide(name, value);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** The least of up to three times, of which one is enough that is in time: what is compiled meanwhile counts too. */
function leastTimeOf(inTimeMs: number, ...of: Parameters<typeof timeOf>): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 3 && least > inTimeMs; attempt += 1) least = Math.min(least, timeOf(...of));
  return least;
}

test.each([
  ...RESPONSE_FIELDS.map((name) => ['a response', name, answered] as const),
  ...REQUEST_FIELDS.map((name) => ['a request', name, asked] as const),
])('%s with %s', (_side, name, decide) => {
  const slow: unknown[] = [];
  for (const part of PARTS) {
    for (const shape of SHAPES) {
      const ms = leastTimeOf(LIMIT_MS, decide, name, shape(part, LENGTH));
      if (ms <= LIMIT_MS) continue;
      const isFar = ms > GENEROUS_LIMIT_MS;
      const inTimeMs = LARGEST_RATIO * ms;
      const longerMs = isFar ? Infinity : leastTimeOf(inTimeMs, decide, name, shape(part, LONGER * LENGTH));
      if (longerMs > inTimeMs) slow.push({ value: shape(part, 20), ms, longerMs });
    }
  }
  expect(slow).toEqual([]);
}, 120_000);
