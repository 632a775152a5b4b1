/** axios-cache-interceptor with its default options, but for the number of entries, and with `cloneData`. */
import type { Candidate } from './candidate.js';
import { clientOf, createInstance } from './on-axios.js';

const common = { reaches: 'once', needsServer: false, package: 'axios-cache-interceptor' } as const;

/** As many as this package keeps by default, so that neither evicts where the other does not. */
const MAX_ENTRIES = 10_000;

const opening =
  (cloneData: boolean | 'double'): Candidate['open'] =>
  async (setting) => {
    const { buildMemoryStorage, setupCache } = await import('axios-cache-interceptor');
    const storage = buildMemoryStorage(cloneData, undefined, setting.maxEntries ?? MAX_ENTRIES);
    const instance = createInstance(setting);
    setupCache(instance, { storage });
    return clientOf(instance, {
      clear: () => {
        storage.data.clear();
        return Promise.resolve();
      },
      close: () => {
        clearInterval(storage.cleaner);
        return Promise.resolve();
      },
    });
  };

export const interceptor: Candidate = {
  ...common,
  title: 'axios-cache-interceptor',
  about:
    'Its default options, with room for 10,000 entries. All callers hold the one object that is stored: what one ' +
    'changes, the others see.',
  data: 'shared',
  open: opening(false),
};

export const interceptorClone: Candidate = {
  ...common,
  title: 'axios-cache-interceptor, cloneData',
  about: 'The same with `cloneData: true`: what is read from the storage is copied for each caller.',
  data: 'own',
  open: opening(true),
};
