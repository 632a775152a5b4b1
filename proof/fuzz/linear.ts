/** Whether what reads long texts takes time in proportion to their length: told by ratios, never by a time alone. */
import type { FuzzTarget } from './target.js';

const LENGTH = 20_000;
/** What takes no longer cannot be quadratic: that takes seconds for so much. */
const UNREMARKABLE_MS = 20;
const LONGER = 8;
/** Eight times as much takes eight times the time, and 64 times where it is quadratic. */
const LARGEST_RATIO = 24;
/** What takes so long is not tried at eight times the length. */
const HOPELESS_MS = 1500;

const repeated = (part: string, length: number): string =>
  part.repeat(Math.ceil(length / part.length)).slice(0, length);

function timeOf(read: (text: string) => unknown, text: string): number {
  // Processor time: on a busy machine, waiting for a turn is no slowness of the code.
  const since = process.cpuUsage();
  read(text);
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** The least of several times: what is compiled or collected meanwhile counts too. */
const leastTimeOf = (read: (text: string) => unknown, text: string, times: readonly number[]): number =>
  Math.min(...times.map(() => timeOf(read, text)));

/** Gives a line for each text that takes more than its share. */
export function slowTexts(
  { read, parts }: Pick<FuzzTarget, 'read' | 'parts'>,
  unremarkableMs = UNREMARKABLE_MS,
): readonly string[] {
  const slow: string[] = [];
  for (const part of parts) {
    const text = repeated(part, LENGTH);
    if (timeOf(read, text) <= unremarkableMs) continue;
    const ms = leastTimeOf(read, text, [1, 2, 3]);
    if (ms <= unremarkableMs) continue;
    const ratio = ms > HOPELESS_MS ? Infinity : leastTimeOf(read, repeated(part, LONGER * LENGTH), [1, 2]) / ms;
    if (ratio <= LARGEST_RATIO) continue;
    slow.push(`${JSON.stringify(part)} repeated to ${LENGTH} letters: ${Math.round(ms)} ms, ${ratio.toFixed(0)} times as long for ${LONGER} times the length`);
  }
  return slow;
}
