/** Mixed requests on both adapters leave nothing behind: `npm run soak` for a short while. */
import { spawnSync } from 'node:child_process';
import { root } from './support/root.js';

const soak = (...args: string[]) =>
  spawnSync(process.execPath, ['--expose-gc', 'scripts/run-ts.mjs', 'soak/soak.ts', ...args], {
    cwd: root,
    encoding: 'utf8',
  });

test('every answer right, nothing under way, no warning, no rejection, no handle left', () => {
  const { status, stdout, stderr } = soak('--requests', '2000');
  expect(stderr).not.toContain('WRONG');
  expect([status, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, '0 failures']);
  expect(stdout).toContain('0 keys under way at the end');
  // It has really worked: each kind of request and of answer is there.
  for (const what of ['hit', 'stale', 'revalidated', 'miss', 'bypass', 'stream', 'redirect', 'abort', 'timeout']) {
    expect(stdout).toMatch(new RegExp(`^ *${what}.* [1-9]\\d*$`, 'm'));
  }
}, 120_000);

test('a soak that does not come to its end has failed', () => {
  const { status, stderr } = soak('--requests', '1000000', '--seconds', '1');
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^WRONG: only [1-9]\d* of 1000000 requests within 1 s/m)]);
}, 60_000);
