/** Plays one schedule on real instances with real caches, and notes all that was asked, answered and invalidated. */
import axios, { type AxiosResponse } from 'axios';
import { type CachedAxiosInstance, type CacheStorage, setupCache } from 'axios-client-cache';
import { unhandled } from '../time/unhandled.js';
import { realPause, turn, type VirtualTime } from '../time/virtual-time.js';
import { type GatedStorage, gatedStorage, withoutFences } from '../world/gated-storage.js';
import { ScriptedOrigin } from '../world/origin.js';
import { rulesOf, tagOf } from '../world/resources.js';
import { Tasks } from '../world/tasks.js';
import { type Arena, type Asked, type Bound, type Given, type Played, SESSION_LIFETIME } from './played.js';
import { allowanceOf, isReadOnly, optionsOf } from './settings.js';
import { isUndisturbed, type RequestStep, type Schedule, type Step } from './steps.js';

export async function play(schedule: Schedule, arena: Arena): Promise<Played> {
  const player = new Player(schedule, arena);
  await player.open();
  for (const step of schedule.steps) await player.take(step);
  return player.end();
}

/** So many virtual timers may fire until all has settled; a real engine has so long, however busy the machine is. */
const MOST_TIMERS = 200;
const LONGEST_MS = 30_000;

class Player {
  readonly #schedule: Schedule;
  readonly #arena: Arena;
  readonly #time: VirtualTime;
  readonly #tasks = new Tasks();
  readonly #origin: ScriptedOrigin;
  readonly #asked: Asked[] = [];
  readonly #aborting: AbortController[] = [];
  readonly #bounds: Bound[] = [];
  readonly #complaints: string[] = [];
  readonly #closed = new Set<number>();
  readonly #under = new Set<Promise<unknown>>();
  #gates: readonly GatedStorage[] = [];
  #instances: readonly CachedAxiosInstance[] = [];
  #now = 0;
  #hits = 0;

  constructor(schedule: Schedule, arena: Arena) {
    this.#schedule = schedule;
    this.#arena = arena;
    this.#time = arena.time;
    this.#time.reset();
    this.#origin = new ScriptedOrigin(schedule, this.#tasks, this.#time, this.#tick);
  }

  readonly #tick = (): number => (this.#now += 1);

  async open(): Promise<void> {
    const { second, inProcess, resources } = this.#schedule;
    const { room } = allowanceOf(this.#schedule);
    const storages = await this.#arena.open(room);
    const gate = (storage: CacheStorage | undefined): GatedStorage => {
      const gated = gatedStorage(storage as CacheStorage, {
        tasks: this.#tasks,
        tick: this.#tick,
        elapsedMs: () => this.#time.elapsedMs,
      });
      if (!inProcess) Object.assign(gated.storage, { inProcess: false });
      gated.become(this.#schedule.storage);
      return gated;
    };
    const first = gate(storages[0]);
    this.#gates = second === 'none' ? [first] : [first, second === 'same object' ? first : gate(storages[1])];
    const adapter = this.#arena.below?.(this.#origin.adapter) ?? this.#origin.adapter;
    this.#instances = this.#gates.map(({ storage: gated }, on) => {
      const storage = this.#schedule.hasFences ? gated : withoutFences(gated);
      return setupCache(axios.create({ adapter, baseURL: 'http://origin.test' }), {
        storage,
        expireAfter: SESSION_LIFETIME,
        now: this.#time.now,
        ...optionsOf(this.#schedule, on, this.#arena.isVirtual ? 'virtual' : 'real'),
        ...(resources.some(({ ranges }) => ranges) ? { allowedCodes: [200, 206] } : {}),
        ...(this.#arena.isVirtual ? {} : { storageTimeout: '1h' }),
        ...this.#arena.options,
      });
    });
    if (this.#arena.spoil !== undefined) this.#instances.forEach(this.#arena.spoil);
  }

  async take(step: Step): Promise<void> {
    await this.#do(step);
    await this.#quiet();
  }

  async #do(step: Step): Promise<unknown> {
    switch (step.do) {
      case 'request': return this.#request(step);
      case 'write': return this.#write(step);
      case 'change': return this.#origin.change(step.resource, step.to);
      case 'retarget': return this.#origin.redirects.retarget(step.source, step.to);
      case 'invalidate': return this.#invalidate(step);
      case 'release': return this.#tasks.release(step.nth, step.ending);
      case 'settle': return this.#settle();
      case 'abort': return this.#abort(step.nth);
      case 'pass': return this.#arena.isVirtual ? this.#time.elapse(step.ms) : this.#jump(step.ms);
      case 'jump': return this.#jump(step.seconds * 1000);
      case 'storage': return this.#gates.forEach((gate) => { gate.become(step.is); });
      case 'delete expired': return this.#manage(step.on, ({ cache }) => cache.deleteExpired());
      case 'close': return this.#close(step.on);
    }
  }

  #on(on: number): number {
    return on % this.#instances.length;
  }

  #instance(on: number): CachedAxiosInstance {
    return this.#instances[this.#on(on)] as CachedAxiosInstance;
  }

  #jump(ms: number): void {
    this.#time.jump(ms);
    for (const { given, wallMs } of this.#asked) if (given === undefined) wallMs.push(this.#time.now());
  }

  #request(step: RequestStep): void {
    const controller = new AbortController();
    const asked: Asked = {
      step,
      on: this.#on(step.on),
      index: this.#asked.length,
      signal: controller.signal,
      at: this.#tick(),
      askedMs: this.#time.elapsedMs,
      wallMs: [this.#time.now()],
      given: undefined,
      settledAt: Infinity,
      tookMs: 0,
      isAborted: false,
      isClosed: this.#closed.has(this.#on(step.on)),
    };
    this.#asked.push(asked);
    this.#aborting.push(controller);
    const { resource, user, named, variant, method, mode, directive, lifetime, type, timeout, range, via } = step;
    const token = named ? `${user} ${asked.index}` : user;
    const request = this.#instance(step.on).request<unknown>({
      url: via < 0 ? `/r${resource}` : `/m${via}`,
      method,
      signal: controller.signal,
      responseType: type,
      // Without a time of its own nobody can tell how long real engines take.
      timeout: this.#arena.isVirtual ? timeout : 0,
      headers: {
        ...(variant === 'none' ? {} : { 'X-Variant': variant }),
        ...(user === '' ? {} : { Authorization: `Bearer ${token}` }),
        ...(directive === '' ? {} : { 'Cache-Control': directive }),
        ...(range === '' ? {} : { Range: range }),
      },
      cache: {
        // Whoever is led elsewhere does not know to what.
        tags: via < 0 ? [tagOf(resource)] : [tagOf(0), tagOf(1)],
        mode,
        ...(lifetime === 0 ? {} : { expireAfter: lifetime }),
        ...(named && user !== '' ? { partition: user } : {}),
      },
    });
    this.#watch(request.then((response) => this.#read(response, asked), (error: unknown) => {
      this.#note(asked, { kind: 'error', error });
    }));
  }

  async #read(response: AxiosResponse<unknown>, asked: Asked): Promise<void> {
    if (response.cached === true) this.#hits += 1;
    const { status, headers, data, config } = response;
    if (config.signal !== asked.signal) this.#complaints.push(`request ${asked.index} has the config of another one`);
    const is = String(headers['x-is']);
    const range = headers['content-range'] === undefined ? undefined : String(headers['content-range']);
    const told = { is, isCached: response.cached === true, age: Number(headers['age'] ?? NaN), range };
    const body = await this.#textOf(data, asked.step);
    this.#note(asked, body === BROKEN ? { kind: 'broken stream' } : { kind: 'answer', status, body, ...told });
    spoil(response);
  }

  async #textOf(data: unknown, { type, method, drops }: RequestStep): Promise<string | undefined | typeof BROKEN> {
    if (method === 'HEAD') return undefined;
    // A part is no JSON, and is given as its text.
    if (type === 'json' && typeof data !== 'string') return JSON.stringify(data);
    if (type === 'text' || type === 'json') return String(data);
    if (type === 'arraybuffer') return Buffer.from(data as Uint8Array).toString();
    const parts: Uint8Array[] = [];
    try {
      for await (const part of data as AsyncIterable<Uint8Array>) {
        parts.push(part);
        if (drops) return undefined;
      }
    } catch {
      return BROKEN;
    }
    return Buffer.concat(parts).toString();
  }

  #note(asked: Asked, given: Given): void {
    asked.given = given;
    asked.settledAt = this.#tick();
    asked.tookMs = this.#time.elapsedMs - asked.askedMs;
    asked.wallMs.push(this.#time.now());
  }

  #write({ on, method, resource, user }: Step & { do: 'write' }): void {
    const before = this.#origin.versions[resource];
    const headers = user === '' ? {} : { Authorization: `Bearer ${user}` };
    const config = { url: `/r${resource}`, method, headers, data: method === 'DELETE' ? undefined : 'new' };
    const changed = (): void => {
      if (isReadOnly(this.#schedule, this.#on(on))) return;
      // Where it was not changed, nothing is promised; where it was, whatever was made before is of an older version.
      if (this.#origin.versions[resource] !== before) this.#bind(on, resource, this.#origin.changedAt(resource), method);
    };
    this.#watch(this.#instance(on).request(config).then(changed, changed));
  }

  #invalidate({ on, resource, by, via }: Step & { do: 'invalidate' }): void {
    const calledAt = this.#tick();
    const meant = via < 0 ? resource : { source: via };
    const all = { url: meant, tag: { tag: tagOf(resource) }, pattern: meant, clear: 'all' as const };
    const path = via < 0 ? `/r${resource}` : `/m${via}`;
    const pattern = `origin.test${path}`;
    const call = ({ cache }: CachedAxiosInstance): Promise<unknown> => {
      switch (by) {
        case 'url': return cache.delete(path);
        case 'tag': return cache.invalidateTags(tagOf(resource));
        case 'pattern': return cache.deleteMatching({ pattern });
        case 'clear': return cache.clear();
      }
    };
    this.#manage(on, call, () => { this.#bind(on, all[by], calledAt, by); });
  }

  /** Binds the instance itself, and the other one where nothing that is to be deleted is left undone. */
  #bind(on: number, resource: Bound['resource'], madeBefore: number, why: string): void {
    const isEverywhere = this.#gates.every((gate) => gate.undeleted() === 0) && !this.#closed.has(this.#on(on));
    this.#bounds.push({ resource, at: this.#tick(), madeBefore, on: this.#on(on), isEverywhere, why });
  }

  /** A call of the manager may be rejected, but not for ever under way. */
  #manage(on: number, call: (http: CachedAxiosInstance) => Promise<unknown>, done: () => void = () => undefined): void {
    this.#watch(call(this.#instance(on)).then(done, () => undefined));
  }

  #close(on: number): void {
    this.#closed.add(this.#on(on));
    this.#manage(on, ({ cache }) => cache.close());
  }

  #abort(nth: number): void {
    const index = nth % Math.max(1, this.#asked.length);
    const asked = this.#asked[this.#asked.length - 1 - index];
    if (asked === undefined || asked.given !== undefined) return;
    asked.isAborted = true;
    this.#aborting[asked.index]?.abort();
  }

  #watch(promise: Promise<unknown>): void {
    const watched = promise.catch((error: unknown) => { this.#complaints.push(`the player fails: ${String(error)}`); });
    this.#under.add(watched);
    void watched.then(() => { this.#under.delete(watched); });
  }

  async #settle(): Promise<void> {
    for (let left = 500; this.#tasks.pending.length > 0 && left > 0; left -= 1) {
      await this.#tasks.release(0, 'whole');
      await this.#quiet();
    }
  }

  /** Until nothing goes on any more without a further step. */
  async #quiet(): Promise<void> {
    await turn();
    if (this.#schedule.steps.some((step) => step.do === 'request' && step.type === 'stream')) await turn();
    while (this.#gates.some((gate) => gate.working() > 0)) {
      await realPause(0);
      await turn();
    }
  }

  /** Lets time pass until all is over, or would never be. */
  async #goOnUntil(isOver: () => boolean): Promise<void> {
    const { isVirtual } = this.#arena;
    const untilMs = performance.now() + LONGEST_MS;
    for (let timers = 0; isVirtual ? timers < MOST_TIMERS : performance.now() < untilMs; timers += 1) {
      await this.#settle();
      await turn();
      if (isOver()) return;
      if (!isVirtual) await realPause(1);
      else if (!(await this.#time.elapseToNext())) await turn();
    }
  }

  async end(): Promise<Played> {
    for (const gate of this.#gates) gate.become('at once');
    await this.#goOnUntil(() => this.#under.size === 0 && this.#tasks.pending.length === 0);
    if (this.#arena.isVirtual && isUndisturbed(this.#schedule)) await this.#askTwice();
    for (const { step, given, index } of this.#asked) {
      if (given === undefined) this.#complaints.push(`request ${index} (${step.method} ${step.resource}) never ends`);
    }
    if (this.#under.size > 0) this.#complaints.push(`${this.#under.size} calls never end`);
    await this.#lookAtSetting();
    await this.#finish();
    return {
      schedule: this.#schedule,
      asked: this.#asked,
      bounds: this.#bounds,
      confirmations: this.#origin.confirmations,
      leads: this.#origin.redirects.leads,
      failures: this.#origin.failures,
      gone: this.#origin.gone,
      storageCalls: this.#gates.flatMap(({ calls }) => calls),
      complaints: this.#complaints,
      hits: this.#hits,
    };
  }

  /** Where the storage has always worked, whatever else has happened, a cache stores and answers again. */
  async #askTwice(): Promise<void> {
    this.#origin.restore();
    const { resources, steps } = this.#schedule;
    // What nobody has asked for or changed would be asked for with the same result each time.
    const named = new Set(steps.map((step) => ('resource' in step ? step.resource : undefined)));
    for (const [resource, { kind }] of resources.entries()) {
      if (!named.has(resource) || rulesOf(kind, this.#origin.versions[resource] ?? 0).lifetime === 0) continue;
      for (const on of this.#instances.keys()) {
        // One that stores nothing has what the other one has just stored.
        if (this.#closed.has(on) || (isReadOnly(this.#schedule, on) && this.#closed.has(0))) continue;
        for (let times = 0; times < 2; times += 1) {
          this.#request({ ...PLAIN_REQUEST, on, resource });
          await this.#quiet();
          await this.#settle();
        }
        const { given, index } = this.#asked.at(-1) as Asked;
        const isHit = given?.kind === 'answer' && given.isCached;
        if (!isHit) this.#complaints.push(`request ${index}, the last of ${resource} on ${on}, is not answered from the cache`);
      }
    }
  }

  /** What a setting promises whatever is asked. */
  async #lookAtSetting(): Promise<void> {
    const { setting, second } = this.#schedule;
    const { maxVariants } = allowanceOf(this.#schedule);
    if (setting === 'conditionalRequests: false' && this.#origin.conditions > 0) {
      this.#complaints.push(`${this.#origin.conditions} requests have conditions of the cache`);
    }
    const isOne = second === 'none' && isUndisturbed(this.#schedule) && !this.#closed.has(0);
    if (maxVariants === Infinity || !isOne || !this.#arena.isVirtual) return;
    const counts = new Map<string, number>();
    for await (const { key } of this.#instance(0).cache.entries()) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [key, count] of counts) {
      if (count > maxVariants) this.#complaints.push(`${count} variants are kept of ${key}`);
    }
  }

  async #finish(): Promise<void> {
    const closing = Promise.all(this.#instances.map(({ cache }) => cache.close().catch(() => undefined)));
    let isClosed = false;
    void closing.then(() => { isClosed = true; });
    await this.#goOnUntil(() => isClosed);
    if (!isClosed) this.#complaints.push('close() never ends');
    if (this.#arena.isVirtual && this.#time.waiting > 0) this.#complaints.push(`${this.#time.waiting} timers are left`);
    for (const reason of unhandled()) this.#complaints.push(`unhandled rejection: ${String(reason)}`);
  }
}

const PLAIN_REQUEST: Omit<RequestStep, 'on' | 'resource'> = {
  do: 'request', method: 'GET', user: '', named: false, variant: 'a', mode: 'default', directive: '', lifetime: 0,
  type: 'json', timeout: 0, drops: false, range: '', via: -1,
};

const BROKEN = Symbol('broken');

/** Whoever else is given this answer must not see it. */
function spoil({ data, headers }: AxiosResponse<unknown>): void {
  if (data instanceof Uint8Array) data.fill(0);
  else if (typeof data === 'object' && data !== null && !Object.isFrozen(data)) Object.assign(data, { is: 'spoilt', filler: '' });
  headers['x-is'] = 'spoilt';
}
