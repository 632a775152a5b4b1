/**
 * Time that moves only when a schedule moves it: the timers of the process, and a wall clock that may also jump. A wait
 * of minutes costs nothing, and a timer that is left can be counted.
 */

interface Timer {
  readonly id: number;
  readonly call: () => void;
  readonly everyMs: number | undefined;
  dueMs: number;
}

/** When the wall clock starts, in epoch milliseconds. */
export const START_MS = Date.UTC(2030, 0, 1);

const realImmediate = setImmediate;
const realTimeout = setTimeout;

/** Lets all go on that waits for nothing but the program itself. */
export const turn = (): Promise<void> => new Promise((resolve) => { realImmediate(resolve); });

/** Waits in real time, whatever is installed. */
export const realPause = (ms: number): Promise<void> => new Promise((resolve) => { realTimeout(resolve, ms); });

export class VirtualTime {
  /** It counts the milliseconds that have been spent, which jumps of the wall clock leave alone. */
  elapsedMs = 0;
  #wallMs = START_MS;
  #ids = 0;
  readonly #timers = new Map<number, Timer>();

  /** Epoch milliseconds; it can be handed out without its object. */
  readonly now = (): number => this.#wallMs + this.elapsedMs;

  /** How many timers have not fired. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Moves the wall clock alone, as somebody does who sets it. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  /** Begins anew: timers that are left never fire. */
  reset(): void {
    this.elapsedMs = 0;
    this.#wallMs = START_MS;
    this.#timers.clear();
  }

  /** Puts itself in the place of the process' timers and clock until the returned function is called. */
  install(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const { now } = Date;
    const { performance } = globalThis;
    const add = (call: () => void, ms: number, everyMs?: number): object => this.#add(call, ms, everyMs);
    const remove = (timer: unknown): void => this.#remove(timer);
    Object.assign(globalThis, {
      setTimeout: (call: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) => add(() => { call(...given); }, ms),
      setInterval: (call: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
        add(() => { call(...given); }, ms, Math.max(1, ms)),
      clearTimeout: remove,
      clearInterval: remove,
    });
    Date.now = this.now;
    const virtual = { now: () => this.elapsedMs, timeOrigin: START_MS };
    Object.defineProperty(globalThis, 'performance', { value: virtual, configurable: true, writable: true });
    return () => {
      Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
      Date.now = now;
      Object.defineProperty(globalThis, 'performance', { value: performance, configurable: true, writable: true });
    };
  }

  /** Lets so many milliseconds pass; each timer that is due fires in its order, with a turn of the program after it. */
  async elapse(ms: number): Promise<void> {
    const endMs = this.elapsedMs + ms;
    for (let next = this.#next(); next !== undefined && next.dueMs <= endMs; next = this.#next()) {
      this.elapsedMs = Math.max(this.elapsedMs, next.dueMs);
      this.#fire(next);
      await turn();
    }
    this.elapsedMs = endMs;
  }

  /** Lets pass what the next timer needs; false where there is none. */
  async elapseToNext(): Promise<boolean> {
    const next = this.#next();
    if (next !== undefined) await this.elapse(Math.max(0, next.dueMs - this.elapsedMs));
    return next !== undefined;
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  }

  #fire(timer: Timer): void {
    if (timer.everyMs === undefined) this.#timers.delete(timer.id);
    else timer.dueMs += timer.everyMs;
    timer.call();
  }

  #add(call: () => void, ms: number, everyMs: number | undefined): object {
    this.#ids += 1;
    const id = this.#ids;
    this.#timers.set(id, { id, call, everyMs, dueMs: this.elapsedMs + Math.max(1, Number(ms) || 0) });
    const handle = { id, ref: () => handle, unref: () => handle, hasRef: () => true, [Symbol.toPrimitive]: () => id };
    return handle;
  }

  #remove(timer: unknown): void {
    const id = typeof timer === 'object' && timer !== null ? (timer as { id?: number }).id : timer;
    if (typeof id === 'number') this.#timers.delete(id);
  }
}
