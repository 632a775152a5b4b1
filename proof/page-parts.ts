/** Where docs/reliability.md has what the proof writes, and the list of differences as the page has it. */
import { DIFFERENCES } from './differential/differences.js';
import { markdownTable } from '../demo/table.js';

const common = { page: 'docs/reliability.md', command: 'npm run proof -- --docs' } as const;
export const FIGURES = { ...common, name: 'figures' } as const;
export const ALLOWED_DIFFERENCES = { ...common, name: 'differences' } as const;

export const differenceTable = (): string =>
  markdownTable(['At', 'What'], DIFFERENCES.map(({ at, what }) => [at, what]), 2);
