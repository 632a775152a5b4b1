/** What the page of `ui` may ask of a storage, and what it may change in it. */
import type { CacheManager } from 'axios-client-cache';
import { UsageError } from '../faults.js';
import { type Address, deleteEntry, listed, readEntry, shownKey } from '../listing.js';
import type { Opened } from '../open.js';
import { Addresses } from './addresses.js';
import { explained, viewOf } from './entry.js';
import { conditionsOf, listingOf, type Query } from './listing.js';

type Asked = Readonly<Record<string, string>>;
type Sent = Readonly<Record<string, unknown>>;

export interface About {
  /** What is looked at, as it may be shown. */
  readonly place: string;
  /** Nothing can be changed. */
  readonly readOnly: boolean;
  /** It is false of a file of requests: nothing in it can be made stale. */
  readonly hasLifetimes: boolean;
}

/** How many entries a change has concerned. */
export interface Changed {
  readonly count: number;
}

export interface Answers {
  readonly about: About;
  /** By path; each gives what JSON can express. */
  readonly questions: ReadonlyMap<string, (query: Asked) => Promise<unknown>>;
  readonly changes: ReadonlyMap<string, (sent: Sent) => Promise<Changed>>;
  readonly body: (query: Asked) => Promise<Uint8Array>;
}

/** What was asked for is not there. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

const GONE = 'It is gone, or was renewed: read the list again.';

/** `onChange` is told of each change that was made. */
export function answersOf(
  { storage, place }: Opened,
  manager: CacheManager,
  { readOnly, onChange }: { readonly readOnly: boolean; readonly onChange: () => void },
): Answers {
  const addresses = new Addresses();
  const addressOf = ({ id }: Sent): Address => {
    const address = addresses.find(id);
    if (address === undefined) throw new NotThere(GONE);
    return address;
  };
  const there = <T>(found: T | undefined): T => {
    if (found === undefined) throw new NotThere(GONE);
    return found;
  };

  const hasLifetimes = storage.bind === undefined;
  const expire = (sent: Sent): Promise<number> => {
    if (!hasLifetimes) throw new UsageError('a file of requests has no lifetimes.');
    return manager.expire({ key: shownKey(addressOf(sent).key) });
  };
  const deleteMatching = async (query: Query): Promise<number> => {
    const found: Address[] = [];
    for await (const { info } of listed(storage, conditionsOf(query))) found.push(info);
    let count = 0;
    for (const each of found) count += await deleteEntry(storage, each);
    return count;
  };
  const changes: [string, (sent: Sent) => Promise<number>][] = [
    ['/api/delete', (sent) => deleteEntry(storage, addressOf(sent))],
    ['/api/delete-matching', (sent) => deleteMatching(queryOf(sent))],
    ['/api/expire', expire],
  ];
  const changing = (change: (sent: Sent) => Promise<number>) => async (sent: Sent): Promise<Changed> => {
    if (readOnly) throw new UsageError('nothing may be changed: the command was given --read-only.');
    const count = await change(sent);
    if (count > 0) onChange();
    return { count };
  };
  return {
    about: { place, readOnly, hasLifetimes },
    questions: new Map<string, (query: Asked) => Promise<unknown>>([
      ['/api/entries', (query) => listingOf(storage, query, addresses)],
      ['/api/entry', async (query) => there(await viewOf(storage, addressOf(query), addresses))],
      ['/api/explain', async (query) => ({ text: await explained(storage, manager, addressOf(query)) })],
    ]),
    changes: new Map(changes.map(([path, change]) => [path, changing(change)])),
    body: async (query) => there(await readEntry(storage, addressOf(query))).body,
  };
}

const CONDITIONS = ['url', 'host', 'tag', 'status', 'state'] as const;

/** @throws UsageError where no condition is given: the page deletes what it lists, never everything by mistake. */
function queryOf(sent: Sent): Query {
  const query: Query = Object.fromEntries(CONDITIONS.map((name) => {
    const value = sent[name];
    return [name, typeof value === 'string' ? value : undefined];
  }));
  if (CONDITIONS.every((name) => (query[name] ?? '') === '')) throw new UsageError('a condition is missing.');
  return query;
}
