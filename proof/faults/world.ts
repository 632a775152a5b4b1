/** One instance with a cache and every kind of function that a user may give, all of which can be made to fail. */
import { getEventListeners } from 'node:events';
import axios, { AxiosError, type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { type CachedAxiosInstance, type CacheOptions, type CacheStorage, MemoryStorage, setupCache } from 'axios-client-cache';
import { TieredStorage } from 'axios-client-cache/tiered';
import { turn, type VirtualTime } from '../time/virtual-time.js';
import { responseOf, ScriptedOrigin, settle } from '../world/origin.js';
import { bodyOf, nameOf, type Resource } from '../world/resources.js';
import { Tasks } from '../world/tasks.js';
import { faultyStorage } from './faulty-storage.js';
import { PLANTED, type Probe } from './probe.js';

const RESOURCES: readonly Resource[] = [
  { kind: 'says nothing', validator: 'etag', varies: false, conditions: 'judges' },
  { kind: 'windows', validator: 'etag', varies: false, conditions: 'judges' },
  { kind: 'no-store', validator: 'none', varies: false, conditions: 'judges' },
  { kind: 'max-age', validator: 'none', varies: true, conditions: 'judges' },
];

/** Longer than whatever is planted takes, so that no request waits without end for an origin that says nothing. */
const TIMEOUT_MS = 20_000;
/** So many timers may fire until a request has ended. */
const MOST_TIMERS = 300;

/** Where things are stored: in the process, where others reach it too, or there behind a memory of the process's own. */
export const PLACES: Readonly<Record<string, (probe: Probe) => CacheStorage>> = {
  'in the process': (probe) => faultyStorage(probe, 'in the process'),
  'elsewhere': (probe) => faultyStorage(probe, 'elsewhere'),
  'in two tiers': (probe) => new TieredStorage(new MemoryStorage({ maxEntries: 50 }), faultyStorage(probe, 'elsewhere')),
};

export class FaultyWorld {
  readonly http: CachedAxiosInstance;
  /** Whether the origin cannot be reached, which is a scenario's own doing. */
  isDown = false;
  readonly wrong: string[] = [];
  readonly callers: number;
  readonly #time: VirtualTime;
  readonly #probe: Probe;
  readonly #origin: ScriptedOrigin;
  readonly #signals: AbortSignal[] = [];
  #tick = 0;
  /** By resource: the version that a change which was answered has made. */
  readonly #least: number[] = [];

  constructor(probe: Probe, { callers, place }: { readonly callers: number; readonly place: string }, time: VirtualTime) {
    time.reset();
    this.#probe = probe;
    this.#time = time;
    this.callers = callers;
    this.#origin = new ScriptedOrigin({ resources: RESOURCES, made: 'when asked' }, new Tasks(), time, () => (this.#tick += 1));
    this.http = setupCache(axios.create({ baseURL: 'http://origin.test', adapter: this.#adapter, timeout: TIMEOUT_MS }), {
      storage: PLACES[place]?.(probe),
      now: () => this.#probe.call('function', 'now', time.now),
      ...this.#functions(),
    });
  }

  readonly #adapter: AxiosAdapter = (config) => new Promise((resolve, reject) => {
    const signal = config.signal as AbortSignal | undefined;
    const end = (error: Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      reject(error);
    };
    const timer = setTimeout(() => {
      end(new AxiosError(`timeout of ${config.timeout}ms exceeded`, AxiosError.ECONNABORTED, config));
    }, config.timeout ?? 0);
    const cancel = (): void => { end(new axios.CanceledError(undefined, config)); };
    signal?.addEventListener('abort', cancel);
    const answering = async (): Promise<void> => {
      const made = await this.#probe.call('origin', `${config.method} ${config.url}`, async () => {
        if (this.isDown) throw new AxiosError('down', 'ECONNREFUSED', config);
        return this.#origin.answer(config, this.#origin.sent());
      });
      settle(resolve, reject, responseOf(made, config, 'whole'));
    };
    if (signal?.aborted === true) cancel();
    // Where it has been answered, there is nothing to reject any more.
    answering().then(() => { end(new Error('answered')); }, end);
  });

  #functions(): CacheOptions {
    const of = <R,>(name: string, value: () => R) => (): R => this.#probe.call('function', name, value);
    return {
      partition: () => this.#probe.call('deciding function', 'partition', () => 'somebody'),
      expireAfter: of('expireAfter', () => 8),
      filter: of('filter', async () => true),
      tags: of('tags', () => ['tag']),
      key: of('key', () => undefined),
      allowedCodes: of<boolean>('allowedCodes', () => true),
      invalidates: of('invalidates', () => []),
      onEvent: of('onEvent', () => undefined),
      debug: of('debug', () => undefined),
      background: of('background', () => undefined),
    };
  }

  /** Called when a background refresh has brought something newer. */
  readonly onRefreshed = (): void => this.#probe.call('function', 'onRefreshed', () => undefined);

  pass(seconds: number): void {
    this.#time.jump(seconds * 1000);
  }

  change(resource: number): void {
    this.#origin.change(resource);
  }

  /** All callers ask the same at once. */
  async ask(resource: number, config: AxiosRequestConfig = {}): Promise<void> {
    await this.settle(Array.from({ length: this.callers }, () => this.#one(resource, config)));
  }

  /** All of them change it; whatever is asked after the last of them must be as new. */
  async write(resource: number, config: AxiosRequestConfig = { method: 'PUT' }): Promise<void> {
    const before = this.#origin.versions[resource] ?? 0;
    await this.ask(resource, { data: 'new', ...config });
    const after = this.#origin.versions[resource] ?? 0;
    if (after > before) this.#least[resource] = after;
  }

  /** A call of the manager may be rejected with a CacheError, but it ends. */
  async manage(call: (http: CachedAxiosInstance) => Promise<unknown>): Promise<void> {
    await this.settle([call(this.http).catch((error: unknown) => {
      // `refresh` is a request, and fails as one.
      const mayFail = (error as Error).name === 'CacheError' || isPlanted(error) || this.#mayFailBy(error);
      if (!mayFail) this.wrong.push(`the manager throws ${String(error)}`);
    })]);
  }

  /** Lets time pass until all of it has ended. */
  async settle(promises: readonly Promise<unknown>[]): Promise<void> {
    let left = promises.length;
    for (const promise of promises) void promise.then(() => { left -= 1; }, () => { left -= 1; });
    for (let timers = MOST_TIMERS; left > 0 && timers > 0; timers -= 1) {
      for (let turns = 4; left > 0 && turns > 0; turns -= 1) await turn();
      if (left > 0) await this.#time.elapseToNext();
    }
    if (left > 0) this.wrong.push(`${left} hang`);
  }

  async #one(resource: number, given: AxiosRequestConfig): Promise<void> {
    const { signal } = new AbortController();
    this.#signals.push(signal);
    const least = this.#least[resource] ?? 1;
    try {
      const response = await this.http.request<unknown>({ url: `/r${resource}`, signal, headers: { 'X-Variant': 'a' }, ...given });
      await this.#check(response, resource, least, given);
    } catch (error) {
      const isOutOfTime = given.timeout !== undefined && (error as AxiosError).code === AxiosError.ECONNABORTED;
      if (!isOutOfTime && !this.#mayFailBy(error)) this.wrong.push(`${given.method ?? 'GET'} ${resource} is rejected with ${String(error)}`);
    }
  }

  async #check({ data, headers }: AxiosResponse<unknown>, resource: number, least: number, given: AxiosRequestConfig) {
    const text = await textOf(data, given);
    const [, , variant, version] = String(headers['x-is']).split('.');
    const identity = { resource, user: '', variant: variant === '-' ? '' : String(variant), version: Number(version) };
    if (headers['x-is'] !== nameOf(identity)) this.wrong.push(`${resource} is given ${String(headers['x-is'])}`);
    else if (text !== undefined && text !== bodyOf(identity)) this.wrong.push(`${nameOf(identity)} has the body ${text}`);
    else if (identity.version < least) this.wrong.push(`${nameOf(identity)} was changed before: ${least}`);
  }

  /** Its own error of the origin, and of what decides whose answer it is. */
  #mayFailBy(error: unknown): boolean {
    const isOfOrigin = this.isDown || this.#probe.hit.some((place) => place === 'origin');
    if (!(error instanceof AxiosError)) return isOfOrigin && isPlanted(error);
    if (isOfOrigin && [PLANTED, 'down'].includes(error.message)) return true;
    if (isOfOrigin && error.code === AxiosError.ECONNABORTED) return true;
    if (error.response?.status === 504) return true;
    return error.code === 'ERR_CACHE_OPTION' && this.#probe.hit.includes('deciding function');
  }

  /** Ends it, and says what is left. */
  async end(): Promise<void> {
    await this.settle([this.http.cache.idle().catch(() => undefined)]);
    await this.settle([this.http.cache.close().catch(() => undefined)]);
    while (await this.#time.elapseToNext()) await turn();
    await turn();
    const listening = this.#signals.filter((signal) => getEventListeners(signal, 'abort').length > 0).length;
    if (listening > 0) this.wrong.push(`${listening} signals are still listened to`);
  }
}

const isPlanted = (error: unknown): boolean =>
  error instanceof Error && (error.message.includes(PLANTED) || isPlanted(error.cause));

async function textOf(data: unknown, { method, responseType }: AxiosRequestConfig): Promise<string | undefined> {
  if (method !== undefined && method !== 'GET') return undefined;
  if (responseType !== 'stream') return JSON.stringify(data);
  const parts: Uint8Array[] = [];
  for await (const part of data as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts).toString();
}
