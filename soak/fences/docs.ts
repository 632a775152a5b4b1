/** The table of docs/reliability.md that the soak of fences writes: one row for each storage, as it was seen last. */
import type { Counts } from './log.js';
import { markdownTable } from '../../demo/table.js';
import { readPart, writePart } from '../../scripts/page-part.mjs';

const PLACE = { page: 'docs/reliability.md', name: 'fences', command: 'npm run soak:fences -- --docs' };
const TITLES = [
  'Storage', 'Rounds', 'Hits', 'Stored', 'Refused', 'Invalidations', 'Tokens lost', 'Came back', 'Heads on another body',
];

const cellsOf = (row: string): readonly string[] => row.slice(2, -2).split(' | ');

export function writeCounts(storage: string, counts: Counts & { readonly resurrected: number }): void {
  const { rounds, hits, stored, refused, invalidations, lost, resurrected, heads } = counts;
  const numbers = [rounds, hits, stored, refused, invalidations, lost, resurrected, heads];
  const row = [storage, ...numbers.map((count) => count.toLocaleString('en'))];
  const others = readPart(PLACE).split('\n').slice(2).map(cellsOf).filter(([name]) => name !== storage);
  const rows = [...others, row].sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  writePart(PLACE, markdownTable(TITLES, rows));
}
