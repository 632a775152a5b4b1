/** A hit in memory stays light: how many promises and bytes it takes beyond axios itself. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support/root.js';

const MAX_PROMISES = 10;
const MAX_BYTES = 12 * 1024;

test(`at most ${MAX_PROMISES} promises and ${MAX_BYTES / 1024} KiB more than axios with a ready answer`, () => {
  // Nothing is collected while it counts.
  const flags = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128'];
  const program = [join(root, 'scripts/run-ts.mjs'), join(root, '__tests__/fixtures/hit-cost.ts')];
  const output = execFileSync(process.execPath, [...flags, ...program], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const seen = JSON.parse(output) as { isHit: boolean; bytes: [number, number]; promises: [number, number] };
  expect(seen.isHit).toBe(true);
  const more = ([ready, cached]: readonly [number, number]): number => cached - ready;
  expect(more(seen.promises)).toBeLessThanOrEqual(MAX_PROMISES);
  expect(more(seen.bytes)).toBeLessThanOrEqual(MAX_BYTES);
}, 60_000);
