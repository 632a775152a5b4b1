/** `maxContentLength` means on a hit what it means to the adapter: what fails, and whether at once or as it is read. */
import { text } from 'node:stream/consumers';
import axios, {
  type AxiosAdapter,
  type AxiosInstance,
  type AxiosRequestConfig,
  type InternalAxiosRequestConfig,
} from 'axios';
import { setupCache } from '../../../lib/index.js';
import { type Origin, startOrigin } from '../../support/origin.js';

const LIMITS: readonly unknown[] = [0, 1.5, 4.5, 5, -1, -0.5, '3', NaN];
let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin({
    '/declared': (_request, response) => {
      response.writeHead(200, { 'content-length': '5' }).end('12345');
      return undefined;
    },
    '/chunked': (_request, response) => {
      response.writeHead(200).write('123');
      response.end('45');
      return undefined;
    },
    '/empty': { body: '' },
  });
});
afterAll(() => origin.close());

/** What a caller sees: the body, or an error, which may come only as the stream is read. */
async function seen(http: AxiosInstance, config: AxiosRequestConfig): Promise<string> {
  let data: unknown;
  try {
    ({ data } = await http.request<unknown>(config));
  } catch (error) {
    return `fails: ${(error as Error).message}`;
  }
  try {
    if (config.responseType !== 'stream') return Buffer.from(data as string).toString();
    return await text(data as ReadableStream);
  } catch (error) {
    return `fails as it is read: ${(error as Error).message}`;
  }
}

describe.each(['http', 'fetch'] as const)('by the %s adapter', (adapter) => {
  test.each(['/declared', '/chunked', '/empty'])('%s: a miss and a hit do as axios alone', async (path) => {
    for (const responseType of ['stream', 'arraybuffer'] as const) {
      for (const limit of LIMITS) {
        const unlimited = { adapter, responseType, url: origin.url + path, proxy: false } as const;
        const config = { ...unlimited, maxContentLength: limit as number };
        const http = setupCache(axios.create());
        const alone = await seen(axios.create(), config);
        const missed = await seen(http, config);
        await seen(http, unlimited);
        await http.cache.idle();
        expect(await http.cache.has(unlimited.url)).toBe(true);
        const hit = await seen(http, config);
        expect({ responseType, limit, missed, hit }).toEqual({ responseType, limit, missed: alone, hit: alone });
      }
    }
  });
});

test.each(['arraybuffer', 'text', 'stream'] as const)('an adapter that knows no limit: %s', async (responseType) => {
  const adapter: AxiosAdapter = (own) =>
    axios.getAdapter('http')({ ...own, maxContentLength: -1 } as InternalAxiosRequestConfig);
  const config = { adapter, responseType, url: `${origin.url}/declared`, proxy: false, maxContentLength: 3 } as const;
  const alone = await seen(axios.create(), config);
  const http = setupCache(axios.create(), { expireAfter: '1h' });
  expect(alone).toBe('12345');
  for (const call of [seen(http, config), seen(http, config)]) expect(await call).toBe(alone);
  await http.cache.idle();
  expect(await seen(http, config)).toBe(alone);
});
