/** The figures of README.md are those that hold, and a figure that no script writes is found. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { figuresByHand, type Manifest, withFigures } from '../../rivals/readme-figures.js';
import { root } from '../support/root.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

test('README.md has what holds', () => {
  expect(withFigures(readme, manifest)).toBe(readme);
  expect(figuresByHand(readme)).toEqual([]);
});

test.each([
  ['axios 1.7 or newer', 'axios 1.6 or newer'],
  ['Node 20.19 or newer', 'Node 18 or newer'],
  ['from 22.13 on', 'from 22.5 on'],
  ['keeps 10,000 entries and 64 MiB', 'keeps 500 entries and 1 MiB'],
  ["| `'30 days'` |", "| `'1 day'` |"],
  ['| 5 MiB |', '| 1 MiB |'],
  ['| `[500, 502, 503, 504]` |', '| `[500]` |'],
  ["| `'credentials'` |", '| `false` |'],
  ["| `['accept', 'accept-language']` |", '| `[]` |'],
])('%p is put in place of %p', (right, wrong) => {
  expect(readme).toContain(right);
  expect(withFigures(readme.replace(right, wrong), manifest)).toBe(readme);
});

test('a figure in prose is found, one in code, a status or the name of a standard is not', () => {
  const prose = 'It weighs 12 kB.\n\nA 304 as in RFC 9110 takes `5`.\n\n```ts\nconst a = 7;\n```\n';
  expect(figuresByHand(prose)).toEqual(['It weighs 12 kB.']);
});

test('a sentence or a row that is gone is an error', () => {
  expect(() => withFigures(readme.replace('It needs axios', 'It wants axios'), manifest)).toThrow('It needs axios');
  expect(() => withFigures(readme.replace('| `maxVariants` |', '| `variants` |'), manifest)).toThrow('maxVariants');
});
