/** The parts of docs/reliability.md that the proof itself writes. */
import { ALLOWED_DIFFERENCES, differenceTable, FIGURES } from './page-parts.js';
import type { Figure, ProofSettings } from './part.js';
import { markdownTable } from '../demo/table.js';
import { writePart } from '../scripts/page-part.mjs';

export function writeDocs(figures: readonly Figure[], { seed, length }: ProofSettings): void {
  const rows = figures.map(({ what, played, failures }) => [what, played, String(failures.length)]);
  const command = `npm run proof -- --seed ${seed}${length === 'long' ? ' --long' : ''}`;
  writePart(FIGURES, `\`${command}\`\n\n${markdownTable(['What', 'Played', 'Failures'], rows, 3)}`);
  writePart(ALLOWED_DIFFERENCES, differenceTable());
}
