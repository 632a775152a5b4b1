/** What is compared: axios without a cache, this package, and axios-cache-interceptor, each answering from memory. */
import axios, { AxiosHeaders, type AxiosAdapter, type AxiosInstance } from 'axios';
import { setupCache } from 'axios-client-cache';
import { buildMemoryStorage, setupCache as setupInterceptor } from 'axios-cache-interceptor';

export interface Subject {
  readonly name: string;
  /** One request, answered from memory. */
  readonly request: () => Promise<unknown>;
  /** Throws unless all requests so far were answered as the name says. */
  readonly verify: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** An adapter that answers `text` at once, in the form that an adapter of Node gives it in. */
function instantOrigin(text: string): { readonly adapter: AxiosAdapter; calls: number } {
  const bytes = Buffer.from(text);
  const origin = {
    calls: 0,
    adapter: ((config) => {
      origin.calls += 1;
      return Promise.resolve({
        data: config.responseType === 'arraybuffer' ? bytes : text,
        status: 200,
        statusText: 'OK',
        headers: new AxiosHeaders({ 'Content-Type': 'application/json', 'Cache-Control': 'max-age=3600' }),
        config,
        request: {},
      });
    }) satisfies AxiosAdapter,
  };
  return origin;
}

const baseURL = 'http://origin.test';

/** The floor: what axios itself takes, the parsing of `text` included. */
export function plainAxios(text: string): Subject {
  const { adapter } = instantOrigin(text);
  const instance = axios.create({ baseURL, adapter });
  return {
    name: 'axios, adapter that does nothing',
    request: () => instance.get('/items'),
    verify: () => verifyData(instance, text),
    close: () => Promise.resolve(),
  };
}

/** `setUp` gives the instance a cache, and gives back how to take its timers away. */
export function cached(name: string, text: string, setUp: (instance: AxiosInstance) => () => Promise<void>): Subject {
  const origin = instantOrigin(text);
  const instance = axios.create({ baseURL, adapter: origin.adapter });
  const close = setUp(instance);
  return {
    name,
    request: () => instance.get('/items'),
    verify: async () => {
      await verifyData(instance, text);
      if (origin.calls !== 1) throw new Error(`${name}: ${origin.calls} requests reached the origin instead of 1`);
    },
    close,
  };
}

async function verifyData(instance: AxiosInstance, text: string): Promise<void> {
  const { data } = await instance.get<unknown>('/items');
  if (JSON.stringify(data) !== text) throw new Error('an answer is not what the origin sent');
}

export const OURS = 'axios-client-cache, hit in memory';

export const createSubjects = (text: string): readonly Subject[] => [
  plainAxios(text),
  cached(OURS, text, (instance) => {
    const { cache } = setupCache(instance, { expireAfter: '1h' });
    return () => cache.close();
  }),
  cached('axios-cache-interceptor, default (callers share one object)', text, interceptor(false)),
  cached('axios-cache-interceptor, cloneData: true', text, interceptor(true)),
];

/** Default options but for the storage's `cloneData`, which is false by default. */
function interceptor(cloneData: boolean): (instance: AxiosInstance) => () => Promise<void> {
  return (instance) => {
    const storage = buildMemoryStorage(cloneData);
    setupInterceptor(instance, { storage });
    return () => {
      clearInterval(storage.cleaner);
      return Promise.resolve();
    };
  };
}
