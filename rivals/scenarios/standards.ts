/** What RFC 9111, 8246 and 5861 ask, and what servers expect of a cache that asks them: defects 12 to 16. */
import { inTurn, numbered, type Reply, type Routes, withEtag, withLastModified } from '../../__tests__/support/origin.js';
import { having, MINUTE, type Needs, type Scenario } from '../scenario.js';
import { eventually, happens, outcome, outcomes, times, type View, withOrigin } from '../watch.js';

/** Answers 304 only where the request does not forbid it with Cache-Control: no-cache, as Express does. */
const likeExpress = (statuses: number[]): Routes => ({
  '/': async (request, response) => {
    const forbidden = (request.headers['cache-control'] ?? '').includes('no-cache');
    const reply = forbidden ? having({ ETag: '"1"' }) : await withEtag('"1"')(request, response);
    statuses.push(reply?.status ?? 200);
    return { ...reply, headers: { ...reply?.headers, 'Cache-Control': 'max-age=0' } };
  },
});

/** One GET after each of `seconds`. */
const gets = (
  [defect, name]: readonly [defect: string, name: string],
  routes: () => Routes,
  { seconds, right, view, needs }: { seconds: readonly number[]; right: unknown; view?: View; needs?: Needs },
): Scenario => ({
  defect,
  name,
  right,
  see: async (subject) => {
    const { http, clock } = await subject.start(routes(), needs);
    const after = (time: number) => () => {
      clock.advance(time);
      return http.get('/');
    };
    return outcomes(seconds.map(after), view);
  },
});

const generation = (number: number, cacheControl?: string) => ({
  'X-Generation': String(number),
  ...(cacheControl === undefined ? {} : { 'Cache-Control': cacheControl }),
});
const generationOf: View = ({ headers }) => `${String(headers['x-generation'])} ${String(headers['cache-control'])}`;

const validation: readonly Scenario[] = [
  {
    defect: '12',
    name: 'a server that answers no-cache with 200, as Express does, answers 304',
    right: [200, 304, 304, 304],
    see: async (subject) => {
      const statuses: number[] = [];
      const { http } = await subject.start(likeExpress(statuses));
      await outcomes(times(4, () => http.get('/')));
      return statuses;
    },
  },
  {
    defect: '12',
    name: 'nothing is added to a plain request, so that browsers ask no permission first',
    right: [],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': MINUTE });
      await http.get('/');
      const sent = Object.keys(origin.requests[0]?.headers ?? {});
      return ['cache-control', 'pragma', 'expires'].filter((name) => sent.includes(name));
    },
  },
  gets(['13', 'immutable does not lengthen max-age'], () => ({ '/': numbered(having({ 'Cache-Control': 'immutable, max-age=1' })) }), {
    seconds: [0, 2],
    right: ['answer 1', 'answer 2'],
  }),
  gets(
    ['14', 'a 304 renews what is stored: its headers are shown and count from now on'],
    () => ({
      '/': inTurn(
        withEtag('"1"', { headers: generation(1, 'max-age=1') }),
        withEtag('"1"', { headers: generation(2, 'max-age=10') }),
        withEtag('"1"', { headers: generation(3) }),
      ),
    }),
    { seconds: [0, 2, 9, 2], right: ['1 max-age=1', '2 max-age=10', '2 max-age=10', '3 max-age=10'], view: generationOf },
  ),
  {
    defect: '14',
    name: 'a 304 without Cache-Control leaves an entry of max-age=0 one to be validated',
    right: 3,
    see: async (subject) => {
      const { http, origin } = await subject.start({
        '/': inTurn(having({ ETag: '"1"', 'Cache-Control': 'max-age=0' }), { status: 304, headers: { ETag: '"1"' } }),
      }, { lifetime: 300 });
      await outcomes(times(3, () => http.get('/')));
      return origin.count();
    },
  },
];

const directives: readonly Scenario[] = [
  ...['no-store', 'no-cache', 'max-age=0'].map(
    (value): Scenario => ({
      defect: '15',
      name: `a request with Cache-Control: ${value} is not served from the cache`,
      right: ['answer 1', 'answer 2'],
      see: async (subject) => {
        const { http, clock } = await subject.start({ '/': numbered(MINUTE) });
        const first = await outcome(http.get('/'));
        clock.advance(1);
        return [first, await outcome(http.get('/', { headers: { 'Cache-Control': value } }))];
      },
    }),
  ),
  {
    defect: '15',
    name: 'only-if-cached never asks the origin',
    right: ['rejects 504', 0],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': MINUTE });
      return [await outcome(http.get('/', { headers: { 'Cache-Control': 'only-if-cached' } })), origin.count()];
    },
  },
  {
    defect: '15',
    name: 'a response of no-cache with an ETag is stored, and validated each time',
    right: ['none', '"1"', '"1"'],
    see: async (subject) => {
      const { http, origin } = await subject.start({
        '/': withEtag('"1"', having({ 'Cache-Control': 'no-cache' })),
      });
      await outcomes(times(3, () => http.get('/')));
      return origin.requests.map(({ headers }) => headers['if-none-match'] ?? 'none');
    },
  },
  ...['put', 'post', 'patch', 'delete'].map(
    (method): Scenario => ({
      defect: '16',
      name: `${method.toUpperCase()} invalidates what is stored for its URL`,
      right: ['answer 1', 'answer 2'],
      see: async (subject) => {
        const { http } = await subject.start({ 'GET /': numbered(MINUTE), '/': {} });
        const first = await outcome(http.get('/'));
        await http.request({ url: '/', method });
        return [first, await outcome(http.get('/'))];
      },
    }),
  ),
];

const SWR = 'max-age=1, stale-while-revalidate=60';
const dated = (seconds: number, fields: Readonly<Record<string, number>>): Reply['headers'] =>
  Object.fromEntries(
    Object.entries(fields).map(([name, offset]) => [name, new Date(Date.UTC(2030, 0, 1) + (seconds + offset) * 1000).toUTCString()]),
  );
const LAST_MODIFIED = 'Tue, 01 Jan 2019 00:00:00 GMT';

const ages: readonly Scenario[] = [
  {
    defect: '16',
    name: 'stale-while-revalidate answers at once, and renews behind it',
    right: ['answer 1', 'answer 2'],
    see: async (subject) => {
      const { http, origin, clock } = await subject.start({ '/': numbered(having({ 'Cache-Control': SWR })) });
      await http.get('/');
      clock.advance(5);
      const gate = origin.hold('/');
      const seen = await outcome(http.get('/'));
      await happens(gate.arrived());
      gate.release();
      return [seen, await eventually(() => http.get('/'), 'answer 2')];
    },
  },
  gets(['16', 'a stored answer has an Age'], () => ({ '/': MINUTE }), {
    seconds: [0, 5],
    right: ['none', '5'],
    view: ({ headers }) => String(headers.age ?? 'none'),
  }),
  gets(
    ['16', 'Last-Modified alone is enough to ask conditionally'],
    () => ({
      '/': inTurn(
        withLastModified(LAST_MODIFIED, having({ 'Cache-Control': 'max-age=1' }, 'first')),
        withLastModified(LAST_MODIFIED, having({ 'Cache-Control': 'max-age=1' }, 'sent again')),
      ),
    }),
    { seconds: [0, 2], right: ['first', 'first'] },
  ),
  gets(
    ['16', "Expires counts from Date: a server's clock an hour ahead lengthens nothing"],
    () => ({ '/': numbered(having(dated(0, { Date: 3600, Expires: 3660 }) ?? {})) }),
    { seconds: [0, 59, 2], right: ['asked answer 1', 'cached answer 1', 'asked answer 2'], view: withOrigin },
  ),
  gets(
    ['16', 'what is an hour old by its Date when it comes is not fresh for a minute'],
    () => ({ '/': numbered(having(dated(0, { Date: -3600, Expires: -3540 }) ?? {})) }),
    { seconds: [0, 1], right: ['asked answer 1', 'asked answer 2'], view: withOrigin },
  ),
];

export const STANDARDS: readonly Scenario[] = [...validation, ...directives, ...ages];
