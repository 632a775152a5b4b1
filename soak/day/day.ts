/**
 * A day of the clock, whose timers fire when the clock comes to them: each answer has to be what it is due to be at that
 * second, what nobody may use any more has to be swept away, and nothing may pile up.
 */
import axios, { AxiosError, type AxiosAdapter, type InternalAxiosRequestConfig } from 'axios';
import { type CachedAxiosInstance, type CacheOptions, MemoryStorage, setupCache } from 'axios-client-cache';
import { turn, VirtualTime } from '../../proof/time/virtual-time.js';
import { growthOfPeaks, heldBytes, PEAKS_LIMIT_BYTES } from '../heap.js';
import { meetEngines } from '../under-way.js';
import { type Due, HOUR, WATCHED, type Watched } from './watched.js';

export interface DaySettings {
  readonly hours: number;
  /** Tests plant a defect by them. */
  readonly options?: CacheOptions;
}

export interface PlayedDay {
  readonly requests: number;
  /** Refreshes in the background. */
  readonly refreshes: number;
  readonly sweeps: number;
  readonly mostEntries: number;
  /** In bytes, once the process has seen as many URLs as it remembers: empty for a few hours. */
  readonly held: readonly number[];
  readonly faults: readonly string[];
}

const SWEEP_S = 600;
const SAMPLE_EVERY_S = HOUR / 2;
/** A URL that comes once is asked for so often, and its answer lasts so long; both in seconds. */
const ONCE_EVERY_S = 2;
const ONCE_LASTS_S = 120;
/** With long URLs most of what a process remembers is full after so many seconds. */
const WARM_UP_S = 5_000 * ONCE_EVERY_S;
const LONG = 'x'.repeat(400);
/** Nothing here waits for more than turns of the program. */
const MOST_TURNS = 200;

class SweptStorage extends MemoryStorage {
  sweeps = 0;

  override deleteExpired(nowMs: number) {
    this.sweeps += 1;
    return super.deleteExpired(nowMs);
  }
}

export async function playDay({ hours, options }: DaySettings): Promise<PlayedDay> {
  const time = new VirtualTime();
  const restore = time.install();
  try {
    const day = new Day(time, options);
    const seconds = hours * HOUR;
    for (let second = 0; second < seconds; second += 1) {
      await day.take(second);
      await time.elapse(1000);
      if (second > WARM_UP_S && (second + 1) % SAMPLE_EVERY_S === 0) await day.sample();
    }
    return await day.end(seconds);
  } finally {
    restore();
  }
}

class Day {
  readonly #met = meetEngines();
  readonly #time: VirtualTime;
  readonly #storage = new SweptStorage({ maxEntries: 100_000 });
  readonly #http: CachedAxiosInstance;
  readonly #faults = new Map<string, number>();
  /** By path: the second in which the server has made or confirmed what is stored, and the one that its body tells. */
  readonly #made = new Map<string, { readonly at: number; readonly told: number }>();
  readonly #held: number[] = [];
  #second = 0;
  #requests = 0;
  #asked = 0;
  #dueAtServer = 0;
  #refreshes = 0;
  #mostEntries = 0;

  constructor(time: VirtualTime, options: CacheOptions | undefined) {
    this.#time = time;
    this.#http = setupCache(axios.create({ adapter: this.#server, baseURL: 'http://day.test', timeout: 30_000 }), {
      storage: this.#storage,
      now: time.now,
      deleteExpiredEvery: `${SWEEP_S}s`,
      ...options,
    });
  }

  readonly #server: AxiosAdapter = async (config) => {
    this.#asked += 1;
    const watched = WATCHED.find(({ path }) => config.url?.endsWith(path) === true);
    if (watched?.isDown(this.#second) === true) throw new AxiosError('connect ECONNREFUSED', 'ECONNREFUSED', config, {});
    const own = watched?.headers ?? { 'cache-control': `max-age=${ONCE_LASTS_S}` };
    const headers = { ...own, date: new Date(this.#time.now()).toUTCString(), 'content-type': 'application/json' };
    const isSame = watched?.headers['etag'] !== undefined && config.headers.get('If-None-Match') === watched.headers['etag'];
    return this.#answer(config, headers, isSame);
  };

  #answer(config: InternalAxiosRequestConfig, headers: Record<string, string>, isSame: boolean) {
    const data = isSame ? '' : JSON.stringify({ made: this.#second });
    return { data, status: isSame ? 304 : 200, statusText: '', headers, config, request: {} };
  }

  #wrong(what: string): void {
    this.#faults.set(what, (this.#faults.get(what) ?? 0) + 1);
  }

  async take(second: number): Promise<void> {
    this.#second = second;
    for (const watched of WATCHED) if (second % watched.everyS === 0) await this.#watch(watched);
    if (second % ONCE_EVERY_S === 0) await this.#once();
    if (second % SWEEP_S === SWEEP_S - 1) await this.#look();
  }

  async #watch({ path, everyS, due, isDown }: Watched): Promise<void> {
    const made = this.#made.get(path);
    const wanted: Due = made === undefined ? 'miss' : due(this.#second - made.at, isDown(this.#second));
    const got = await this.#ask(path);
    await this.#soon(this.#http.cache.idle());
    if (got === undefined) return;
    if (got.is !== wanted) this.#wrong(`${path}, every ${everyS} s: ${got.is} where ${wanted} is due`);
    const told = wanted === 'miss' ? this.#second : made?.told;
    if (got.is !== 'failed' && got.made !== told) this.#wrong(`${path}: another answer than the one that is due`);
    this.#noteMade(path, wanted, isDown(this.#second));
  }

  /** What is stored from now on, and what the server has been asked for. */
  #noteMade(path: string, due: Due, isDown: boolean): void {
    const isRenewed = due === 'stale' && !isDown;
    if (due !== 'hit') this.#dueAtServer += 1;
    if (isRenewed) this.#refreshes += 1;
    if (due === 'miss' || isRenewed) this.#made.set(path, { at: this.#second, told: this.#second });
    if (due === 'revalidated') this.#made.set(path, { at: this.#second, told: this.#made.get(path)?.told ?? -1 });
  }

  async #once(): Promise<void> {
    const got = await this.#ask(`/once/${this.#second}/${LONG}`);
    this.#dueAtServer += 1;
    if (got?.is !== 'miss') this.#wrong(`what comes once is ${got?.is}`);
  }

  async #ask(path: string): Promise<{ readonly is: Due; readonly made: number | undefined } | undefined> {
    this.#requests += 1;
    const asking = this.#http.get<{ made: number }>(path).then(
      ({ cache, data }) => ({ is: cache.status, made: data.made }),
      () => ({ is: 'failed' as const, made: undefined }),
    );
    return this.#soon(asking);
  }

  /** What `promise` gives without any timer. */
  async #soon<T>(promise: Promise<T>): Promise<T | undefined> {
    let isOver = false;
    const end = (): void => { isOver = true; };
    promise.then(end, end);
    for (let left = MOST_TURNS; !isOver && left > 0; left -= 1) await turn();
    if (isOver) return promise;
    this.#wrong('a request or call waits for a timer');
    return undefined;
  }

  /** Right before a sweep, when there are most entries; and what no sweep before should have left. */
  async #look(): Promise<void> {
    const lastSweepMs = this.#time.now() - (SWEEP_S - 1) * 1000;
    let count = 0;
    for await (const { purgeAtMs } of this.#storage.entries()) {
      count += 1;
      if (purgeAtMs <= lastSweepMs) this.#wrong('a sweep has left what was to be purged');
    }
    this.#mostEntries = Math.max(this.#mostEntries, count);
    const most = (SWEEP_S + ONCE_LASTS_S) / ONCE_EVERY_S + WATCHED.length;
    if (count > most) this.#wrong(`more than ${most} entries are stored`);
    // The timer of the sweeps.
    if (this.#time.waiting !== 1) this.#wrong(`${this.#time.waiting} timers wait`);
    if (this.#met.keysUnderWay() !== 0) this.#wrong('requests are under way that nobody has made');
  }

  async sample(): Promise<void> {
    this.#held.push(await heldBytes());
  }

  async end(seconds: number): Promise<PlayedDay> {
    const { sweeps } = this.#storage;
    if (sweeps !== seconds / SWEEP_S) this.#wrong(`${sweeps} sweeps, and ${seconds / SWEEP_S} were due`);
    if (this.#asked !== this.#dueAtServer) this.#wrong(`${this.#asked} requests at the server, ${this.#dueAtServer} were due`);
    const growth = growthOfPeaks(this.#held);
    if (growth > PEAKS_LIMIT_BYTES) this.#wrong(`the heap has grown by ${growth} bytes`);
    await this.#soon(this.#http.cache.close());
    this.#met.end();
    if (this.#time.waiting > 0) this.#wrong(`${this.#time.waiting} timers are left`);
    return {
      requests: this.#requests,
      refreshes: this.#refreshes,
      sweeps,
      mostEntries: this.#mostEntries,
      held: this.#held,
      faults: [...this.#faults].map(([what, times]) => `${what} (${times} times)`),
    };
  }
}
