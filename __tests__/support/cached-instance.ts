/** A cached axios instance before a real origin, on a clock that only the test moves; closed after each test. */
import axios, { type CreateAxiosDefaults, type RawAxiosRequestHeaders } from 'axios';
import {
  type CachedAxiosInstance,
  type CachedAxiosResponse,
  type CacheEvent,
  type CacheOptions,
  setupCache,
} from '../../lib/index.js';
import { type ManualClock, manualClock } from './clock.js';
import { type Handler, type Origin, type Routes, startOrigin } from './origin.js';

export { numbered } from './origin.js';

/** When each test's clock starts. */
export const START_MS = Date.UTC(2030, 0, 1);

/** An HTTP-date so many seconds after the start. */
export const httpDate = (seconds: number): string => new Date(START_MS + seconds * 1000).toUTCString();

export interface CachedOrigin {
  readonly http: CachedAxiosInstance;
  /** Gives its answers a `Date` by `clock`. */
  readonly origin: Origin;
  readonly clock: ManualClock;
  /** All that the cache told, in order. */
  readonly events: readonly CacheEvent[];
}

export interface InstanceOptions extends CacheOptions {
  /** Of the axios instance. */
  readonly defaults?: CreateAxiosDefaults;
}

let opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  const closing = opened.reverse();
  opened = [];
  for (const close of closing) await close();
});

/** Starts an origin with `routes` and an instance whose `baseURL` it is. */
export async function startCached(routes: Handler | Routes, options: InstanceOptions = {}): Promise<CachedOrigin> {
  const { defaults, onEvent, ...cacheOptions } = options;
  const clock = manualClock(START_MS);
  const origin = await startOrigin(routes, { clock });
  opened.push(() => origin.close());
  const events: CacheEvent[] = [];
  const http = setupCache(axios.create({ baseURL: origin.url, proxy: false, ...defaults }), {
    now: clock.now,
    onEvent: (event) => {
      events.push(event);
      return onEvent?.(event);
    },
    ...cacheOptions,
  });
  // An instance that is uninstalled has no `cache` any more.
  const { cache } = http;
  opened.push(() => cache.close());
  return { http, origin, clock, events };
}

/** What the cache did, in two words: `hit fresh`, `miss expired`. */
export const told = ({ cache }: CachedAxiosResponse): string => `${cache.status} ${cache.reason}`;

/** `config` with request header fields. */
export const having = (headers: RawAxiosRequestHeaders): { headers: RawAxiosRequestHeaders } => ({ headers });

/** A request's Cache-Control. */
export const asking = (cacheControl: string) => having({ 'Cache-Control': cacheControl });
