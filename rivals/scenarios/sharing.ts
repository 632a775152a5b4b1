/** What callers who share one request owe each other: their own signal, timeout and error, and no queue. */
import type { AxiosRequestConfig } from 'axios';
import type { Gate } from '../../__tests__/support/origin.js';
import { having, MINUTE, type Scenario, type Stage, type Subject } from '../scenario.js';
import { happens, outcome, times, watch } from '../watch.js';

/** The follower has joined by then, on a loaded machine too. */
const JOINED_MS = 1000;

interface Held extends Stage {
  readonly gate: Gate;
  /** What came of the first request, which waits at the origin. */
  readonly leader: () => Promise<unknown>;
}

/** A request that waits at the origin. */
async function held(subject: Subject, config: AxiosRequestConfig = {}): Promise<Held> {
  const stage = await subject.start({ '/': { ...MINUTE, body: 'x' } });
  const gate = stage.origin.hold('/');
  const leader = watch(stage.http.get('/', config));
  await happens(gate.arrived());
  return { ...stage, gate, leader };
}

export const SHARING: readonly Scenario[] = [
  {
    defect: 'sharing',
    name: 'a follower that aborts ends at once',
    right: ['rejects ERR_CANCELED', 'x', 1],
    see: async (subject) => {
      const { http, gate, leader, origin } = await held(subject);
      const controller = new AbortController();
      const follower = watch(http.get('/', { signal: controller.signal }));
      controller.abort();
      const seen = await follower();
      gate.release();
      return [seen, await leader(), origin.count()];
    },
  },
  {
    defect: 'sharing',
    name: "a follower's timeout is its own",
    right: ['rejects ECONNABORTED', 'x', 1],
    see: async (subject) => {
      const { http, gate, leader, origin } = await held(subject);
      const seen = await outcome(http.get('/', { timeout: 50 }));
      gate.release();
      return [seen, await leader(), origin.count()];
    },
  },
  {
    defect: 'sharing',
    name: 'a leader whose time runs out takes no follower along',
    right: ['rejects ECONNABORTED', 'x'],
    see: async (subject) => {
      const { http, gate, leader } = await held(subject, { timeout: JOINED_MS });
      const follower = watch(http.get('/', { timeout: 30_000 }));
      const seen = await leader();
      gate.release();
      return [seen, await follower()];
    },
  },
  {
    defect: 'sharing',
    name: 'a leader that aborts takes no follower along',
    right: ['rejects ERR_CANCELED', 'x'],
    see: async (subject) => {
      const controller = new AbortController();
      const { http, gate, leader } = await held(subject, { signal: controller.signal });
      const follower = watch(http.get('/'));
      controller.abort();
      const seen = await leader();
      gate.release();
      return [seen, await follower()];
    },
  },
  {
    defect: 'sharing',
    name: 'answers that cannot be shared are not waited for one after another',
    right: [true, 6],
    see: async (subject) => {
      const { http, origin } = await subject.start({ '/': having({ 'Cache-Control': 'no-store' }) });
      await http.get('/');
      const gate = origin.hold('/');
      const all = times(5, () => http.get('/')).map((get) => watch(get()));
      const allArrive = await happens(gate.arrived(5));
      gate.release();
      for (const each of all) await each();
      return [allArrive, origin.count()];
    },
  },
  {
    defect: 'sharing',
    name: 'aborting a renewal rejects: stale data is not what was asked for',
    right: 'rejects ERR_CANCELED',
    see: async (subject) => {
      const reply = having({ ETag: '"1"', 'Cache-Control': 'max-age=1' });
      const { http, origin, clock } = await subject.start({ '/': reply }, { staleIfError: true });
      await http.get('/');
      clock.advance(2);
      const gate = origin.hold('/');
      const controller = new AbortController();
      const pending = watch(http.get('/', { signal: controller.signal }));
      await happens(gate.arrived());
      controller.abort();
      const seen = await pending();
      gate.release();
      return seen;
    },
  },
];
