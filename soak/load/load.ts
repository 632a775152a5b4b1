/**
 * Load: many callers over HTTP on loopback, each request once by axios alone and once by axios with a cache in Redis,
 * in turn which comes first. Some URLs fail, and Redis is killed and started again meanwhile.
 */
import { Agent } from 'node:http';
import { setTimeout as rest } from 'node:timers/promises';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import { type CachedAxiosResponse, setupCache } from 'axios-client-cache';
import { RedisStorage } from 'axios-client-cache/redis';
import type { OwnService } from '../../services/service.js';
import { SOURCES } from '../../services/services.js';
import { growthOfPeaks, heldBytes, PEAKS_LIMIT_BYTES } from '../heap.js';
import { seeded } from '../requests.js';
import { meetEngines } from '../under-way.js';
import { latencyRow } from './latency.js';
import { type Item, KEYS, type LoadOrigin, type LoadOriginSettings, paddingOf, PARTS } from './origin.js';

export interface LoadSettings {
  readonly seed: number;
  /** So many are made by each of the two. */
  readonly requests: number;
  readonly callers: number;
  /** A caller rests for up to so many milliseconds before each request. */
  readonly restMs: number;
  readonly startOrigin: (settings: LoadOriginSettings) => Promise<LoadOrigin>;
  /** Tests plant a defect in the instance with the cache. */
  readonly plant?: (http: AxiosInstance) => void;
}

export interface Loaded {
  /** Rows under `LATENCY_TITLES`. */
  readonly latencies: readonly (readonly string[])[];
  readonly failed: { readonly alone: number; readonly cached: number };
  /** How often Redis was killed, and how many of its calls have failed. */
  readonly kills: number;
  readonly storageErrors: number;
  /** In bytes, after each part of the requests but for the first ones. */
  readonly held: readonly number[];
  /** For people. */
  readonly faults: readonly string[];
}

/** What is done to Redis, by the share of the requests that have begun. */
const TORMENTS: readonly (readonly [share: number, what: 'kill' | 'start' | 'restart'])[] = [
  [0.33, 'kill'], [0.42, 'start'], [0.57, 'kill'], [0.63, 'start'], [0.78, 'restart'],
];

/** The first parts compile code, and fill pools and the cache. */
const WARM_UP_PARTS = 4;

/** No answer here takes nearly as long; whoever waits for ever is told apart by it. */
const TIMEOUT_MS = 30_000;

interface Told {
  readonly ms: number;
  readonly isHit: boolean;
  readonly failure: string | undefined;
}

export async function playLoad(settings: LoadSettings): Promise<Loaded> {
  const { seed, requests, callers } = settings;
  const met = meetEngines();
  const engine = await SOURCES.redis.start();
  const origin = await settings.startOrigin({ seed, requests });
  const client = (): AxiosInstance =>
    axios.create({ baseURL: origin.url, proxy: false, timeout: TIMEOUT_MS, httpAgent: new Agent({ keepAlive: true }) });
  const storage = new RedisStorage(engine.url);
  const cached = setupCache(client(), { storage });
  settings.plant?.(cached);
  const load = new Load(settings, client(), cached);
  cached.cache.on('storage-error', () => { load.storageErrors += 1; });
  const unhandled = (reason: unknown): void => load.wrong(`unhandled rejection: ${String(reason)}`);
  process.on('unhandledRejection', unhandled);
  const torments = new Torments(engine, requests);
  const held: number[] = [];
  try {
    for (let part = 0; part < PARTS; part += 1) {
      load.hitsOfPart = 0;
      await load.until(Math.round((requests * (part + 1)) / PARTS), callers, torments);
      await cached.cache.idle();
      if (part >= WARM_UP_PARTS) held.push(await heldBytes());
    }
    if (load.hitsOfPart === 0) load.wrong('nothing is a hit any more once Redis is there again');
    if (met.keysUnderWay() > 0) load.wrong(`${met.keysUnderWay()} keys are still under way`);
    await cached.cache.close();
  } finally {
    met.end();
    process.off('unhandledRejection', unhandled);
    await origin.close();
    await engine.stop();
  }
  const growth = growthOfPeaks(held);
  if (growth > PEAKS_LIMIT_BYTES) load.wrong(`the heap has grown by ${growth} bytes`);
  return { ...load.result(), kills: torments.kills, held };
}

class Torments {
  kills = 0;
  #under: Promise<void> = Promise.resolve();
  readonly #at: ReadonlyMap<number, 'kill' | 'start' | 'restart'>;
  readonly #engine: OwnService;

  constructor(engine: OwnService, requests: number) {
    this.#engine = engine;
    this.#at = new Map(TORMENTS.map(([share, what]) => [Math.round(requests * share), what]));
  }

  /** Goes on behind the requests, in order. */
  begun(number: number): void {
    const what = this.#at.get(number);
    if (what === undefined) return;
    if (what !== 'start') this.kills += 1;
    this.#under = this.#under.then(() => this.#engine[what]());
  }

  ended(): Promise<void> {
    return this.#under;
  }
}

class Load {
  hitsOfPart = 0;
  storageErrors = 0;
  readonly #seed: number;
  readonly #restMs: number;
  readonly #alone: AxiosInstance;
  readonly #cached: AxiosInstance;
  /** By the number of a request, and of a fixed size, so that the heap is that of the cache. */
  readonly #ms: { readonly alone: Float64Array; readonly cached: Float64Array };
  readonly #isHit: Uint8Array;
  readonly #failed = { alone: 0, cached: 0 };
  readonly #faults = new Map<string, number>();
  #begun = 0;

  constructor({ seed, requests, restMs }: LoadSettings, alone: AxiosInstance, cached: AxiosInstance) {
    this.#seed = seed;
    this.#restMs = restMs;
    this.#ms = { alone: new Float64Array(requests), cached: new Float64Array(requests) };
    this.#isHit = new Uint8Array(requests);
    this.#alone = alone;
    this.#cached = cached;
  }

  wrong(what: string): void {
    this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
  }

  /** All callers go on until so many requests have begun, and end them. */
  async until(end: number, callers: number, torments: Torments): Promise<void> {
    const call = async (): Promise<void> => {
      while (this.#begun < end) {
        const number = this.#begun;
        this.#begun += 1;
        torments.begun(number);
        await rest(Math.random() * this.#restMs);
        await this.#both(number);
      }
    };
    await Promise.all(Array.from({ length: callers }, call));
    await torments.ended();
  }

  async #both(number: number): Promise<void> {
    const random = seeded(this.#seed + number);
    // Some URLs are asked for much more often than others.
    const key = Math.floor(KEYS * (random(1000) / 1000) ** 2);
    const isAloneFirst = number % 2 === 0;
    const first = await ask(isAloneFirst ? this.#alone : this.#cached, key, number);
    const second = await ask(isAloneFirst ? this.#cached : this.#alone, key, number);
    const [alone, cached] = isAloneFirst ? [first, second] : [second, first];
    this.#note(number, alone, cached);
  }

  #note(number: number, alone: Told, cached: Told): void {
    this.#ms.alone[number] = alone.ms;
    this.#ms.cached[number] = cached.ms;
    this.#isHit[number] = cached.isHit ? 1 : 0;
    if (cached.isHit) this.hitsOfPart += 1;
    if (alone.failure !== undefined) this.#failed.alone += 1;
    if (cached.failure === undefined) return;
    this.#failed.cached += 1;
    if (alone.failure === undefined) this.wrong(`with the cache alone: ${cached.failure}`);
  }

  result(): Omit<Loaded, 'kills' | 'held'> {
    const { alone, cached } = this.#ms;
    return {
      latencies: [
        latencyRow('axios alone', alone),
        latencyRow('with the cache', cached),
        latencyRow('with the cache: answered from it', cached.filter((_, number) => this.#isHit[number] === 1)),
        latencyRow('with the cache: answered by the server', cached.filter((_, number) => this.#isHit[number] === 0)),
      ],
      failed: this.#failed,
      storageErrors: this.storageErrors,
      faults: [...this.#faults].map(([what, times]) => `${what} (${times} times)`),
    };
  }
}

async function ask(http: AxiosInstance, key: number, number: number): Promise<Told> {
  const sinceMs = performance.now();
  const told = (failure: string | undefined, isHit = false): Told =>
    ({ ms: performance.now() - sinceMs, isHit, failure });
  try {
    const response = await http.get<Item>(`/item/${key}`, { headers: { 'X-Number': number } });
    const { cached } = response as Partial<CachedAxiosResponse>;
    const { data } = response;
    const isRight = data.key === key && data.padding === paddingOf(key);
    return told(isRight ? undefined : `another answer than that of ${key}`, cached === true);
  } catch (error) {
    return told(error instanceof AxiosError ? `${error.code}: ${error.message}` : String(error));
  }
}
