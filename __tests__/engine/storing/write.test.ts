/** What a write comes to: what is too large, what failed late or early, and what is told of it. */
import axios, { type AxiosAdapter } from 'axios';
import { type CacheEvent, MemoryStorage, setupCache } from '../../../lib/index.js';
import { startCached } from '../../support/cached-instance.js';
import { faultyStorage } from '../../support/faulty-storage.js';

const FRESH = { 'Cache-Control': 'max-age=60' };

test('what is larger than all that the storage may hold is told to be too large', async () => {
  const storage = new MemoryStorage({ maxBytes: 100 });
  const { http, events } = await startCached({ '/': { headers: FRESH, body: 'x'.repeat(200) } }, { storage });
  expect((await http.get('/')).cache.notStored).toBe('too-large');
  expect(events.filter(({ type }) => type === 'not-stored')).toMatchObject([{ reason: 'too-large' }]);
  expect((await http.get('/')).cache.notStored).toBe('too-large');
});

test('what is stored are not the very bytes of the adapter, which its caller may write to', async () => {
  const bytes = Buffer.from('kept '.repeat(1000));
  const answer = { status: 200, statusText: 'OK', headers: FRESH, data: bytes };
  const adapter: AxiosAdapter = async (config) => ({ ...answer, config });
  const { http } = await startCached({}, { defaults: { adapter, responseType: 'arraybuffer' } });
  await http.get('/');
  bytes.fill(0);
  const { data, cached } = await http.get<Buffer>('/');
  expect([cached, Buffer.from(data).toString()]).toEqual([true, 'kept '.repeat(1000)]);
});

test('after a write that has failed the same answer is stored, and found, in the same instant', async () => {
  const faulty = faultyStorage(new MemoryStorage());
  const { http, origin } = await startCached({ '/': { headers: FRESH, body: 'whole' } }, { storage: faulty.storage });
  faulty.become('is full');
  expect((await http.get('/')).cache.notStored).toBe('storage-error');
  faulty.become(undefined);
  expect((await http.get('/')).cache.stored).toBe(true);
  expect((await http.get('/')).cached).toBe(true);
  expect(origin.count('/')).toBe(2);
});

test('who listens to it alone is told what is not stored, also where redirects led to it', async () => {
  const { origin } = await startCached({
    '/private': { headers: { 'Cache-Control': 'no-store' } },
    '/moved': { status: 302, headers: { Location: '/' } },
    '/': { headers: FRESH },
  });
  const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }));
  const told: CacheEvent[] = [];
  http.cache.on('not-stored', (event) => { told.push(event); });
  for (const path of ['/private', '/moved', '/']) await http.get(path);
  expect(told).toEqual([
    { type: 'not-stored', url: `${origin.url}/private`, reason: 'no-store' },
    { type: 'not-stored', url: `${origin.url}/moved`, reason: 'redirected' },
  ]);
  await http.cache.close();
});

test('who listens to it alone is told which variant had to go', async () => {
  const { origin } = await startCached({ '/': { headers: { ...FRESH, Vary: 'X-Kind' }, body: 'whole' } });
  const http = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { maxVariants: 1 });
  const evicted: CacheEvent[] = [];
  http.cache.on('evicted', (event) => { evicted.push(event); });
  await http.get('/', { headers: { 'X-Kind': 'a' } });
  const { cache } = await http.get('/', { headers: { 'X-Kind': 'b' } });
  expect(evicted).toEqual([{ type: 'evicted', key: cache.key, reason: 'variants' }]);
  await http.cache.close();
});
