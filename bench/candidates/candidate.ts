/** What is compared: a way to ask for a URL, and what it promises. */
import type { AxiosAdapter } from 'axios';

export interface RequestConfig {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a caller sees of an answer. */
export interface Answer {
  readonly data: unknown;
  /** Whether the candidate calls it an answer from its cache; `undefined` where it does not say. */
  readonly cached: boolean | undefined;
}

export interface Client {
  /** One request, as a user's program makes it, up to the parsed data. This is what is timed. */
  readonly get: (path: string, config?: RequestConfig) => Promise<unknown>;
  /** Reads what `get` gave. */
  readonly look: (result: unknown) => Answer;
  /** Forgets everything that is stored. */
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What a candidate is given to work with. */
export interface Setting {
  readonly baseURL: string;
  /** The origin in this process. Where it is absent, the origin is behind `baseURL`. */
  readonly adapter: AxiosAdapter | undefined;
  /** The answer to `path`. */
  readonly textOf: (path: string) => string;
  /** A storage in memory has room for so many entries of any size; `undefined`: for as many as by default. */
  readonly maxEntries: number | undefined;
  /** An empty folder that is removed afterwards. */
  readonly folder: string;
}

/**
 * `'own'`: each caller may change the data that it got. `'shared'`: all callers hold one object, and what one changes
 * the others see. `'frozen'`: they hold one object that nobody can change.
 */
export type DataOwnership = 'own' | 'shared' | 'frozen';

export interface Candidate {
  readonly title: string;
  /** One or two sentences for the reader of the results: what it does for its time. */
  readonly about: string;
  /** How often the origin is asked for one fresh answer. `'never'`: it has an answer of its own. */
  readonly reaches: 'never' | 'once' | 'always';
  /**
   * Set where a 304 that has a Cache-Control ends what is stored, so that every second request for an answer which must
   * be validated brings the whole answer.
   */
  readonly losesRenewed?: true;
  readonly data: DataOwnership;
  /** It does not work on axios, so that its origin has to be a server. */
  readonly needsServer: boolean;
  /** The npm package whose version is told. */
  readonly package: string | undefined;
  /** @throws Absent where it cannot be had here. */
  readonly open: (setting: Setting) => Promise<Client>;
}

/** The candidate, or what the scenario asks of it, does not exist in this version or on this Node. */
export class Absent extends Error {}

export const doNothing = (): Promise<void> => Promise.resolve();
