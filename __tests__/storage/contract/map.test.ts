/** contributing/fences.md says what proves each rule about fences: its names are those of rules, mutants and tests. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FENCE_RULES } from '../../../lib/storage/contract/fences.js';
import { TOKEN_RULES } from '../../../lib/storage/contract/tokens.js';
import { root } from '../../support/root.js';
import { MUTANTS } from './mutants.js';
import { FENCE_MUTANTS } from './mutants/fences.js';
import { TOKEN_MUTANTS } from './mutants/tokens.js';

interface Line {
  readonly what: string;
  readonly rules: readonly string[];
  readonly mutants: readonly string[];
  /** Names of tests, by the file below `__tests__/storage/`. */
  readonly tests: readonly (readonly [file: string, name: string])[];
}

const inQuotes = (cell: string): readonly string[] => [...cell.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);

function testsIn(cell: string): Line['tests'] {
  return cell.split('`').slice(1).flatMap((part, index, parts) =>
    index % 2 === 0 ? inQuotes(parts[index + 1] ?? '').map((name) => [part, name] as const) : [],
  );
}

function linesOf(page: string): readonly Line[] {
  const rows = page.split('\n').filter((line) => line.startsWith('| ')).slice(2);
  return rows.map((row) => {
    const [what = '', rules = '', mutants = '', tests = ''] = row.slice(2, -2).split(' | ');
    return { what, rules: inQuotes(rules), mutants: inQuotes(mutants), tests: testsIn(tests) };
  });
}

const LINES = linesOf(readFileSync(join(root, 'contributing/fences.md'), 'utf8'));
const known = LINES.flatMap(({ rules, mutants }) => [...rules, ...mutants]);

test.each(LINES)('$what', ({ rules, mutants, tests }) => {
  expect(rules.length * mutants.length * tests.length).toBeGreaterThan(0);
  const found = MUTANTS.filter(({ breaks }) => rules.includes(breaks)).map(({ name }) => name);
  // Each mutant of the line breaks one of its rules, and each of its rules finds one of them.
  expect(found).toEqual(expect.arrayContaining([...mutants]));
  for (const rule of rules) {
    const ofRule = MUTANTS.filter(({ breaks, name }) => breaks === rule && known.includes(name));
    expect(ofRule.length).toBeGreaterThan(0);
  }
  for (const [file, name] of tests) {
    const path = join(root, '__tests__/storage', file);
    expect(existsSync(path) && readFileSync(path, 'utf8')).toContain(`'${name}'`);
  }
});

test('every rule about fences and tokens has a line', () => {
  const titles = [...FENCE_RULES, ...TOKEN_RULES].map(([title]) => title);
  expect(titles.filter((title) => !known.includes(title))).toEqual([]);
});

test('every mutant of a rule about fences and tokens has a line', () => {
  const names = [FENCE_MUTANTS, TOKEN_MUTANTS].flatMap((group) => Object.values(group)).flatMap(Object.keys);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});
