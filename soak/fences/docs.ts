/** The table of docs/reliability.md that the soak of fences writes: one row for each storage, as it was seen last. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Counts } from './log.js';

const PAGE = join(fileURLToPath(new URL('../..', import.meta.url)), 'docs/reliability.md');
const [BEGIN, END] = ['<!-- fences: npm run soak:fences -- --docs -->', '<!-- end of the fences -->'];
const TITLES = [
  'Storage', 'Rounds', 'Hits', 'Stored', 'Refused', 'Invalidations', 'Tokens lost', 'Came back', 'Heads on another body',
];

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const firstCell = (row: string): string => row.slice(2).split(' | ', 1)[0] ?? '';

export function writeCounts(storage: string, counts: Counts & { readonly resurrected: number }): void {
  const text = readFileSync(PAGE, 'utf8');
  const [from, to] = [text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)];
  const { rounds, hits, stored, refused, invalidations, lost, resurrected, heads } = counts;
  const numbers = [rounds, hits, stored, refused, invalidations, lost, resurrected, heads];
  const row = line([storage, ...numbers.map((count) => count.toLocaleString('en'))]);
  const former = text.slice(from, to).trim().split('\n').slice(2);
  const rows = [...former.filter((each) => firstCell(each) !== storage), row].sort();
  const table = [line(TITLES), `| --- |${' ---: |'.repeat(TITLES.length - 1)}`, ...rows].join('\n');
  writeFileSync(PAGE, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
}
