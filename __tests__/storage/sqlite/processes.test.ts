/** Several processes on one file, by `npm run soak:processes`, `soak:fences` and `soak:http` for a short while each. */
import { spawnSync } from 'node:child_process';
import { DRIVERS } from '../../support/sqlite.js';
import { root } from '../../support/root.js';

function soak(name: string, ...args: readonly string[]) {
  const command = ['scripts/run-ts.mjs', `soak/${name}/soak.ts`, ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  return { lines: stdout.split('\n'), stderr, status };
}

describe.each(DRIVERS)('by %s', (driver) => {
  const storage = ['--storage', driver === 'sqlite3' ? 'sqlite' : driver];

  test('nothing is lost, torn, stale or locked', () => {
    const { lines, stderr, status } = soak('processes', ...storage, '--seconds', '3', '--kills', '5');
    const [processes = '', kills = '', failures] = lines;
    expect(stderr).not.toContain('WRONG');
    expect([status, failures]).toEqual([0, '0 failures']);
    // It has really worked: each count is above zero.
    expect(processes).toMatch(/: [1-9]\d* sets, [1-9]\d* gets, [1-9]\d* sets and deletes seen by every reader/);
    expect(kills).toMatch(/5 writers killed by SIGKILL: [1-9]\d* sets confirmed, [1-9]\d* surviving entries/);
  }, 120_000);

  test('what was invalidated while it was under way is not found again, and no head stands on another body', () => {
    const { lines, stderr, status } = soak('fences', ...storage, '--rounds', '1500');
    expect(stderr).not.toContain('WRONG');
    expect([status, lines[1]]).toEqual([0, '0 resurrected entries, 0 heads on another body']);
  }, 120_000);

  test('so it is for requests by axios', () => {
    const { lines, stderr, status } = soak('http', ...storage, '--reads', '1500');
    expect(stderr).not.toContain('WRONG');
    expect([status, lines[1]]).toEqual([
      0, '0 reads from before a change, 0 from before a deletion, 0 heads with another body',
    ]);
  }, 120_000);
});

test.each([
  ['set-without-fence', 'found again after an invalidation'],
  ['late-fence', 'found again after an invalidation'],
  ['touch-revives', 'found again after an invalidation'],
  ['touch-any-body', 'a head on another body'],
])('soak:fences notices a storage that is broken: %s', (broken, fault) => {
  const { stderr, status } = soak('fences', '--rounds', '1500', '--broken', broken);
  expect(stderr).toContain(fault);
  expect(status).toBe(1);
}, 120_000);
