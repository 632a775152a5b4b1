/** Where docs/reliability.md has what the proof writes, and the list of differences as the page has it. */
import { DIFFERENCES } from './differential/differences.js';

export const FIGURE_MARKS = ['<!-- figures: npm run proof -- --docs -->', '<!-- end of the figures -->'] as const;
export const DIFFERENCE_MARKS = [
  '<!-- differences: npm run proof -- --docs -->', '<!-- end of the differences -->',
] as const;

export const differenceTable = (): string =>
  ['| At | What |', '| --- | --- |', ...DIFFERENCES.map(({ at, what }) => `| ${at} | ${what} |`)].join('\n');
