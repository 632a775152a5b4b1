/** `npm run demo` does what it says, and with a file its second run starts with hits. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './support/root.js';

const folder = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

function runDemo(...args: string[]): { readonly firstAnswers: readonly string[]; readonly originRequests: number } {
  const command = [join(root, 'scripts', 'run-ts.mjs'), join(root, 'demo', 'demo.ts'), ...args];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect(status).toBe(0);
  const answerTo = (step: number): string => new RegExp(`^${step} .* ((hit|miss) \\S+)`, 'm').exec(stdout)?.[1] ?? '';
  return {
    firstAnswers: [1, 2, 3].map(answerTo),
    originRequests: Number(/origin saw +\d+ +(\d+)/.exec(stdout)?.[1]),
  };
}

test('over SQLite: the second run starts with hits and asks less', () => {
  const args = ['--storage', 'sqlite', '--file', join(folder, 'demo.sqlite')];
  const [first, second] = [runDemo(...args), runDemo(...args)];
  expect(first.firstAnswers).toEqual(['miss (uri-miss)', 'hit (fresh)', 'miss (uri-miss)']);
  expect(second.firstAnswers).toEqual(['hit (fresh)', 'hit (fresh)', 'hit (fresh)']);
  expect(second.originRequests).toBeLessThan(first.originRequests);
});
