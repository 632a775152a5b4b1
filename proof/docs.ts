/** The parts of docs/reliability.md that the proof itself writes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DIFFERENCE_MARKS, differenceTable, FIGURE_MARKS } from './marks.js';
import type { Figure, ProofSettings } from './part.js';

const FILE = join(fileURLToPath(new URL('..', import.meta.url)), 'docs', 'reliability.md');

export function writeDocs(figures: readonly Figure[], { seed, length }: ProofSettings): void {
  const rows = figures.map(({ what, played, failures }) => `| ${what} | ${played} | ${failures.length} |`);
  const command = `npm run proof -- --seed ${seed}${length === 'long' ? ' --long' : ''}`;
  replacePart(FIGURE_MARKS, [`\`${command}\``, '', '| What | Played | Failures |', '| --- | --- | --- |', ...rows].join('\n'));
  replacePart(DIFFERENCE_MARKS, differenceTable());
}

/** Writes what stands on the page between two marks. */
export function replacePart([start, end]: readonly [string, string], content: string): void {
  const text = readFileSync(FILE, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md has no place for ${start}`);
  writeFileSync(FILE, `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`);
}
