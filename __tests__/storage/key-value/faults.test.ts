/** Whatever goes wrong with a key-value store, requests are answered by the origin. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromMap, type KeyValueDriver, KeyValueStorage } from '../../../lib/storage.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard } from '../describe-guard.js';

allowNoUnhandledRejection();

type Work = () => Promise<unknown>;
type DriverFault = keyof typeof FAULTS;

const hang = (): Promise<never> => new Promise(() => undefined);
const reject = (): Promise<never> => Promise.reject(new Error('no connection'));
/** Longer than any test waits for a call. */
const SLOW_MS = 2000;

/** Which functions do what in place of their work. */
const FAULTS = {
  refuses: { of: ['get', 'set', 'delete', 'keys'], misdeed: reject },
  throws: { of: ['get', 'set', 'delete', 'keys'], misdeed: () => { throw new Error('out of order'); } },
  hangs: { of: ['get', 'set', 'delete', 'keys'], misdeed: hang },
  'hangs on reads only': { of: ['get', 'keys'], misdeed: hang },
  'is slow': {
    of: ['get', 'set', 'delete', 'keys'],
    misdeed: async (work: Work) => {
      await sleep(SLOW_MS);
      return work();
    },
  },
  'is full': { of: ['set'], misdeed: reject },
  'is read-only': { of: ['set', 'delete'], misdeed: reject },
  'gives other bytes': { of: ['get'], misdeed: () => Promise.resolve(Uint8Array.of(0xc1, 0, 255, 13, 10)) },
  'gives no bytes': { of: ['get'], misdeed: () => Promise.resolve({ data: 'text' }) },
} as const;

const CONCERNS: Readonly<Record<DriverFault, Concerns>> = {
  refuses: 'everything',
  throws: 'everything',
  hangs: 'everything',
  'hangs on reads only': 'everything',
  'is slow': 'everything',
  'is full': 'writes',
  'is read-only': 'writes',
  'gives other bytes': 'writes',
  'gives no bytes': 'writes',
};

describeGuard('KeyValueStorage on a store', CONCERNS, () => {
  const sound = fromMap(new Map()) as Required<KeyValueDriver>;
  let fault: DriverFault | undefined;
  const faulty = (name: string, work: Work): unknown => {
    const { of = [], misdeed } = fault === undefined ? {} as Partial<(typeof FAULTS)[DriverFault]> : FAULTS[fault];
    return (of as readonly string[]).includes(name) && misdeed !== undefined ? misdeed(work) : work();
  };
  const driver = {
    get: (key) => faulty('get', () => sound.get(key)),
    set: (key, value, ttlMs) => faulty('set', () => sound.set(key, value, ttlMs)),
    delete: (key) => faulty('delete', () => sound.delete(key)),
    keys: (prefix) => faulty('keys', async () => sound.keys(prefix)),
  } as KeyValueDriver;
  return {
    storage: new KeyValueStorage(driver),
    begin: (given) => { fault = given; },
    end: () => { fault = undefined; },
  };
});
