/** A request that succeeds without a cache succeeds with it, with the same data: `no-worse`. */
import type { AxiosAdapter, AxiosRequestConfig } from 'axios';
import { disconnect, type Handler, inTurn, numbered, type Reply, withEtag } from '../../__tests__/support/origin.js';
import { having, MINUTE, type Scenario } from '../scenario.js';
import { outcome, outcomes, times, withOrigin } from '../watch.js';

const NINE_YEARS = 9 * 365 * 86_400;

/** An answer that may be renewed after a minute. */
const TAGGED: Reply = having({ 'Cache-Control': 'max-age=60', ETag: '"1"' });

/** `refusal` for a request that carries the cache's own conditions, and otherwise answers that are numbered. */
function refusingConditions(refusal: Handler | Reply): Handler {
  const answer = numbered(TAGGED);
  return (request, response) => {
    const isConditional = 'if-none-match' in request.headers || 'if-modified-since' in request.headers;
    if (!isConditional) return answer(request, response);
    return typeof refusal === 'function' ? refusal(request, response) : refusal;
  };
}

const refusals: readonly Scenario[] = [
  ...([
    ['412', { status: 412 }],
    ['400', { status: 400 }],
    ['501', { status: 501 }],
    ['a broken connection', disconnect],
  ] as const).map(
    ([what, refusal]): Scenario => ({
      defect: 'no-worse',
      name: `an origin that answers validators with ${what} gives the new answer all the same`,
      right: ['answer 1', 'answer 2', 'answer 3'],
      see: async (subject) => {
        const { http, clock } = await subject.start({ '/': refusingConditions(refusal) });
        const get = () => http.get('/');
        const later = () => {
          clock.advance(120);
          return http.get('/');
        };
        return outcomes([get, later, later]);
      },
    }),
  ),
  {
    defect: 'no-worse',
    name: 'an adapter that cannot give bytes gives what it can',
    right: ['asked true', 'cached true'],
    see: async (subject) => {
      const { http } = await subject.start({});
      const adapter: AxiosAdapter = (config) => {
        if (config.responseType === 'arraybuffer') return Promise.reject(new Error('text and JSON only'));
        return Promise.resolve({ data: '{"ok":true}', status: 200, statusText: 'OK', headers: {}, config });
      };
      const get = () => http.get<{ ok: boolean }>('/', { adapter });
      return outcomes([get, get], (response) => {
        const { ok } = response.data as { readonly ok: boolean };
        return withOrigin({ ...response, data: String(ok) });
      });
    },
  },
  {
    defect: 'no-worse',
    name: 'a limit that is no number limits nothing, the second time too',
    right: ['asked x', 'cached x'],
    see: async (subject) => {
      const { http } = await subject.start({ '/': { ...MINUTE, body: 'x' } });
      return outcomes(times(2, () => http.get('/', { maxContentLength: NaN })), withOrigin);
    },
  },
];

/** The second of two requests must not be answered by what the first one stored. */
const apart = (name: string, one: AxiosRequestConfig, two: AxiosRequestConfig, answer: Reply = MINUTE): Scenario => ({
  defect: 'no-worse',
  name,
  right: ['asked answer 1', 'asked answer 2'],
  see: async (subject) => {
    const { http } = await subject.start({ '/': numbered(answer) });
    return outcomes([() => http.get('/', one), () => http.get('/', two)], withOrigin);
  },
});
const withHeaders = (headers: Readonly<Record<string, string>>): AxiosRequestConfig => ({ headers: { ...headers } });

const whose: readonly Scenario[] = [
  ...['PRIVATE-TOKEN', 'apikey', 'X-Session-Id', 'X-Tenant'].map((field) =>
    apart(`two users told apart by ${field}`, withHeaders({ [field]: 'ada' }), withHeaders({ [field]: 'alan' })),
  ),
  apart('who asks for CSV is not given JSON', {}, withHeaders({ Accept: 'text/csv' })),
  apart(
    'a language is not answered in another',
    withHeaders({ 'Accept-Language': 'de' }),
    withHeaders({ 'Accept-Language': 'fr' }),
  ),
  apart(
    'a method that is overridden is not answered from the cache',
    {},
    withHeaders({ 'X-HTTP-Method-Override': 'DELETE' }),
  ),
  apart(
    'a parameter with an unescaped # is another one',
    { params: { q: 'c' }, paramsSerializer: { encode: String } },
    { params: { q: 'c#sharp' }, paramsSerializer: { encode: String } },
  ),
  apart('what the browser sent with credentials is not shared with who sends none',
    { adapter: 'fetch', withCredentials: 'include' as unknown as boolean },
    { adapter: 'fetch' },
  ),
  apart("no-store of the Fetch standard is the caller's word", { adapter: 'fetch' }, {
    adapter: 'fetch',
    fetchOptions: { cache: 'no-store' },
  }),
  {
    defect: 'no-worse',
    name: 'who asks with a new token is not given the 401 of an old one',
    right: ['rejects 401', 'x'],
    see: async (subject) => {
      const { http } = await subject.start({
        '/': ({ headers }) => (headers.authorization === 'new' ? { ...MINUTE, body: 'x' } : { status: 401 }),
      });
      const ask = (token: string) => outcome(http.get('/', withHeaders({ Authorization: token })));
      return Promise.all([ask('old'), ask('new')]);
    },
  },
];

const ends: readonly Scenario[] = [
  ...[401, 403, 405, 429, 500, 503].map(
    (status): Scenario => ({
      defect: 'no-worse',
      name: `a ${status} to a reload ends nothing that is stored`,
      right: ['x', `rejects ${status}`, 'cached x'],
      see: async (subject) => {
        const { http } = await subject.start({ '/': inTurn({ ...MINUTE, body: 'x' }, { status }, { status: 404 }) });
        const first = await outcomes([() => http.get('/'), () => http.get('/', subject.reload)]);
        return [...first, await outcome(http.get('/'), withOrigin)];
      },
    }),
  ),
  {
    defect: 'no-worse',
    name: 'a change that was never sent ends nothing',
    right: ['rejects ERR_BAD_REQUEST', 'cached answer 1'],
    see: async (subject) => {
      const { http } = await subject.start({ '/': numbered(MINUTE) });
      await http.get('/');
      const change = await outcome(http.post('/', 'x'.repeat(1000), { maxBodyLength: 10 }));
      return [change, await outcome(http.get('/'), withOrigin)];
    },
  },
  {
    defect: 'no-worse',
    name: 'the suffix of a coding does not make a validator another one',
    right: ['x', 'x', 'x', 'x', 'x', 5],
    see: async (subject) => {
      const { http, clock, origin } = await subject.start({
        '/': ({ headers }) =>
          headers['if-none-match'] === undefined
            ? having({ 'Cache-Control': 'max-age=60', ETag: '"1--gzip"' })
            : { status: 304, headers: { ETag: '"1"' } },
      });
      const later = () => {
        clock.advance(120);
        return http.get('/');
      };
      return [...(await outcomes(times(5, later))), origin.count()];
    },
  },
];

const trusted: readonly Scenario[] = [
  ...['private; no-store; max-age=0', 'no-store; max-age=600', 'max-age=600 no-store'].map(
    (value): Scenario => ({
      defect: 'no-worse',
      name: `Cache-Control: ${value} is no leave to store`,
      right: ['asked answer 1', 'asked answer 2'],
      see: async (subject) => {
        const { http } = await subject.start({ '/': numbered(having({ 'Cache-Control': value })) });
        return outcomes(times(2, () => http.get('/')), withOrigin);
      },
    }),
  ),
  ...['constructor', '__proto__', 'toString'].map(
    (field): Scenario => ({
      defect: 'no-worse',
      name: `Vary: ${field} is a name like others`,
      right: ['x', 'x'],
      see: async (subject) => {
        const { http } = await subject.start({ '/': having({ Vary: field, 'Cache-Control': 'max-age=0' }) });
        return outcomes(times(2, () => http.get('/')));
      },
    }),
  ),
  {
    defect: 'no-worse',
    name: 'what was stored while the clock was ahead is not kept for years',
    right: ['answer 1', 'answer 2'],
    see: async (subject) => {
      const { http, clock } = await subject.start({ '/': numbered(MINUTE) });
      clock.advance(NINE_YEARS);
      const ahead = await outcome(http.get('/'));
      clock.advance(-NINE_YEARS);
      return [ahead, await outcome(http.get('/'))];
    },
  },
  {
    defect: 'no-worse',
    name: 'a polluted prototype is not taken for what was stored',
    right: ['asked answer 1', 'asked answer 2'],
    see: async (subject) => {
      const { http } = await subject.start({ '/': numbered(MINUTE) });
      const polluted = Object.prototype as { partition?: string };
      polluted.partition = 'everybody';
      try {
        const ask = (token: string) => () => http.get('/', withHeaders({ Authorization: token }));
        return await outcomes([ask('A'), ask('B')], withOrigin);
      } finally {
        delete polluted.partition;
      }
    },
  },
];

const together: readonly Scenario[] = [
  ...([
    ['is cut', disconnect],
    ['is a 503', { status: 503 }],
    ['is a 429', { status: 429 }],
  ] as const).map(
    ([what, failure]): Scenario => ({
      defect: 'no-worse',
      name: `twenty callers at once, whose first request ${what}: the others ask once more, together`,
      right: [1, 19, 2],
      see: async (subject) => {
        const { http, origin } = await subject.start({ '/': inTurn(failure, { ...MINUTE, body: 'x' }) });
        const seen = await Promise.all(times(20, () => outcome(http.get('/'))).map((ask) => ask()));
        const good = seen.filter((each) => each === 'x').length;
        return [seen.length - good, good, origin.count()];
      },
    }),
  ),
  {
    defect: 'no-worse',
    name: 'an origin that stays down is not asked by each of twenty callers in turn',
    right: [20, 2],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': disconnect });
      const seen = await Promise.all(times(20, () => outcome(http.get('/'))).map((ask) => ask()));
      return [seen.filter((each) => String(each).startsWith('rejects')).length, origin.count()];
    },
  },
];

const likeTheFirst: readonly Scenario[] = [
  {
    defect: 'no-worse',
    name: 'the request of a redirected answer names where it led, on a hit as on the first request',
    right: ['/new?x=1', '/new?x=1'],
    see: async (subject) => {
      const { http } = await subject.start({
        '/old': { status: 301, headers: { Location: '/new?x=1', 'Cache-Control': 'max-age=60' } },
        '/new': { ...MINUTE, body: 'x' },
      });
      return outcomes(
        times(2, () => http.get('/old', { adapter: 'http' })),
        ({ request }) => (request as { readonly path?: unknown } | undefined)?.path,
      );
    },
  },
  {
    defect: 'no-worse',
    name: 'an ETag is used after a week, in place of the whole answer',
    right: ['x', 'x', 'sent'],
    see: async (subject) => {
      const { http, clock, origin } = await subject.start({ '/': withEtag('"1"', { ...MINUTE, body: 'x' }) });
      const first = await outcome(http.get('/'));
      clock.advance(7 * 86_400);
      const second = await outcome(http.get('/'));
      return [first, second, origin.requests.at(-1)?.headers['if-none-match'] === '"1"' ? 'sent' : 'not sent'];
    },
  },
];

export const NEVER_WORSE: readonly Scenario[] = [
  ...refusals,
  ...whose,
  ...ends,
  ...trusted,
  ...together,
  ...likeTheFirst,
];
