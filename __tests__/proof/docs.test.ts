/** docs/reliability.md lists the differences that the proof allows, and no others. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALLOWED_DIFFERENCES, differenceTable, FIGURES } from '../../proof/page-parts.js';
import { root } from '../support/root.js';

test('the page has the list of the code', () => {
  const page = readFileSync(join(root, 'docs', 'reliability.md'), 'utf8');
  const [differences, figures] = [ALLOWED_DIFFERENCES, FIGURES].map(({ name, command }) =>
    page.slice(page.indexOf(`<!-- ${name}: ${command} -->`), page.indexOf(`<!-- end of ${name} -->`)),
  );
  expect(differences).toContain(differenceTable());
  expect(figures).toContain('| What | Played | Failures |');
});
