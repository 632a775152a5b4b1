/** How a cache becomes a subject: an origin and a clock for each scenario, and an end to all of them. */
import axios, { type AxiosInstance } from 'axios';
import { type ManualClock, manualClock } from '../../__tests__/support/clock.js';
import { startOrigin } from '../../__tests__/support/origin.js';
import type { Needs, Stage, Subject } from '../scenario.js';

/** One storage, and the instances that share it. */
export interface Cache {
  readonly setUp: (instance: AxiosInstance) => AxiosInstance;
  readonly remove: Stage['remove'];
  readonly count: Stage['count'];
  readonly close: () => Promise<void>;
}

type Words = Omit<Subject, 'close' | 'start'>;

/** A subject whose caches `open` makes. */
export function subject(words: Words, open: (needs: Needs, clock: ManualClock) => Cache): Subject {
  const closing: (() => Promise<void>)[] = [];
  return {
    ...words,
    start: async (routes, needs = {}) => {
      const clock = manualClock();
      const origin = await startOrigin(routes, { clock });
      const { setUp, close, ...cache } = open(needs, clock);
      closing.push(() => origin.close(), close);
      const another = (): AxiosInstance => {
        const instance = axios.create({ baseURL: origin.url, proxy: false });
        needs.before?.(instance);
        return setUp(instance);
      };
      return { http: another(), origin, clock, another, ...cache };
    },
    close: async () => {
      for (const close of closing.splice(0).reverse()) await close();
    },
  };
}

/** What a user's broken code does. */
export const fail = (): never => {
  throw new Error('broken');
};
