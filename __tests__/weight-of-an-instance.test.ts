/** Programs that make an instance for each request or tenant: an idle one is light, and a dropped one is gone. */
import { spawnSync } from 'node:child_process';
import { root } from './support/root.js';

/** More than is seen, which is at most 22 kB; beyond what axios itself takes for an instance. */
const MOST_KEPT = 25_000;
/** A pattern of its own is about 1 kB: 31.5 to 33 kB are seen with ten of them. */
const MOST_KEPT_WITH_PATTERNS = 34_000;
/** Of a dropped instance nothing is seen to stay; what the process has learnt meanwhile is counted too. */
const MOST_DROPPED = 1000;

test('an idle instance is light, whatever its options hold, and nothing stays of a dropped one', () => {
  const script = ['scripts/run-ts.mjs', '__tests__/fixtures/weight-of-an-instance.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...script], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  const weights = Object.entries(JSON.parse(stdout) as Record<string, { kept: number; dropped: number }>);
  expect(weights).toHaveLength(12);
  // What was seen stands in the message of a failure.
  const most = (what: string): number => (what === 'ten URL patterns of its own' ? MOST_KEPT_WITH_PATTERNS : MOST_KEPT);
  expect(weights.filter(([what, { kept, dropped }]) => kept > most(what) || dropped > MOST_DROPPED)).toEqual([]);
}, 60_000);
