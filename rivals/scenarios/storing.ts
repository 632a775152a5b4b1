/** How many entries there are, who may write and delete them, and who shares them: defects 17 to 20. */
import { gzipSync } from 'node:zlib';
import { cutShort, disconnect, inTurn, numbered, type Reply, withEtag } from '../../__tests__/support/origin.js';
import { having, MINUTE, type Scenario } from '../scenario.js';
import { happens, outcome, outcomes, signal, times, watch, withOrigin } from '../watch.js';

const GZIPPED: Reply = {
  headers: { 'Cache-Control': 'max-age=60', 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
  body: gzipSync('x'),
};

const variants: readonly Scenario[] = [
  ...(['http', 'fetch'] as const).map(
    (adapter): Scenario => ({
      defect: '17',
      name: `gzip with Vary: Accept-Encoding is one entry and one request (adapter ${adapter})`,
      right: ['x', 'x', 'x', 1, 1],
      see: async (subject) => {
        const { http, origin, count } = await subject.start({ '/': GZIPPED });
        const seen = await outcomes(times(3, () => http.get('/', { adapter })));
        return [...seen, origin.count(), await count()];
      },
    }),
  ),
  {
    defect: '17',
    name: 'deleting what is stored for a URL leaves no variant behind',
    right: 0,
    see: async (subject) => {
      const { http, remove, count } = await subject.start({
        '/': having({ Vary: 'X-Lang', 'Cache-Control': 'max-age=60' }),
      });
      const [first] = await Promise.all(['de', 'fr'].map((lang) => http.get('/', { headers: { 'X-Lang': lang } })));
      if (first !== undefined) await remove(first);
      return count();
    },
  },
];

const writers: readonly Scenario[] = [
  {
    defect: '18',
    name: 'a stored 404 rejects for whoever has the default validateStatus',
    right: ['x', 'rejects 404', 1],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': { ...MINUTE, status: 404, body: 'x' } }, { statuses: [200, 404] });
      const seen = await outcomes([() => http.get('/', { validateStatus: () => true }), () => http.get('/')]);
      return [...seen, origin.count()];
    },
  },
  ...([
    ['fails', disconnect],
    ['is answered 500', { status: 500 }],
    ['breaks off', cutShort('whole', 2)],
    ['is answered', { ...MINUTE, body: 'other' }],
  ] as const).map(
    ([what, route]): Scenario => ({
      defect: '18',
      name: `a request without the cache that ${what} changes nothing that is stored`,
      right: 'cached kept',
      see: async (subject) => {
        const { http } = await subject.start({ '/': inTurn({ ...MINUTE, body: 'kept' }, route) });
        await http.get('/');
        await outcome(http.get('/', subject.bypass));
        return outcome(http.get('/'), withOrigin);
      },
    }),
  ),
  {
    defect: '18',
    name: 'a request without the cache is not stored while another is loading',
    right: ['other', 'mine', 'cached mine'],
    see: async (subject) => {
      const arrived = signal();
      const late = signal();
      const { http } = await subject.start({
        '/': inTurn(
          async () => {
            arrived.give();
            await late.given;
            return { ...MINUTE, body: 'mine' };
          },
          { ...MINUTE, body: 'other' },
        ),
      });
      const loading = watch(http.get('/'));
      await happens(arrived.given);
      const aside = await outcome(http.get('/', subject.bypass));
      late.give();
      return [aside, await loading(), await outcome(http.get('/'), withOrigin)];
    },
  },
];

const bounds: readonly Scenario[] = [
  {
    defect: '19',
    name: 'room for two entries holds two',
    right: 2,
    see: async (subject) => {
      const { http, count } = await subject.start(() => MINUTE, { maxEntries: 2 });
      await outcomes(['/a', '/b'].map((url) => () => http.get(url)));
      return count();
    },
  },
  {
    defect: '19',
    name: 'the least recently used goes first, and a renewal makes nobody go',
    right: ['cached answer 1', 'cached answer 4', 'asked answer 5'],
    see: async (subject) => {
      const { http } = await subject.start(numbered(MINUTE), { maxEntries: 2 });
      await outcomes(['/a', '/b'].map((url) => () => http.get(url)));
      await outcome(http.get('/b', subject.reload));
      const used = await outcome(http.get('/a'), withOrigin);
      await outcome(http.get('/c'));
      return [used, ...(await outcomes(['/c', '/b'].map((url) => () => http.get(url)), withOrigin))];
    },
  },
  {
    defect: '19',
    name: 'what has a validator is not kept for ever',
    right: [1, 0],
    see: async (subject) => {
      const reply = having({ ETag: '"1"', 'Cache-Control': 'max-age=1' });
      const { http, clock, count } = await subject.start({ '/': reply }, { keepStale: 60 });
      await http.get('/');
      clock.advance(30);
      const kept = await count();
      clock.advance(32);
      return [kept, await count()];
    },
  },
];

const processes: Scenario = {
  defect: '20',
  name: 'while one process validates, another on the same storage validates too, once for all its callers',
  right: ['none', '"1"', '"1"'],
  see: async (subject) => {
    const { http, origin, clock, another } = await subject.start({
      '/': withEtag('"1"', having({ 'Cache-Control': 'max-age=1' })),
    });
    const other = another();
    await http.get('/');
    clock.advance(2);
    const gate = origin.hold('/');
    const here = watch(http.get('/'));
    await happens(gate.arrived());
    const there = times(2, () => other.get('/')).map((get) => watch(get()));
    await happens(gate.arrived(2));
    gate.release();
    for (const each of [here, ...there]) await each();
    return origin.requests.map(({ headers }) => headers['if-none-match'] ?? 'none');
  },
};

export const STORING: readonly Scenario[] = [...variants, ...writers, ...bounds, processes];
