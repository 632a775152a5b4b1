/** What the page asks of the command: by GET what it shows, and by POST, with a token, what it changes. */
import type { About, Changed } from '../answers.js';
import type { EntryView } from '../entry.js';
import type { Listing, Query } from '../listing.js';

export interface Server {
  readonly about: About;
  list(query: Query): Promise<Listing>;
  entry(id: string): Promise<EntryView>;
  explain(id: string): Promise<string>;
  body(id: string): Promise<Blob>;
  /** Gives how many entries it concerned. */
  change(what: 'delete' | 'delete-matching' | 'expire', sent: object): Promise<number>;
}

export async function connect(): Promise<Server> {
  const { changeToken, ...about } = await json<About & { readonly changeToken: string }>('/api/about');
  const byId = (path: string, id: string): string => `${path}?${new URLSearchParams({ id }).toString()}`;
  return {
    about,
    list: (query) => json(`/api/entries?${new URLSearchParams(givenIn(query)).toString()}`),
    entry: (id) => json(byId('/api/entry', id)),
    explain: async (id) => (await json<{ readonly text: string }>(byId('/api/explain', id))).text,
    body: async (id) => (await answer(byId('/api/body', id))).blob(),
    change: async (what, sent) => {
      const headers = { 'Content-Type': 'application/json', 'X-Change-Token': changeToken };
      return (await json<Changed>(`/api/${what}`, { method: 'POST', headers, body: JSON.stringify(sent) })).count;
    },
  };
}

const givenIn = (query: Query): Record<string, string> =>
  Object.fromEntries(Object.entries(query).filter((each): each is [string, string] => typeof each[1] === 'string'));

async function answer(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Error('The command does not answer: it may have been ended.');
  }
  if (response.ok) return response;
  const text = await response.text();
  let error = text;
  try {
    ({ error } = JSON.parse(text) as { error: string });
  } catch {
    // A refusal is text.
  }
  throw new Error(error);
}

const json = async <T>(path: string, init?: RequestInit): Promise<T> =>
  (await answer(path, init)).json() as Promise<T>;
