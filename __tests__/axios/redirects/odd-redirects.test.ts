/**
 * Redirects where a cache is easily led astray: a 304 that points on, other transports, names for users, old answers.
 */
import http1 from 'node:http';
import type { AxiosError } from 'axios';
import { having, startCached, told } from '../../support/cached-instance.js';
import { inTurn, type Reply, startOrigin } from '../../support/origin.js';

const to = (location: string, status = 301, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { Location: location, ...headers },
});
const SHORT = { 'Cache-Control': 'max-age=5' };

test('a 304 to our condition that points elsewhere is no way to there', async () => {
  const answer: Reply = { headers: { ...SHORT, ETag: '"1"', Location: '/other' }, body: 'here' };
  const { http, clock, origin } = await startCached({
    '/here': ({ headers }) => ('if-none-match' in headers ? { ...answer, status: 304, body: undefined } : answer),
    '/other': { body: 'other' },
  });
  await http.get('/here');
  clock.advance(10);
  expect((await http.get('/here')).data).toBe('here');
  expect(origin.count('/other')).toBe(0);
  expect(told(await http.get('/here'))).toBe('hit fresh');
});

test('a way that comes back to where it began is not stored, as both answers have one URL', async () => {
  const { http, origin, events } = await startCached({
    '/page': inTurn(to('/login', 301, SHORT), { headers: SHORT, body: 'page' }),
    '/login': to('/page', 301, SHORT),
  });
  const { data, cache } = await http.get('/page');
  expect([data, cache.stored, cache.notStored]).toEqual(['page', false, 'redirected']);
  const notStored = events.filter(({ type }) => type === 'not-stored');
  expect(notStored).toEqual([{ type: 'not-stored', url: `${origin.url}/page`, reason: 'redirected' }]);
  expect(told(await http.get('/page'))).toBe('miss uri-miss');
  expect(origin.count('/login')).toBe(1);
});

describe('a transport of the caller', () => {
  const routes = { '/old': to('/new'), '/new': { body: 'new' } };
  const asItIs = { transport: http1, validateStatus: null };
  const options = { allowedCodes: [200, 301] };

  test('that follows no redirects: what it gets is nothing for those who follow them', async () => {
    const { http } = await startCached(routes, options);
    expect((await http.get('/old', asItIs)).status).toBe(301);
    expect((await http.get('/old')).data).toBe('new');
  });

  test('shares what is no redirect', async () => {
    const { http } = await startCached(routes, options);
    await http.get('/new', asItIs);
    expect((await http.get('/new')).cached).toBe(true);
    expect((await http.get('/new', asItIs)).cached).toBe(true);
  });

  test('sees each redirect itself', async () => {
    const { http } = await startCached(routes, options);
    await http.get('/old');
    expect((await http.get('/old', asItIs)).status).toBe(301);
  });
});

test('who is one redirect ahead does not fail with those who are not', async () => {
  const { http, origin, clock } = await startCached({
    '/1': to('/2'),
    '/2': inTurn({ headers: SHORT }, to('/3')),
    '/3': to('/4'),
    '/4': { body: 'end' },
  });
  await http.get('/1');
  clock.advance(10);
  const gate = origin.hold('/2');
  const behind = http.get('/1', { maxRedirects: 2 }).catch((error: AxiosError) => error.code);
  await gate.arrived();
  const ahead = http.get('/2', { maxRedirects: 2 });
  await gate.arrived(2);
  gate.release();
  expect(await behind).toBe('ERR_FR_TOO_MANY_REDIRECTS');
  expect((await ahead).data).toBe('end');
});

describe('where credentials were lost on the way', () => {
  const start = async (options: object) => {
    const other = await startOrigin({ '/there': ({ headers }) => ({ body: headers.authorization ?? 'nobody' }) });
    const made = await startCached({ '/here': (): Reply => to(`${other.url}/there`) }, options);
    return { ...made, other };
  };
  const ada = having({ Authorization: 'Bearer ada' });

  test.each([
    ['named', () => 'ada'],
    ['false', false],
  ])('partition %s: the answer is not for who has them', async (_name, partition) => {
    const { http, other } = await start({ partition });
    try {
      expect((await http.get('/here', ada)).data).toBe('nobody');
      expect((await http.get(`${other.url}/there`, ada)).data).toBe('Bearer ada');
      const again = await http.get('/here', ada);
      expect([again.data, told(again)]).toEqual(['nobody', 'hit fresh']);
    } finally {
      await other.close();
    }
  });

  test('a partition function that fails there leaves the request alone', async () => {
    const { http, other } = await start({
      partition: ({ headers }: { headers: { has: (name: string) => boolean } }) =>
        headers.has('authorization') ? 'ada' : '',
    });
    try {
      await http.get('/here', { ...ada, cache: { partition: 'ada' } });
      const { data, cache } = await http.get('/here', ada);
      expect([data, cache.notStored]).toEqual(['nobody', 'redirected']);
    } finally {
      await other.close();
    }
  });
});

test.each([
  ['a redirect that may be kept', to('/c', 301), 'C'],
  ['an answer that is not stored', { status: 404, body: 'gone' }, 'gone'],
])('what has become %s does not turn up again', async (_name, becomes, expected) => {
  const { http } = await startCached(
    { '/a': to('/b'), '/b': inTurn({ body: 'old' }, becomes), '/c': { body: 'C' } },
    { defaults: { validateStatus: null } },
  );
  await http.get('/b');
  for (let time = 0; time < 2; time += 1) expect((await http.get('/a')).data).toBe(expected);
  expect((await http.get('/b')).data).toBe(expected);
});

test.each([
  ['without a lifetime', to('/login', 302)],
  ['with no-store', { status: 302, headers: { Location: '/login', 'Cache-Control': 'no-store' } }],
])('a redirect %s ends nothing: it holds for one request', async (_name, redirect) => {
  const { http } = await startCached({ '/': inTurn({ body: 'own' }, redirect), '/login': { body: 'who are you?' } });
  await http.get('/');
  expect((await http.get('/', { cache: 'reload' })).data).toBe('who are you?');
  const again = await http.get('/');
  expect([again.data, told(again)]).toEqual(['own', 'hit fresh']);
});
