/**
 * A hit in memory makes hardly more promises, and allocates hardly more, than axios with an adapter that answers at
 * once.
 */
import { spawnSync } from 'node:child_process';
import { root } from '../support/root.js';

/** More than is seen, which is none at all; the aim was 10. */
const MOST_PROMISES = 2;
/** More than is seen, which is up to 3 kB; the aim was 12 KiB. */
const MOST_BYTES = 4 * 1024;

const NODE_OPTIONS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];

test('promises and bytes a hit, with data of its own, with frozen data, and with params and headers', () => {
  const script = ['scripts/run-ts.mjs', '__tests__/fixtures/cost-of-a-hit.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, [...NODE_OPTIONS, ...script], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  const measured = Object.entries(JSON.parse(stdout) as Record<string, { promises: number; bytes: number }>);
  expect(measured).toHaveLength(3);
  // What was seen stands in the message of a failure.
  const tooMuch = measured.filter(([, { promises, bytes }]) => promises > MOST_PROMISES || bytes > MOST_BYTES);
  expect(tooMuch).toEqual([]);
}, 60_000);
