/** Several processes on one file, and writers killed in the midst of it: `npm run soak:sqlite` for a short while. */
import { spawnSync } from 'node:child_process';
import { DRIVERS } from '../../support/sqlite.js';
import { root } from '../../support/root.js';


test.each(DRIVERS)('by %s: nothing is lost, torn, stale or locked', (driver) => {
  const args = ['--driver', driver, '--seconds', '3', '--kills', '5'];
  const command = ['scripts/run-ts.mjs', 'soak/sqlite/soak.ts', ...args];
  const { stdout, stderr, status } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  const [processes = '', kills = '', failures] = stdout.split('\n');
  expect(stderr).not.toContain('WRONG');
  expect([status, failures]).toEqual([0, '0 failures']);
  // It has really worked: each count is above zero.
  expect(processes).toMatch(/: [1-9]\d* sets, [1-9]\d* gets, [1-9]\d* sets and deletes seen by every reader/);
  expect(kills).toMatch(/5 writers killed by SIGKILL: [1-9]\d* sets confirmed, [1-9]\d* surviving entries/);
}, 60_000);
