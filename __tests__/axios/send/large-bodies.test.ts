/** A body that is not kept is not copied: what a large answer costs is what it costs without a cache. */
import axios, { type AxiosAdapter, type AxiosResponse } from 'axios';
import { startCached } from '../../support/cached-instance.js';

const SIZE = 64 * 1024;
const body = Buffer.alloc(SIZE, 'a');

/** The http adapter, and what it gave. */
function watched(): { adapter: AxiosAdapter; given: unknown[] } {
  const given: unknown[] = [];
  const http = axios.getAdapter('http');
  const adapter: AxiosAdapter = async (config) => {
    const response: AxiosResponse<unknown> = await http(config);
    given.push(response.data);
    return response;
  };
  return { adapter, given };
}

describe.each<[string, object, Record<string, string>]>([
  ['above maxEntryBytes', { maxEntryBytes: SIZE - 1 }, {}],
  ['that may not be stored', {}, { 'cache-control': 'no-store' }],
])('a body %s', (_what, options, headers) => {
  test('an only caller is given the very bytes', async () => {
    const { adapter, given } = watched();
    const { http } = await startCached({ '/': { headers, body } }, options);
    const { data, cache } = await http.get<Buffer>('/', { adapter, responseType: 'arraybuffer' });
    expect(data).toBe(given[0]);
    expect([data.equals(body), cache.stored]).toEqual([true, false]);
  });

  test('callers who share it each have their own', async () => {
    const { http, origin } = await startCached({ '/': { headers, body } }, options);
    const get = (): Promise<AxiosResponse<Buffer>> => http.get<Buffer>('/', { responseType: 'arraybuffer' });
    const answers = await Promise.all([get().then(spoilt), get().then(spoilt), get().then(spoilt)]);
    expect(answers.every((before) => before.equals(body))).toBe(true);
    expect(origin.count()).toBe('maxEntryBytes' in options ? 1 : 3);
  });
});

/** What the caller was given, which it changes at once. */
function spoilt({ data }: AxiosResponse<Buffer>): Buffer {
  const before = Buffer.from(data);
  data.fill(0);
  return before;
}

test('what is kept is a copy: its caller may change the bytes', async () => {
  const { http } = await startCached({ '/': { body } });
  const get = (): Promise<AxiosResponse<Buffer>> => http.get<Buffer>('/', { responseType: 'arraybuffer' });
  spoilt(await get());
  spoilt(await get());
  expect((await get()).data.equals(body)).toBe(true);
});

