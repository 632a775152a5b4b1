/** What a scenario is: something done to a cache for axios on a real origin, and what must be seen of it. */
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import type { ManualClock } from '../__tests__/support/clock.js';
import type { Handler, Origin, Reply, Routes } from '../__tests__/support/origin.js';

export interface Scenario {
  /** The defect it is about: `1` to `20`, `sharing`, or `no-worse`: a request that is worse off than without a cache. */
  readonly defect: string;
  /** What must be right, as a sentence. */
  readonly name: string;
  /** What must be seen; plain data. */
  readonly right: unknown;
  /** Does it, and gives what was seen. */
  readonly see: (subject: Subject) => Promise<unknown>;
}

/** A cache under comparison, and its words for what a scenario may ask of a request. */
export interface Subject {
  readonly name: string;
  /** An origin with `routes`, and a cached instance whose `baseURL` it is. */
  readonly start: (routes: Handler | Routes, needs?: Needs) => Promise<Stage>;
  /** A new answer, whatever is stored. */
  readonly reload: AxiosRequestConfig;
  /** Not by the cache. */
  readonly bypass: AxiosRequestConfig;
  /** The user's predicate for what may be stored throws. */
  readonly brokenPredicate: AxiosRequestConfig;
  /** A name for the entry, where one is needed to delete it. */
  readonly named: AxiosRequestConfig;
  /** A change that deletes the entry of that name. */
  readonly deletesNamed: AxiosRequestConfig;
  /** Ends what it started. */
  readonly close: () => Promise<void>;
}

/** What a scenario needs of the cache beyond its defaults. */
export interface Needs {
  /** Stored besides GET and HEAD. */
  readonly methods?: readonly 'post'[];
  readonly statuses?: readonly number[];
  /** Stale answers in place of failures, for so many seconds or without a limit. */
  readonly staleIfError?: number | true;
  /** Seconds, where the response says nothing. */
  readonly lifetime?: number;
  readonly maxEntries?: number;
  /** Seconds for which what is stale is kept. */
  readonly keepStale?: number;
  /** The storage fails at the first write of an answer. */
  readonly firstWriteFails?: true;
  /** Done to the instance before it gets its cache. */
  readonly before?: (instance: AxiosInstance) => void;
}

export interface Stage {
  readonly http: AxiosInstance;
  readonly origin: Origin;
  readonly clock: ManualClock;
  /** Another instance on the same storage and origin: what a second process is. */
  readonly another: () => AxiosInstance;
  /** Deletes what is stored for the request of `response`. */
  readonly remove: (response: AxiosResponse) => Promise<void>;
  /** How many entries are stored once the expired ones are deleted. */
  readonly count: () => Promise<number>;
}

/** Fresh for a minute. */
export const MINUTE: Reply = { headers: { 'Cache-Control': 'max-age=60' } };

/** `MINUTE`, or more fields, with the path, query and body that came. */
export const echo: Handler = ({ url, body }) => ({ ...MINUTE, body: { url, body: body.toString('latin1') } });

/** A reply's header fields. */
export const having = (headers: NonNullable<Reply['headers']>, body = 'x'): Reply => ({ headers, body });
