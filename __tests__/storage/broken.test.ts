/** What a user sees of a storage that breaks its promises in one method, while all others work. */
import { MemoryStorage } from '../../lib/index.js';
import type { CacheManager } from '../../lib/index.js';
import { startCached } from '../support/cached-instance.js';
import { allowNoUnhandledRejection } from '../support/unhandled.js';

allowNoUnhandledRejection();

const hanging = (): Promise<never> => new Promise(() => undefined);

/** A cached instance on a storage of which `methods` are replaced. */
const broken = (methods: Readonly<Record<string, unknown>>, storageTimeout = '20ms' as const) =>
  startCached(
    { '/': { body: 'x' } },
    { storage: Object.assign(new MemoryStorage(), methods), storageTimeout, expireAfter: '1h' },
  );

async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const listed: T[] = [];
  for await (const each of listing) listed.push(each);
  return listed;
}

test('get hangs and all else works: five requests wait for it, and no more', async () => {
  const get = jest.fn(hanging);
  const { http, origin, events } = await broken({ get });
  for (let times = 0; times < 10; times += 1) expect((await http.get('/')).data).toBe('x');
  expect(get).toHaveBeenCalledTimes(5);
  expect(origin.count()).toBe(10);
  const failures = events.flatMap((event) => (event.type === 'storage-error' ? [event.circuitOpen] : []));
  expect(failures).toEqual([false, false, false, false, true]);
});

test.each(['set', 'deleteExpired', 'clear'])('%s hangs and all else works: hits are hits', async (method) => {
  const mock = jest.fn(hanging);
  const { http } = await broken({ [method]: mock });
  for (let times = 0; times < 10; times += 1) {
    await http.get(`/?${times}`).catch(() => undefined);
    if (method === 'clear') await http.cache.clear().catch(() => undefined);
    if (method === 'deleteExpired') await http.cache.deleteExpired().catch(() => undefined);
  }
  expect(mock.mock.calls.length).toBeLessThanOrEqual(5);
  if (method === 'set') return;
  await http.get('/');
  expect((await http.get('/')).cached).toBe(true);
});

describe.each<[name: string, entries: unknown]>([
  ['is an async function that rejects', async () => { throw new Error('down'); }],
  ['throws', () => { throw new Error('down'); }],
  ['hangs', hanging],
  ['never ends with malformed steps', () => ({ [Symbol.asyncIterator]: () => ({ next: () => ({}) }) })],
])('a listing that %s', (_name, entries) => {
  test.each<[call: string, list: (cache: CacheManager) => Promise<unknown>]>([
    ['urls', (cache) => all(cache.urls())],
    ['count', (cache) => cache.count()],
    ['has', (cache) => cache.has('/nothing')],
  ])('fails %s() with a CacheError, and ends no process', async (_call, list) => {
    const { http } = await broken({ entries });
    await http.get('/');
    await expect(list(http.cache)).rejects.toMatchObject({ name: 'CacheError' });
    expect((await http.get('/')).data).toBe('x');
  });
});
