/** How the instances of a tiered storage in several processes tell each other what holds no more. */
import type { InvalidationBus } from '../../api/bus.js';
import type { StorageSelector } from '../../api/storage.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { LONGEST_DELAY_MS, unref, within } from '../../support/timers.js';

/** What holds no more: what a deletion selects, or everything. */
export type Change = StorageSelector | { readonly all: true };

/** So many messages wait while the bus does not take them. Where there are more, the others drop everything. */
const MAX_WAITING = 1000;
/** A message that takes longer is published once more, as all others wait for it. */
const LONGEST_PUBLISH_MS = 2000;
/** So long the end waits for messages that are still to be published. */
const LONGEST_END_MS = 1000;
/** Between two tries to publish or to subscribe, these are the shortest and the longest pause. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/** While the line is used it says something so often, to hear whether it still hears. */
const BEAT_MS = 2500;
/** A bus on which nothing was heard for so long may have lost its connection without knowing it. */
const LONGEST_SILENCE_MS = 10_000;

/**
 * What is known of what the others change.
 *
 * - `deaf`: it is not heard of.
 * - `unproven`: the bus says that it is. It gives no messages back to who sent them, so that this cannot be proved.
 * - `proven`: messages came one after the other without a long silence, the latest right now, since `sinceMs`.
 */
export type Hearing =
  | { readonly kind: 'deaf' }
  | { readonly kind: 'unproven' }
  | { readonly kind: 'proven'; readonly sinceMs: number };

export interface BusLine {
  /** Asks for a sign of life now and then, where it is called. */
  hearing(): Hearing;
  /** Tells the others, and never rejects: what cannot be told now is told later. */
  tell(change: Change): void;
  /** Tells what is still to be told, for a second at most, and hears nothing any more. It never rejects. */
  close(): Promise<void>;
}

interface BusLineOptions {
  readonly bus: InvalidationBus;
  /** Is called with what another instance has changed. */
  readonly onChange: (change: Change) => void;
  readonly onFailure: (error: unknown) => void;
  /** Milliseconds of a clock that is never set back. */
  readonly now: () => number;
}

const DEAF: Hearing = { kind: 'deaf' };
const UNPROVEN: Hearing = { kind: 'unproven' };

/** Joins the bus, and goes on trying until it is closed. */
export function openLine({ bus, onChange, onFailure, now }: BusLineOptions): BusLine {
  const sender = Math.random().toString(36).slice(2) + Date.now().toString(36);
  const waiting = new BoundedMap<string, Change>(MAX_WAITING, { onForgotten: () => { tell({ all: true }); } });
  const pulse = new Pulse(now);
  let hears = false;
  let isClosed = false;
  let telling: Promise<void> | undefined;
  let leave: (() => void) | undefined;

  const listen = (pauseMs: number): void => {
    if (isClosed) return;
    attempt(() => bus.subscribe(heard, lost)).then(
      (unsubscribe) => {
        if (isClosed) quietly(unsubscribe);
        leave = unsubscribe;
        // What happened before it listened was not heard of.
        lost();
        hears = true;
      },
      (error: unknown) => {
        onFailure(error);
        later(() => { listen(longer(pauseMs)); }, pauseMs);
      },
    );
  };
  const heard = (message: string): void => {
    const told = parse(message);
    if (told === undefined) return;
    pulse.heard(told.sender === sender);
    if (told.sender !== sender && told.change !== undefined) onChange(told.change);
  };
  const lost = (): void => { onChange({ all: true }); };

  const tellAll = async (): Promise<void> => {
    for (let pauseMs = FIRST_PAUSE_MS; !isClosed; ) {
      const [next] = waiting.entries();
      if (next === undefined) break;
      const [name, change] = next;
      try {
        const publishing = attempt(() => bus.publish(JSON.stringify({ sender, change })));
        await within(LONGEST_PUBLISH_MS, publishing, 'process-may-end');
        if (waiting.get(name) === change) waiting.delete(name);
        pauseMs = FIRST_PAUSE_MS;
      } catch (error) {
        onFailure(error);
        const thisPauseMs = pauseMs;
        await new Promise<void>((resolve) => { later(resolve, thisPauseMs); });
        pauseMs = longer(pauseMs);
      }
    }
    telling = undefined;
  };
  const tell = (change: Change): void => {
    waiting.set(JSON.stringify(change), change);
    telling ??= tellAll();
  };
  const close = async (): Promise<void> => {
    hears = false;
    try {
      // Those who do not hear of a deletion go on using what was deleted.
      await within(LONGEST_END_MS, telling);
    } catch {
      onFailure(new Error(`${waiting.size} messages were not published before the end`));
    }
    isClosed = true;
    if (leave !== undefined) quietly(leave);
  };

  listen(FIRST_PAUSE_MS);
  return {
    hearing() {
      if (!hears) return DEAF;
      // One that is not published is not heard either.
      if (pulse.isBeatDue()) attempt(() => bus.publish(JSON.stringify({ sender, beat: true }))).catch(() => undefined);
      return pulse.hearing();
    },
    tell,
    close,
  };
}

/** Tells by the messages that come whether the line still hears. */
class Pulse {
  readonly #now: () => number;
  #beatAtMs = -Infinity;
  #heardAtMs = -Infinity;
  /** Since then there was no long silence. */
  #sinceMs = 0;
  /** Whether the bus gives messages back to who sent them. */
  #echoes = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  heard(isOwn: boolean): void {
    const nowMs = this.#now();
    this.#echoes ||= isOwn;
    if (nowMs - this.#heardAtMs > LONGEST_SILENCE_MS) this.#sinceMs = nowMs;
    this.#heardAtMs = nowMs;
  }

  isBeatDue(): boolean {
    const nowMs = this.#now();
    if (nowMs - this.#beatAtMs < BEAT_MS) return false;
    this.#beatAtMs = nowMs;
    return true;
  }

  hearing(): Hearing {
    if (!this.#echoes) return UNPROVEN;
    if (this.#now() - this.#heardAtMs > LONGEST_SILENCE_MS) return DEAF;
    return { kind: 'proven', sinceMs: this.#sinceMs };
  }
}

const longer = (pauseMs: number): number => Math.min(2 * pauseMs, LONGEST_PAUSE_MS, LONGEST_DELAY_MS);

/** The process may end meanwhile. */
function later(work: () => void, pauseMs: number): void {
  unref(setTimeout(work, pauseMs));
}

/** What throws rejects. */
const attempt = async <T>(work: () => Promise<T>): Promise<T> => work();

function quietly(work: () => unknown): void {
  try {
    Promise.resolve(work()).catch(() => undefined);
  } catch {
    // Nobody is to hear of the end of a subscription that cannot be ended.
  }
}

/** A message of somebody else's on the same channel is none. */
function parse(message: string): { readonly sender: string; readonly change?: Change } | undefined {
  try {
    const told = JSON.parse(message) as { sender?: unknown; change?: unknown; beat?: unknown } | null;
    const { sender, change, beat } = told ?? {};
    if (typeof sender !== 'string') return undefined;
    if (beat === true) return { sender };
    return isChange(change) ? { sender, change } : undefined;
  } catch {
    return undefined;
  }
}

function isChange(change: unknown): change is Change {
  if (typeof change !== 'object' || change === null) return false;
  const { key, resource, tag, all, underWay } = change as Readonly<Record<string, unknown>>;
  if (key !== undefined) return typeof key === 'string' && typeof resource === 'string';
  return typeof resource === 'string' || typeof tag === 'string' || all === true || underWay === true;
}
