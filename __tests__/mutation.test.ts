/** The tests that mutants meet run without jest, which a nightly run would be the first to notice. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..');

/** What a program says as JSON. It is a module, which no file of tests can import. */
function said(program: string): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as unknown;
}

test('the tests of mutated folders use what stands in for jest, and nothing else of it', () => {
  const { members, files } = said(`
    import { FOLDERS, testFilesOf } from './scripts/mutation/folders.mjs';
    import { jestFor } from './scripts/mutation/jest.mjs';
    const files = Object.values(FOLDERS).flatMap((folder) => testFilesOf(folder, process.cwd()));
    console.log(JSON.stringify({ members: Object.keys(jestFor({}, {}, '')), files: [...new Set(files)] }));
  `) as { members: readonly string[]; files: readonly string[] };
  expect(files.length).toBeGreaterThan(100);
  const unknown = files.flatMap((file) => {
    const used = readFileSync(join(root, '__tests__', file), 'utf8').matchAll(/\bjest\.(\w+)\(/g);
    return [...used].filter(([, name = '']) => !members.includes(name)).map(([, name]) => `${file}: jest.${name}`);
  });
  expect(unknown).toEqual([]);
});

test('each file of tests that a mutated folder names is there', () => {
  const files = said(`
    import { existsSync } from 'node:fs';
    import { FOLDERS } from './scripts/mutation/folders.mjs';
    const named = Object.values(FOLDERS).flatMap(({ tests }) => tests);
    console.log(JSON.stringify(named.filter((name) => !existsSync('__tests__/' + name))));
  `);
  expect(files).toEqual([]);
});
