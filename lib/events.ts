/** Tells events to listeners, none of which can break a request. */
import type { CacheEvent, CacheEventOf } from './api/events.js';
import type { CacheInfo } from './api/response.js';
import { Listeners } from './support/listeners.js';
import { writeToStderr } from './support/platform.js';
import { owns } from './support/owns.js';

type EventType = CacheEvent['type'];
type Listener = (event: CacheEvent) => void;

export interface EventOptions {
  readonly onEvent: Listener | undefined;
  readonly debug: boolean | ((line: string) => void) | undefined;
}

type EventName = EventType | '*';

export interface Events {
  /** Whether anybody listens: an event that nobody hears need not be made. */
  hears(type: EventType): boolean;
  emit(event: CacheEvent): void;
  on<E extends EventName>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  once<E extends EventName>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
  /** The listeners of these options take the place of those of the options before. */
  configure(options: EventOptions): void;
}

/**
 * Tells the listeners that the options name, those who listen to all events, and then those who listen to one type, in
 * the order of their coming.
 */
export function createEvents(options: EventOptions): Events {
  let ofOptions = listenersIn(options);
  const everything = new Listeners<[CacheEvent]>();
  const byType = new Map<EventType, Listeners<[CacheEvent]>>();

  const on: Events['on'] = (type, listener) => {
    if (type === '*') return everything.add(listener as Listener);
    const listeners = byType.get(type) ?? new Listeners<[CacheEvent]>();
    byType.set(type, listeners);
    return listeners.add(listener as Listener);
  };
  return {
    hears: (type) => ofOptions.size > 0 || everything.size > 0 || (byType.get(type)?.size ?? 0) > 0,
    emit(event) {
      Object.freeze(event);
      ofOptions.tell(event);
      everything.tell(event);
      byType.get(event.type)?.tell(event);
    },
    on,
    once(type, listener) {
      // What the listener returns is handed on, as it may be a promise that rejects.
      const off = on(type, (event) => { off(); return listener(event); });
      return off;
    },
    configure(changed) { ofOptions = listenersIn(changed); },
  };
}

function listenersIn({ onEvent, debug }: EventOptions): Listeners<[CacheEvent]> {
  const listeners = new Listeners<[CacheEvent]>();
  if (onEvent !== undefined) listeners.add(onEvent);
  const writing = debugListener(debug);
  if (writing !== undefined) listeners.add(writing);
  return listeners;
}

/** Copies an error for an event without its request: what HTTP clients throw has all credentials of the request. */
export function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(typeof error === 'string' ? error : 'what was thrown is no error');
  const shown = new Error(error.message);
  shown.name = error.name;
  return 'code' in error ? Object.assign(shown, { code: error.code }) : shown;
}

function debugListener(debug: EventOptions['debug']): Listener | undefined {
  if (debug === undefined || debug === false) return undefined;
  const write = debug === true ? writeToStderr : debug;
  return (event) => {
    const line = debugLine(event);
    return line === undefined ? undefined : write(`axios-client-cache: ${line}`);
  };
}

/** Gives the line that `debug` writes for an event; `undefined` for events of which it writes none. */
function debugLine(event: CacheEvent): string | undefined {
  if (owns(event, 'info')) {
    return `${event.method} ${event.url} ${describeInfo(event.info)}, ${Math.round(event.durationMs)} ms`;
  }
  if (event.type === 'storage-error') {
    return `storage ${event.operation} failed: ${event.error.message}${event.circuitOpen ? ' (circuit open)' : ''}`;
  }
  return event.type === 'refresh-error' ? `refresh of ${event.url} failed: ${String(event.error)}` : undefined;
}

function describeInfo({ status, reason, collapsed, stored, notStored, expirySource, ttl }: CacheInfo): string {
  const parts = [
    `${status} (${reason})`,
    collapsed && 'collapsed',
    stored && status === 'miss' && 'stored',
    notStored !== undefined && `not stored: ${notStored}`,
    expirySource !== undefined && `lifetime by ${expirySource}, ttl ${ttl ?? '?'} s`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}
