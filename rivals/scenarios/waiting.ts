/** Requests after which others wait for ever: defects 9 to 11. */
import type { AxiosError, AxiosRequestConfig } from 'axios';
import { inTurn, numbered, type Reply } from '../../__tests__/support/origin.js';
import { MINUTE, type Needs, type Scenario, type Subject } from '../scenario.js';
import { happens, outcome, outcomes, times, watch } from '../watch.js';

const fail = (): never => {
  throw new Error('broken');
};

/** Two requests at once, then one more, all of which may fail; then one that must not. */
const thatThrows = (
  what: string,
  configOf: (subject: Subject) => AxiosRequestConfig,
  right: unknown,
  needs: Needs = {},
): Scenario => ({
  defect: '9',
  name: `${what} leaves nobody waiting`,
  right: [right, right, right, 'x'],
  see: async (subject) => {
    const { http } = await subject.start({ '/': { ...MINUTE, body: 'x' } }, needs);
    const config = configOf(subject);
    const both = times(2, () => http.get('/', config)).map((get) => watch(get()));
    return [await both[0]?.(), await both[1]?.(), await outcome(http.get('/', config)), await outcome(http.get('/'))];
  },
});

const BROKEN: Reply = { status: 500, body: { error: 'no data' } };

export const WAITING: readonly Scenario[] = [
  thatThrows('a transformResponse that throws', () => ({ transformResponse: fail }), 'rejects broken'),
  thatThrows('a predicate for what may be stored that throws', ({ brokenPredicate }) => brokenPredicate, 'x'),
  thatThrows('a storage that fails once', () => ({}), 'x', { firstWriteFails: true }),
  {
    defect: '9',
    name: 'an earlier request interceptor that throws leaves nobody waiting',
    right: ['rejects broken', 'rejects broken', 'x'],
    see: async (subject) => {
      let isBroken = true;
      const { http } = await subject.start(
        { '/': { ...MINUTE, body: 'x' } },
        { before: ({ interceptors }) => interceptors.request.use((config) => (isBroken ? fail() : config)) },
      );
      const broken = await outcomes(times(2, () => http.get('/')));
      isBroken = false;
      return [...broken, await outcome(http.get('/'))];
    },
  },
  {
    defect: '9',
    name: 'an earlier interceptor that rejects with the body of the error leaves nobody waiting',
    right: ['rejects {"error":"no data"}', 'rejects {"error":"no data"}', 'x'],
    see: async (subject) => {
      const { http } = await subject.start(
        { '/': inTurn(BROKEN, BROKEN, { ...MINUTE, body: 'x' }) },
        {
          before: ({ interceptors }) =>
            interceptors.response.use(undefined, (error: AxiosError<Error>) =>
              Promise.reject(error.response?.data ?? error),
            ),
        },
      );
      return outcomes(times(3, () => http.get('/')));
    },
  },
  {
    defect: '10',
    name: 'a request for a new answer, while others wait for one, lets all of them end',
    right: ['answer 1', 'answer 1', 'answer 2', 'answer 2'],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': numbered(MINUTE) });
      const gate = origin.hold('/');
      const waiting = times(2, () => http.get('/')).map((get) => watch(get()));
      await happens(gate.arrived());
      const demanding = watch(http.get('/', subject.reload));
      await happens(gate.arrived(2));
      gate.release();
      const seen: unknown[] = [];
      for (const each of [...waiting, demanding]) seen.push(await each());
      return [...seen, await outcome(http.get('/'))];
    },
  },
  {
    defect: '11',
    name: "a stored response's config, used again after expiry, asks the origin",
    right: ['answer 2', 'answer 2'],
    see: async (subject) => {
      const { http, clock } = await subject.start({ '/': numbered(MINUTE) });
      await http.get('/');
      const { config } = await http.get('/');
      clock.advance(61);
      return outcomes([() => http.request(config), () => http.get('/')]);
    },
  },
];
