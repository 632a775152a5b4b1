/** Programs that make an instance for each request or tenant: an idle one is light, and a dropped one is gone. */
import { spawnSync } from 'node:child_process';
import { root } from './support/root.js';

/** More than is seen, which is at most 30 kB with ten URL patterns; beyond what axios itself takes for an instance. */
const MOST_KEPT = 32_000;
/** Of a dropped instance nothing is seen to stay; what the process has learnt meanwhile is counted too. */
const MOST_DROPPED = 1000;

test('an idle instance takes less than 32 kB, whatever its options hold, and nothing stays of a dropped one', () => {
  const script = ['scripts/run-ts.mjs', '__tests__/fixtures/weight-of-an-instance.ts'];
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', ...script], { cwd: root, encoding: 'utf8' });
  expect(stderr).toBe('');
  const weights = Object.entries(JSON.parse(stdout) as Record<string, { kept: number; dropped: number }>);
  expect(weights).toHaveLength(12);
  // What was seen stands in the message of a failure.
  expect(weights.filter(([, { kept, dropped }]) => kept > MOST_KEPT || dropped > MOST_DROPPED)).toEqual([]);
}, 60_000);
