/** Callers who share a request, beyond the scenarios: who leaves, who stays, and with whose config. */
import { MINUTE } from '../../rivals/scenario.js';
import { startCached } from '../support/cached-instance.js';

test('a follower that aborts, or whose time runs out, ends at once, and a leader takes nobody along', async () => {
  const { http, origin } = await startCached({ '/': { ...MINUTE, body: 'x' } });
  const gate = origin.hold('/');
  const controller = new AbortController();
  const leaderGone = new AbortController();
  const leader = http.get('/', { signal: leaderGone.signal });
  await gate.arrived();
  const patient = http.get('/', { timeout: 5000 });
  const aborting = http.get('/', { signal: controller.signal });
  const hurried = http.get('/', { timeout: 20 });
  controller.abort();
  await expect(aborting).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  await expect(hurried).rejects.toMatchObject({ code: 'ECONNABORTED', config: { timeout: 20 } });
  leaderGone.abort();
  await expect(leader).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  gate.release();
  expect(await patient).toMatchObject({ data: 'x', config: { timeout: 5000 } });
  expect(origin.count()).toBe(1);
});
