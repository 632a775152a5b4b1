/** How durations, sizes and bars are written for people. */

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** So much of a unit is written as one of it. */
const ALMOST = 0.995;

/** Writes a duration by its largest unit: `45s`, `12m`, `1.5h`, `8d`. */
export function duration(ms: number): string {
  if (ms === Infinity) return 'never';
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [unit, length] = UNITS.find(([, each]) => seconds >= each * ALMOST) ?? ['s', 1];
  const value = seconds / length;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)}${unit}`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ''}`;
}

const BAR_LENGTH = 24;

/** Draws a share as a bar; what is there at all is at least a sliver. */
export function bar(value: number, most: number): string {
  const eighths = most === 0 ? 0 : Math.max(value > 0 ? 1 : 0, Math.round((value / most) * BAR_LENGTH * 8));
  const rest = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? '';
  return '█'.repeat(Math.floor(eighths / 8)) + rest;
}

export const count = (number: number, noun: 'entry' | 'host'): string => {
  const many = noun === 'entry' ? 'entries' : 'hosts';
  return `${number} ${number === 1 ? noun : many}`;
};
