/** The QUERY method: safe, cached where it is allowed, with its body and the type of that in the key. */
import { numbered, startCached, told } from '../support/cached-instance.js';
import { ADAPTERS } from '../support/bodies.js';
import { inTurn, withEtag } from '../support/origin.js';

const fresh = { headers: { 'Cache-Control': 'max-age=100' } };
const query = (data: unknown, headers: Record<string, string> = {}) => ({
  method: 'QUERY',
  url: '/search',
  data,
  headers,
});

describe.each(ADAPTERS)('by the %s adapter', (adapter) => {
  const start = (routes: Parameters<typeof startCached>[0]) =>
    startCached(routes, { allowedMethods: ['GET', 'QUERY'], defaults: { adapter } });

  test('equal bodies share an answer, others have their own', async () => {
    const { http, origin } = await start({ 'QUERY /search': numbered(fresh) });
    await http.request(query({ text: 'a', page: 1 }));
    expect(told(await http.request({ ...query({ page: 1, text: 'a' }), method: 'query' }))).toBe('hit fresh');
    expect(told(await http.request(query({ text: 'b', page: 1 })))).toBe('miss uri-miss');
    expect(origin.requests.map(({ method, body }) => [method, body.toString()])).toEqual([
      ['QUERY', '{"text":"a","page":1}'],
      ['QUERY', '{"text":"b","page":1}'],
    ]);
  });

  test('the type of the body counts', async () => {
    const { http } = await start({ 'QUERY /search': numbered(fresh) });
    await http.request(query('a=1', { 'Content-Type': 'text/plain' }));
    expect(told(await http.request(query('a=1', { 'Content-Type': 'application/sql' })))).toBe('miss uri-miss');
    expect(told(await http.request(query('a=1', { 'Content-Type': 'text/plain' })))).toBe('hit fresh');
  });

  test('a stale answer is renewed by its ETag, and the body is sent again', async () => {
    const { http, origin, clock } = await start({ 'QUERY /search': withEtag('"1"', fresh) });
    await http.request(query({ text: 'a' }));
    clock.advance(101);
    expect(told(await http.request(query({ text: 'a' })))).toBe('revalidated not-modified');
    const { headers, body } = origin.requests[1] ?? {};
    expect([headers?.['if-none-match'], body?.toString()]).toEqual(['"1"', '{"text":"a"}']);
  });

  test('at once, they are one request', async () => {
    const { http, origin } = await start({ 'QUERY /search': numbered(fresh) });
    const answers = await Promise.all([1, 2, 3].map(() => http.request(query({ text: 'a' }))));
    expect([answers.map(({ data }) => data), origin.count()]).toEqual([['answer 1', 'answer 1', 'answer 1'], 1]);
  });
});

test.each<[string, object, object]>([
  ['that is cached', {}, fresh],
  ['that is not stored', {}, { headers: { 'Cache-Control': 'no-store' } }],
  ['that names its result', {}, { headers: { ...fresh.headers, Location: '/search', 'Content-Location': '/search' } }],
  ['that passes the cache by', { cache: false }, fresh],
  ['that is not allowed', { cache: { allowedMethods: ['GET'] } }, fresh],
])('one %s leaves what GET stored', async (_kind, config, reply) => {
  const { http } = await startCached(
    { 'GET /search': numbered(fresh), 'QUERY /search': reply },
    { allowedMethods: ['GET', 'QUERY'] },
  );
  await http.get('/search');
  await http.request({ ...query({ text: 'a' }), ...config });
  expect(told(await http.get('/search'))).toBe('hit fresh');
});

test('without being allowed it is not cached', async () => {
  const { http } = await startCached({ 'QUERY /search': numbered(fresh) });
  await http.request(query({ text: 'a' }));
  expect(told(await http.request(query({ text: 'a' })))).toBe('bypass method');
});

test('an unsafe request ends every answer to it', async () => {
  const { http } = await startCached(
    { 'QUERY /search': inTurn(fresh), 'POST /search': { status: 204 } },
    { allowedMethods: ['QUERY'] },
  );
  await http.request(query({ text: 'a' }));
  await http.request(query({ text: 'b' }));
  await http.post('/search', { add: 'c' });
  expect(told(await http.request(query({ text: 'a' })))).toBe('miss uri-miss');
  expect(told(await http.request(query({ text: 'b' })))).toBe('miss uri-miss');
});

test('the manager finds it by its method and body', async () => {
  const { http } = await startCached({ 'QUERY /search': numbered(fresh) }, { allowedMethods: ['QUERY'] });
  await http.request(query({ text: 'a' }));
  const { url, ...config } = query({ text: 'a' });
  expect((await http.cache.get(url, config))?.text()).toBe('answer 1');
  expect(await http.cache.get(url, { ...config, data: { text: 'b' } })).toBeUndefined();
});
