/** axios-retry: it sees the failures of a miss, its attempts go through the cache, and hits cost it nothing. */
import axiosRetry from 'axios-retry';
import { startCached } from '../support/cached-instance.js';
import { disconnect, inTurn } from '../support/origin.js';

const FRESH = { headers: { 'Cache-Control': 'max-age=60' }, body: 'x' };
const retryDelay = (): number => 0;

test('a miss that fails is tried again, and what comes at last is stored', async () => {
  const { http, origin } = await startCached({ '/': inTurn({ status: 503 }, disconnect, FRESH) });
  axiosRetry(http, { retries: 3, retryDelay });
  expect(await http.get('/')).toMatchObject({ data: 'x', cached: false });
  expect(await http.get('/')).toMatchObject({ data: 'x', cached: true });
  expect(origin.count()).toBe(3);
});

test('callers of one failing request are each served, and wait for the same new attempt', async () => {
  const { http, origin } = await startCached({ '/': inTurn({ status: 503 }, FRESH) });
  axiosRetry(http, { retries: 1, retryDelay });
  const answers = await Promise.all([1, 2, 3].map(() => http.get('/')));
  expect(answers.map(({ data }) => data as unknown)).toEqual(['x', 'x', 'x']);
  expect(origin.count()).toBeLessThan(4);
});

test('what fails in the end rejects with the last failure, and nothing is stored', async () => {
  const { http, origin } = await startCached({ '/': { status: 503 } });
  axiosRetry(http, { retries: 2, retryDelay });
  await expect(http.get('/')).rejects.toMatchObject({ response: { status: 503, cached: false } });
  expect([origin.count(), await http.cache.count()]).toEqual([3, 0]);
});

test('a 504 of only-if-cached, which no attempt can change, reaches no origin', async () => {
  const { http, origin } = await startCached({ '/': FRESH });
  axiosRetry(http, { retries: 2, retryDelay });
  await expect(http.get('/', { cache: 'only-if-cached' })).rejects.toMatchObject({ response: { status: 504 } });
  expect(origin.count()).toBe(0);
});
