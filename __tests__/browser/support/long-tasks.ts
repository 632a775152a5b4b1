/** The longest task of a page's main thread in each step of what it does, by Chromium's own trace. */
import type { Browser, Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  /** `X`: it has a duration. */
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, as are the next two. */
  readonly ts: number;
  readonly dur?: number;
  /** How long its thread was at work: another program on the machine does not count. */
  readonly tdur?: number;
}

const MARK = 'step ';
const isMark = ({ cat, name }: TraceEvent): boolean => cat === 'blink.user_timing' && name.startsWith(MARK);

/**
 * `work` makes the page call `performance.mark('step <name>')` at the start of each step, and a last time at the end.
 *
 * @returns the processor time of the longest task of each step, in milliseconds, by the step's name in the order of the
 * rounds
 */
export async function longestTasks(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await work();
  const { traceEvents: events } = JSON.parse(String(await browser.stopTracing())) as { traceEvents: TraceEvent[] };
  const marks = events.filter(isMark).sort((one, other) => one.ts - other.ts);
  const isTask = ({ name, ph, pid, tid }: TraceEvent): boolean =>
    ph === 'X' && name.endsWith('RunTask') && pid === marks[0]?.pid && tid === marks[0].tid;
  const tasks = events.filter(isTask);
  const found = new Map<string, number[]>();
  for (const [index, { name, ts }] of marks.slice(0, -1).entries()) {
    const end = marks[index + 1]?.ts ?? Infinity;
    // A task in which a step ends and the next one begins belongs to that one, which may end in it too.
    const own = tasks.filter((task) => {
      const over = task.ts + (task.dur ?? 0);
      return over > ts && over <= end;
    });
    const step = name.slice(MARK.length);
    found.set(step, [...(found.get(step) ?? []), Math.max(...own.map(({ tdur = 0 }) => tdur)) / 1000]);
  }
  return found;
}
