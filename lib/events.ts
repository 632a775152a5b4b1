/** Tells events to listeners, none of which can break a request. */
import type { CacheEvent, CacheEventOf } from './api/events.js';
import type { CacheInfo } from './api/response.js';
import { writeToStderr } from './support/platform.js';

type EventType = CacheEvent['type'];
type Listener = (event: CacheEvent) => void;

interface EventOptions {
  readonly onEvent: Listener | undefined;
  readonly debug: boolean | ((line: string) => void) | undefined;
}

export interface Events {
  /** Whether anybody listens: an event that nobody hears need not be made. */
  hears(type: EventType): boolean;
  emit(event: CacheEvent): void;
  on<E extends EventType>(type: E, listener: (event: CacheEventOf<E>) => void): () => void;
}

/** Calls listeners in the order in which they were added. What one throws is ignored: watching changes no request. */
export function createEvents(options: EventOptions): Events {
  const everything: Listener[] = [];
  if (options.onEvent !== undefined) everything.push(options.onEvent);
  const debug = debugListener(options.debug);
  if (debug !== undefined) everything.push(debug);
  const byType = new Map<EventType, Set<Listener>>();

  return {
    hears: (type) => everything.length > 0 || byType.has(type),
    emit(event) {
      for (const listener of everything) callSafely(listener, event);
      const listeners = byType.get(event.type);
      if (listeners === undefined) return;
      // From a copy, as a listener that takes itself away and comes again would be told without end.
      for (const listener of [...listeners]) if (listeners.has(listener)) callSafely(listener, event);
    },
    on(type, listener) {
      const listeners = byType.get(type) ?? new Set();
      byType.set(type, listeners);
      // What the listener returns is handed on, as it may be a promise that rejects.
      const added = (event: CacheEvent): void => listener(event as Parameters<typeof listener>[0]);
      listeners.add(added);
      return () => {
        listeners.delete(added);
        if (listeners.size === 0 && byType.get(type) === listeners) byType.delete(type);
      };
    },
  };
}

/** Copies an error for an event without its request: what HTTP clients throw has all credentials of the request. */
export function withoutRequest(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const shown = new Error(error.message);
  shown.name = error.name;
  return 'code' in error ? Object.assign(shown, { code: error.code }) : shown;
}

function callSafely(listener: Listener, event: CacheEvent): void {
  try {
    const returned: unknown = listener(event);
    if (returned instanceof Promise) returned.catch(() => undefined);
  } catch {
    // What a listener throws concerns nobody but the listener.
  }
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
  switch (event.type) {
    case 'hit':
    case 'stale':
    case 'revalidated':
    case 'miss':
    case 'bypass':
      return `${event.method} ${event.url} ${describeInfo(event.info)} ${Math.round(event.durationMs)} ms`;
    case 'storage-error':
      return `storage ${event.operation} failed: ${event.error.message}${event.circuitOpen ? ' (circuit open)' : ''}`;
    case 'refresh-error':
      return `refresh of ${event.url} failed: ${String(event.error)}`;
    default:
      return undefined;
  }
}

function describeInfo(info: CacheInfo): string {
  const parts = [info.status, `(${info.reason})`];
  if (info.collapsed) parts.push('collapsed');
  if (info.stored && info.status === 'miss') parts.push('stored');
  if (info.notStored !== undefined) parts.push(`not stored: ${info.notStored}`);
  if (info.expirySource !== undefined) parts.push(`lifetime by ${info.expirySource}, ttl ${info.ttl ?? '?'} s`);
  return parts.join(' ');
}
