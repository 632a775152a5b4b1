/** What `npm run bench --` understands. */
import type { CandidateName } from '../candidates/candidates.js';
import { parseOptions } from '../options.js';

const scenariosOf = (...args: string[]): readonly string[] =>
  parseOptions(args).groups.flatMap(({ scenarios }) => scenarios.map(({ name }) => name));

test('a word of --only names a scenario, or all whose names begin with it and a hyphen', () => {
  expect(scenariosOf('--only', 'hit')).toEqual(['hit-200B', 'hit-10kB', 'hit-1MB', 'hit-params']);
  expect(scenariosOf('--only', 'miss-10kB, growth')).toEqual(['miss-10kB', 'growth']);
});

test('a quick run leaves out what is much like another scenario, unless it is named', () => {
  expect(scenariosOf('--quick')).not.toContain('miss-10kB');
  expect(scenariosOf('--quick', '--only', 'miss-10kB')).toEqual(['miss-10kB']);
  expect(scenariosOf()).toEqual(expect.arrayContaining(scenariosOf('--quick')));
});

test('the same goes for --candidates', () => {
  const { takesPart } = parseOptions(['--candidates', 'ours,axios']);
  const isIn = (candidate: CandidateName): boolean => takesPart({ candidate, entries: 0 });
  expect([isIn('ours'), isIn('ours-frozen'), isIn('axios'), isIn('axios-ready')]).toEqual([true, true, true, true]);
  expect([isIn('interceptor'), isIn('undici')]).toEqual([false, false]);
});

test('unknown names are told', () => {
  expect(() => parseOptions(['--only', 'hi'])).toThrow('there is no scenario "hi"');
  expect(() => parseOptions(['--candidates', 'our'])).toThrow('there is no candidate "our"');
});
