/** Changes that are answered by redirects: what these say counts, whatever answers at their end. */
import type { CacheRequestOptions } from '../../../lib/index.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import { disconnect, type Reply, type Route } from '../../support/origin.js';

const to = (location: string, status: number, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { Location: location, ...headers },
});

const MAYBE_CACHED: { cache?: CacheRequestOptions }[] = [{}, { cache: { allowedMethods: ['GET', 'POST'] } }];
const ENDS: [string, Route][] = [['200', {}], ['500', { status: 500 }], ['nothing', disconnect]];

describe.each([301, 302, 303, 307, 308])('POST, %d', (status) => {
  test.each(ENDS)('that ends with %s: what was stored of its URL is stale', async (_name, end) => {
    const { http } = await startCached({
      '/items': numbered(),
      'POST /items': to('/status', status),
      '/status': end,
    });
    await http.get('/items');
    await http.post('/items', 'new').catch(() => undefined);
    expect(told(await http.get('/items'))).toBe('miss uri-miss');
  });
});

test.each(MAYBE_CACHED)('%j: a 303 to an error is no error', async (config) => {
  const { http } = await startCached({
    '/items': numbered(),
    '/others': numbered(),
    'POST /items': to('/status', 303),
    '/status': { status: 500 },
  });
  for (const path of ['/items', '/others']) await http.get(path);
  const cache = { ...config.cache, invalidates: ['/others'] };
  await http.post('/items', 'new', { cache }).catch(() => undefined);
  expect([told(await http.get('/items')), told(await http.get('/others'))]).toEqual(['miss uri-miss', 'miss uri-miss']);
});

test.each(MAYBE_CACHED)('%j: cache groups of a redirect', async (config) => {
  const { http } = await startCached({
    '/items': numbered({ headers: { 'Cache-Groups': '"items"' } }),
    'POST /change': to('/done', 303, { 'Cache-Group-Invalidation': '"items"' }),
    'GET /read': to('/done', 303, { 'Cache-Group-Invalidation': '"items"' }),
    '/done': {},
  });
  await http.get('/items');
  await http.get('/read');
  expect(told(await http.get('/items'))).toBe('hit fresh');
  await http.post('/change', 'new', config);
  expect(told(await http.get('/items'))).toBe('miss uri-miss');
});

test.each([{}, { cache: false }, { beforeRedirect: () => undefined }])(
  '%j: Clear-Site-Data of a redirect',
  async (config) => {
    const options = { clearSiteData: true };
    const clearing = { '/logout': to('/login', 302, { 'Clear-Site-Data': '"cache"' }), '/login': {} };
    const { http } = await startCached({ '/items': numbered(), ...clearing }, options);
    await http.get('/items');
    await http.get('/logout', config as object);
    expect(told(await http.get('/items'))).toBe('miss uri-miss');
  },
);
