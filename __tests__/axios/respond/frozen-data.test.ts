/**
 * `frozenData`: on every way to an answer the data of plain axios, deeply frozen; what transforms make is the caller's.
 */
import axios, { type AxiosAdapter, type AxiosRequestConfig } from 'axios';
import { type CachedAxiosResponse, MemoryStorage } from '../../../lib/index.js';
import { axiosHas } from '../../support/axios-features.js';
import { startCached, told } from '../../support/cached-instance.js';
import { withEtag } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const DATA = {
  list: [1, { deep: ['é', null] }],
  none: null,
  empty: {},
  large: Object.fromEntries(Array(200).fill(1).entries()),
};
/** As JSON has it. */
const EXPECTED: unknown = JSON.parse(JSON.stringify(DATA));

function isDeepFrozen(value: unknown): boolean {
  return (
    typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen))
  );
}

const STORAGES = {
  memory: () => new MemoryStorage(),
  'memory that has no room for more': () => new MemoryStorage({ maxBytes: 8000 }),
  sqlite: () => openStorage(newPath()),
};
/** Text, or the object itself. */
const giving =
  (data: unknown): AxiosAdapter =>
  async (config) => {
    const response = await axios.getAdapter('http')({ ...config, responseType: 'arraybuffer' });
    return response.status === 304 ? response : { ...response, data };
  };
const ADAPTERS: Readonly<Record<string, AxiosRequestConfig['adapter']>> = {
  http: 'http',
  fetch: 'fetch',
  'one that gives text': giving(JSON.stringify(DATA)),
  'one that gives objects': giving(DATA),
};
const ROWS = Object.keys(STORAGES).flatMap((storage) =>
  Object.keys(ADAPTERS).map((adapter) => [storage, adapter] as const),
);
const frozen = { cache: { frozenData: true } };

test.each(ROWS)('%s, %s: on misses, for followers, on hits, stale and after a 304', async (storage, adapter) => {
  const headers = { 'Cache-Control': 'max-age=10, stale-while-revalidate=10', 'X-Filler': 'x'.repeat(2500) };
  const { http, origin, clock } = await startCached(
    { '/': withEtag('"1"', { body: DATA, headers }) },
    { storage: STORAGES[storage as keyof typeof STORAGES](), defaults: { adapter: ADAPTERS[adapter] ?? 'http' } },
  );
  const responses: CachedAxiosResponse[] = [];
  const get = async (config: AxiosRequestConfig = {}): Promise<void> => {
    responses.push(await http.get('/', { ...frozen, ...config }));
  };
  const gate = origin.hold('/');
  const pending = [get(), get(), get({ responseType: 'json' })];
  await gate.arrived();
  gate.release();
  await Promise.all(pending);
  await get();
  await get({ maxContentLength: 1_000_000 });
  await get({ onDownloadProgress: () => undefined });
  clock.advance(15);
  await get();
  await http.cache.idle();
  clock.advance(25);
  await get();
  expect(responses.map(told)).toEqual([
    ...Array<string>(3).fill('miss uri-miss'),
    ...Array<string>(3).fill('hit fresh'),
    'stale stale-while-revalidate',
    'revalidated not-modified',
  ]);
  for (const response of responses) {
    expect(response.data).toEqual(EXPECTED);
    expect([told(response), isDeepFrozen(response.data)]).toEqual([told(response), true]);
  }
  // Who did not ask for it may write.
  const own = await http.get<typeof DATA>('/');
  own.data.list.push(2);
  expect((await http.get<unknown>('/', frozen)).data).toEqual(EXPECTED);
});

test('what the request transforms itself is its own', async () => {
  const { http } = await startCached({ '/': { body: DATA } });
  const parse = (text: string): typeof DATA => JSON.parse(text) as typeof DATA;
  const settings: AxiosRequestConfig[] = [
    { transformResponse: parse },
    { transformResponse: [axios.defaults.transformResponse ?? [], (data: unknown) => data].flat() },
    { responseEncoding: 'utf8' },
  ];
  if (await axiosHas('parseReviver'))
    settings.push({ parseReviver: (_name: string, value: unknown) => value } as object);
  for (const setting of settings) {
    for (const _missThenHits of [1, 2, 3]) {
      const { data } = await http.get<typeof DATA>('/', { ...setting, ...frozen });
      expect(data).toEqual(EXPECTED);
      data.list.push(2);
    }
  }
  expect((await http.get<unknown>('/', frozen)).data).toEqual(EXPECTED);
});

test('what is no JSON, and limits, are as without it', async () => {
  const { http } = await startCached({ '/text': { body: '{oops' }, '/number': { body: 12 }, '/json': { body: DATA } });
  for (const _missThenHit of [1, 2]) {
    expect((await http.get('/text', frozen)).data).toBe('{oops');
    expect((await http.get('/number', frozen)).data).toBe(12);
    await http.get('/json', frozen);
    const limited = http.get('/json', { ...frozen, maxContentLength: 5 });
    await expect(limited).rejects.toThrow('maxContentLength size of 5 exceeded');
  }
});
