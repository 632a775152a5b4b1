/** A stored answer in the form in which other caches give it to the functions of their users. */
import type { StoredResponse } from '../api/stored-response.js';

/** The members of an axios response that a stored answer has, too. */
export interface FormerResponse {
  /** The body: parsed where it is JSON, else as text. */
  readonly data: unknown;
  readonly status: number;
  readonly statusText: string;
  readonly headers: StoredResponse['headers'];
  /** The method in lower case, and the absolute URL. */
  readonly config: { readonly method: string; readonly url: string };
  readonly cached: false;
}

export const formerResponse = (stored: StoredResponse): FormerResponse => ({
  get data() {
    return dataOf(stored);
  },
  status: stored.status,
  statusText: stored.statusText,
  headers: stored.headers,
  config: { method: stored.method.toLowerCase(), url: stored.url },
  cached: false,
});

function dataOf(stored: StoredResponse): unknown {
  try {
    return stored.json();
  } catch {
    return stored.text();
  }
}

/** What `unsupported` says of each function that is given such an answer. */
export const aboutResponse = (option: string, instead: string): string =>
  `${option} is given the answer as it is stored: status, headers, config.url, config.method, and data before any ` +
  `transformResponse; it is asked again when a stored answer is read. What needs more than that becomes ${instead}.`;

/** What the fields of other caches are made of. */
export interface Answered {
  readonly cached?: boolean | undefined;
  readonly cache?: { readonly status: string; readonly key: string | undefined } | undefined;
  readonly config?: object | undefined;
  request?: unknown;
}
