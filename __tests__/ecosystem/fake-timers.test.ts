/** The fake timers of jest: no answer waits for a timer that nobody moves. */
import axios, { type AxiosAdapter, type AxiosInstance } from 'axios';
import { type CachedAxiosInstance, MemoryStorage, setupCache } from '../../lib/index.js';

const KINDS = [{}, { legacyFakeTimers: true }] as const;
const answering: AxiosAdapter = (config) => {
  const isFailing = config.url?.endsWith('/500') ?? false;
  const answer = { data: 'x', status: isFailing ? 500 : 200, statusText: 'OK', headers: { etag: '"1"' }, config };
  if (!isFailing || config.validateStatus?.(500) === true) return Promise.resolve(answer);
  return Promise.reject(new axios.AxiosError('no', 'ERR_BAD_RESPONSE', config, {}, answer as never));
};
class Failing extends MemoryStorage {
  override get(): never { throw new Error('no storage'); }
}

let http: CachedAxiosInstance | undefined;
afterEach(async () => {
  jest.useRealTimers();
  await http?.cache.close();
});

const statusOf = (instance: Pick<AxiosInstance, 'get'>, url: string, timeout: number): Promise<unknown> =>
  instance.get(url, { timeout }).then(
    ({ status }) => status,
    (error: unknown) => (axios.isAxiosError(error) ? error.response?.status : error),
  );

describe.each(KINDS)('%j', (kind) => {
  test.each([
    ['memory', () => new MemoryStorage()],
    ['a storage that fails', () => new Failing()],
  ] as const)('%s', async (_what, storage) => {
    jest.useFakeTimers(kind);
    http = setupCache(axios.create({ baseURL: 'http://made.up', adapter: answering }), {
      expireAfter: '1h',
      staleIfError: true,
      storage: storage(),
    });
    const instance = http;
    for (const timeout of [0, 1000]) {
      for (const [url, status] of [['/200', 200], ['/500', 500]] as const) {
        const calls = [1, 2, 3].map(() => statusOf(instance, url, timeout));
        expect(await Promise.all(calls)).toEqual([status, status, status]);
        expect(await statusOf(instance, url, timeout)).toBe(status);
      }
    }
    expect((await instance.post('/200', {}, { timeout: 1000 })).status).toBe(200);
  });

  test('a lifetime goes by the moved clock', async () => {
    if ('legacyFakeTimers' in kind) return;
    jest.useFakeTimers(kind);
    http = setupCache(axios.create({ baseURL: 'http://made.up', adapter: answering }), { expireAfter: '1m' });
    await http.get('/200');
    expect((await http.get('/200')).cached).toBe(true);
    jest.advanceTimersByTime(61_000);
    expect((await http.get('/200')).cache.reason).toBe('expired');
  });
});
