/** Numbers as people read them. */
import type { Unit } from '../scenarios/scenario.js';
import type { Quartiles } from '../statistics.js';

/** Three digits that count, and commas between thousands. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.min(2, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))));
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const LABELS: Readonly<Record<Unit, string>> = { ns: 'µs', bytes: 'bytes', promises: 'promises' };

/** Times are shown in microseconds. */
export const inShownUnit = (value: number, unit: Unit): number => (unit === 'ns' ? value / 1000 : value);

export const formatValue = (value: number, unit: Unit): string =>
  unit === 'ns' ? formatNumber(inShownUnit(value, unit)) : Math.round(value).toLocaleString('en');

export const NOTHING = '–';

export const formatRatio = (ratio: Quartiles | undefined): string =>
  ratio === undefined ? NOTHING : formatNumber(ratio.median);

export const formatSpread = (quartiles: Quartiles | undefined, format = formatNumber): string =>
  quartiles === undefined ? NOTHING : `${format(quartiles.lower)} to ${format(quartiles.upper)}`;
