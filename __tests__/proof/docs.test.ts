/** docs/reliability.md lists the differences that the proof allows, and no others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIFFERENCE_MARKS, differenceTable, FIGURE_MARKS } from '../../proof/marks.js';
import { root } from '../support/root.js';

test('the page has the list of the code', () => {
  const page = readFileSync(join(root, 'docs', 'reliability.md'), 'utf8');
  const [start, end] = DIFFERENCE_MARKS.map((mark) => page.indexOf(mark));
  expect(page.slice(start, end)).toContain(differenceTable());
  for (const mark of FIGURE_MARKS) expect(page).toContain(mark);
});
