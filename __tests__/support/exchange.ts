/** An engine on a storage in memory, a manual clock and a made-up origin: the pipeline without axios and HTTP. */
import type { Body } from '../../lib/entries/body.js';
import { Engine } from '../../lib/engine/engine.js';
import type { CacheEvent } from '../../lib/api/events.js';
import { createEvents } from '../../lib/events.js';
import type { Answer } from '../../lib/engine/exchange/answer.js';
import type { CacheRequest, Exchange, FailureKind } from '../../lib/engine/exchange/request.js';
import type { CacheSetting } from '../../lib/api/options.js';
import { policyFor } from '../../lib/options/policy.js';
import { resolveOptions } from '../../lib/options/resolve.js';
import type { NamedResource } from '../../lib/engine/invalidation/invalidation.js';
import { IN_CLEAR } from '../rfc9111/heads.js';
import { describeRequestHead } from '../../lib/rfc9111/describe-request-head.js';
import type { HeaderFields } from '../../lib/rfc9111/model.js';
import { GuardedStorage } from '../../lib/storage/guard.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import { type ManualClock, manualClock } from './clock.js';

export interface Asked {
  readonly conditions: HeaderFields | undefined;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: HeaderFields;
  readonly text?: string;
  /** An answer that cannot be kept. */
  readonly unreadable?: true;
}

export type FakeOrigin = (asked: Asked) => Reply | Promise<Reply>;

/** What a request is made of; all but the origin has a default. */
export interface Given {
  readonly origin: FakeOrigin;
  readonly url?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cache?: CacheSetting;
  readonly identity?: string;
  readonly user?: string;
  readonly streams?: true;
  readonly caller?: Caller;
}

/** The caller gave up, or whoever led the request did. */
export class Gone extends Error {}
/** The request was wrong from the start. */
export class Wrong extends Error {}

/** Somebody who waits, and may stop waiting. */
export class Caller {
  #left: (error: Error) => void = () => undefined;
  readonly #leaving = new Promise<never>((_resolve, reject) => {
    this.#left = reject;
  });

  constructor() {
    this.#leaving.catch(() => undefined);
  }

  readonly race = <T>(promise: Promise<T>): Promise<T> => Promise.race([this.#leaving, promise]);

  leave(): void {
    this.#left(new Gone('left'));
  }
}

export interface Rig {
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly storage: CacheStorage;
  readonly guarded: GuardedStorage;
  readonly events: readonly CacheEvent[];
  exchange(given: Given): Exchange;
}

export interface RigOptions {
  readonly storage?: CacheStorage;
  readonly maxVariants?: number;
  readonly timeoutMs?: number;
}

const URL_OF_ALL = 'http://api.test/thing';

export function engineRig({ storage = new MemoryStorage(), maxVariants = 20, timeoutMs = 2000 }: RigOptions = {}): Rig {
  const clock = manualClock();
  const recorded: CacheEvent[] = [];
  const events = createEvents({ onEvent: (event) => recorded.push(event), debug: false });
  const guarded = new GuardedStorage(storage, {
    timeoutMs,
    now: clock.now,
    onFailure: (operation, error, circuitOpen) => {
      events.emit({ type: 'storage-error', operation, error, circuitOpen });
    },
  });
  const resourceOf = (url: string): Promise<NamedResource | undefined> =>
    Promise.resolve(url.startsWith('http') ? { resource: `resource ${url}`, url } : undefined);
  const engine = new Engine({
    storage: guarded,
    events,
    maxVariants,
    now: clock.now,
    clearSiteData: true,
    displayKey: (key) => `shown ${key}`,
    address: (text) => text,
    resourceOf,
  });
  const options = resolveOptions({ now: clock.now });

  const ways = new WeakMap<Exchange, string>();
  function exchange(given: Given): Exchange {
    const made = exchangeOf(given);
    if (given.identity !== undefined) ways.set(made, given.identity);
    return made;
  }

  function exchangeOf(given: Given): Exchange {
    const { url = URL_OF_ALL, method = 'GET', headers = {}, user = 'anybody', caller } = given;
    const keyFor = (verb: string): string => `${verb} ${url} ${user}`;
    const policy = policyFor(options, url, given.cache);
    const fields = Object.assign(Object.create(null), headers) as HeaderFields;
    const request: CacheRequest = {
      head: describeRequestHead(method, url, fields, policy, IN_CLEAR),
      key: keyFor(method),
      keyOfGet: method === 'HEAD' ? keyFor('GET') : undefined,
      resource: `resource ${url}`,
      policy,
      isServedBy: () => true,
      socketPath: undefined,
      keyUrl: url,
      keyAt: (other) => `${method} ${other} ${user}`,
      originOf: (named) => new URL(named).origin,
    };
    return {
      request,
      streams: given.streams ?? false,
      mayLeave: true,
      patienceMs: Infinity,
      noteWaiting: () => undefined,
      wantsRefreshed: false,
      handRefreshed: () => Promise.resolve(),
      isSameUserAs: () => true,
      travelsAs: (other) => (ways.get(other) ?? 'same') === (given.identity ?? 'same'),
      send: async (conditions, signal = new AbortController().signal) => {
        const requestTime = clock.now();
        const reply = await given.origin({ conditions, signal });
        return answerOf(reply, requestTime, clock.now());
      },
      race: caller?.race ?? ((promise) => promise),
      raceLookUp: caller?.race ?? ((promise) => promise),
      raceAnother: caller?.race ?? ((promise) => promise),
      failureOf,
      mayBlameConditions: (error) => failureOf(error, false) === 'network',
    };
  }

  return { engine, clock, storage, guarded, events: recorded, exchange };
}

const failureOf = (error: unknown, collapsed: boolean): FailureKind => {
  if (error instanceof Gone) return collapsed ? 'leader' : 'cancelled';
  return error instanceof Wrong ? 'request' : 'network';
};

function answerOf(
  { status = 200, headers = {}, text, unreadable }: Reply,
  requestTime: number,
  responseTime: number,
): Answer {
  const body: Body = text === undefined ? { kind: 'none' } : { kind: 'text', text };
  return {
    status,
    statusText: '',
    headers: Object.assign(Object.create(null), headers) as HeaderFields,
    headerCase: {},
    hidesVary: false,
    body: unreadable === true ? undefined : body,
    bodyBytes: undefined,
    streaming: undefined,
    missing: undefined,
    fromAskedUrl: true,
    chain: undefined,
    seenRedirects: [],
    finalUrl: undefined,
    heedsValidateStatus: true,
    requestTime,
    responseTime,
    adapterResponse: undefined,
  };
}

export interface Gate {
  /** What the gate is passed with. */
  readonly passed: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}

/** Until everything that can happen without a timer, a socket or another's doing has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
