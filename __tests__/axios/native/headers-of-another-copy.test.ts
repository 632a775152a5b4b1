/** Whichever copy of axios made an instance, its adapter, transforms and callers meet headers of its own class. */
import ours from 'axios';
import { type CacheOptions, setupCache } from '../../../lib/index.js';
import { axiosHas } from '../../support/axios-features.js';
import { disconnect, type Origin, startOrigin } from '../../support/origin.js';

/** Another copy of axios than the one that the library has, as the CommonJS one is beside the ES module. */
function anotherCopy(): typeof ours {
  let copy: typeof ours | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<{ default?: typeof ours }>('axios').default;
  });
  if (copy === undefined || copy.AxiosHeaders === ours.AxiosHeaders) throw new Error('not another copy');
  return copy;
}

const other = anotherCopy();
const COPIES = [['the same copy', ours], ['another copy', other]] as const;

let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin({
    '/broken': { headers: { 'x-request-id': '7', 'cache-control': 'max-age=60', etag: '"1"' }, body: '{oops' },
    '/gone': { status: 404, headers: { 'x-request-id': '7' }, body: '{oops' },
    '/drop': disconnect,
  });
});
afterAll(() => origin.close());

describe.each(COPIES)('an instance of %s', (_name, axios) => {
  const instance = (options: CacheOptions = {}) =>
    setupCache(axios.create({ baseURL: origin.url, proxy: false, adapter: ['http'] }), options);
  const strict = { responseType: 'json', transitional: { silentJSONParsing: false } } as const;
  type Failed = { response?: { headers: unknown; config?: unknown } };

  test.each<[string, CacheOptions]>([
    ['kept', {}],
    ['with the status of the cache in its headers', { cacheStatusHeader: true }],
    ['the cache is off', { expireAfter: false }],
  ])('what transformResponse throws has headers, on a miss and on a hit: %s', async (_what, options) => {
    const http = instance(options);
    const tellsResponse = await axiosHas('rawTextOfBrokenJson');
    for (let time = 0; time < 3; time += 1) {
      const { response } = await http.get('/broken', strict).then(
        () => { throw new Error('no error'); },
        (error: unknown) => error as Failed,
      );
      // Older axios tells of what its own parser throws without the response, with and without a cache.
      if (!tellsResponse) {
        expect(response).toBeUndefined();
        continue;
      }
      expect(response?.headers).toBeInstanceOf(axios.AxiosHeaders);
      expect((response?.headers as InstanceType<typeof axios.AxiosHeaders>).get('X-Request-Id')).toBe('7');
    }
  });

  test.each([
    ['of a request past the cache', { cache: false }],
    ['of one that is asked anew', { cache: 'no-cache' }],
    ['of a HEAD', { method: 'HEAD' }],
    ['of a 304 to the caller', { headers: { 'If-None-Match': '"1"' }, validateStatus: null }],
    ['of a 504 of the cache', { url: '/none', cache: 'only-if-cached', validateStatus: null }],
  ] as const)('headers %s', async (_what, config) => {
    const http = instance();
    const transforms = [(data: unknown): unknown => data];
    await http.get('/broken', { transformResponse: transforms });
    let seen: unknown;
    const { headers } = await http.request({
      url: '/broken',
      ...config,
      transformResponse: [
        function see(data: unknown, given: unknown): unknown {
          seen = given;
          return data;
        },
      ],
    });
    expect(headers).toBeInstanceOf(axios.AxiosHeaders);
    expect(seen).toBeInstanceOf(axios.AxiosHeaders);
  });

  test('the adapter is given headers of that class, whichever way the request goes on', async () => {
    const classes: boolean[] = [];
    const http = setupCache(
      axios.create({
        baseURL: 'http://made.up',
        headers: { 'X-Own': '1' },
        adapter: (config) => {
          classes.push(config.headers instanceof axios.AxiosHeaders && config.headers.get('x-own') === '1');
          return Promise.resolve({ status: 200, statusText: '', data: 'text', headers: { etag: '"1"' }, config });
        },
      }),
      { staleWhileRevalidate: true },
    );
    await http.get('/');
    await http.get('/', { cache: 'no-cache' });
    await http.get('/', { cache: false });
    await http.post('/', {});
    await http.get('/stream', { responseType: 'stream' });
    await http.cache.close();
    await http.get('/');
    expect(classes).toEqual([true, true, true, true, true, true]);
  });

  test('two who wait for one request that fails have headers of that class', async () => {
    const http = setupCache(
      axios.create({
        adapter: (config) =>
          Promise.reject(
            new axios.AxiosError('no', 'ERR_BAD_RESPONSE', config, {}, {
              status: 404, statusText: '', data: '', headers: new axios.AxiosHeaders({ 'x-request-id': '7' }), config,
            }),
          ),
      }),
    );
    const failed = await Promise.allSettled([http.get('http://a.test/'), http.get('http://a.test/')]);
    const headers = failed.map((each) => (each as { reason: Failed }).reason.response?.headers);
    for (const each of headers) expect(each).toBeInstanceOf(axios.AxiosHeaders);
  });

  test('onRefreshed sees headers of that class', async () => {
    let now = Date.UTC(2030, 0, 1);
    const http = instance({ now: () => now, staleWhileRevalidate: true, conditionalRequests: false });
    let seen: unknown;
    const onRefreshed = ({ headers }: { headers: unknown }): void => void (seen = headers);
    await http.get('/broken', { cache: { onRefreshed } });
    now += 100_000;
    await http.get('/broken', { cache: { onRefreshed } });
    await http.cache.idle();
    expect(seen).toBeInstanceOf(axios.AxiosHeaders);
  });
});
