/** How long requests have taken: percentiles, for a table. */

const SHARES = [0.5, 0.9, 0.99, 0.999, 1] as const;

export const LATENCY_TITLES = ['Milliseconds', 'Requests', '50 %', '90 %', '99 %', '99.9 %', 'longest'] as const;

/** A row: of so many requests each percentage has taken at most so many milliseconds. */
export function latencyRow(name: string, milliseconds: Float64Array): readonly string[] {
  const sorted = milliseconds.slice().sort();
  const at = (share: number): string => {
    const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
    return value === undefined ? '' : value.toFixed(1);
  };
  return [name, sorted.length.toLocaleString('en'), ...SHARES.map(at)];
}
