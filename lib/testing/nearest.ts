/** Says which recordings are near to a request for which there is none, and what about them is different. */
import type { CacheStorage } from '../api/storage.js';
import { decodeHead } from '../entries/head.js';

export interface Sought {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
}

interface Found extends Sought {
  readonly distance: number;
}

const SHOWN = 3;
/** Longer URLs are compared by their beginnings. */
const COMPARED = 300;

/** Gives one line for each of the three nearest recordings, the nearest first. */
export async function nearestTo(sought: Sought, storage: CacheStorage): Promise<string[]> {
  const nearest = new Map<string, Found>();
  for await (const info of storage.entries()) {
    const head = decodeHead(info.head)?.head;
    if (head === undefined) continue;
    const { method, url } = head;
    const body = head.request?.body;
    const others = (method === sought.method ? 0 : 5) + Number(body !== sought.body);
    const distance = distanceBetween(sought.url, url) + others;
    nearest.set(`${method} ${url} ${body ?? ''}`, { method, url, body, distance });
  }
  return [...nearest.values()]
    .sort((one, other) => one.distance - other.distance)
    .slice(0, SHOWN)
    .map((found) => `${found.method} ${found.url} (${differencesOf(sought, found).join(', ') || 'other headers'})`);
}

function differencesOf(sought: Sought, found: Sought): string[] {
  const [one, other] = [partsOf(sought.url), partsOf(found.url)];
  const names = [...new Set([...one.query.keys(), ...other.query.keys()])];
  const differing = names.filter((name) => String(one.query.getAll(name)) !== String(other.query.getAll(name)));
  return [
    sought.method !== found.method && 'another method',
    one.origin !== other.origin && 'another host',
    one.path !== other.path && 'another path',
    differing.length > 0 && `other values of ${differing.join(', ')}`,
    sought.body !== found.body && 'another body',
  ].filter((part) => part !== false);
}

function partsOf(url: string): { readonly origin: string; readonly path: string; readonly query: URLSearchParams } {
  const [, origin = '', path = '', query = ''] = /^(\w+:\/\/[^/?]*)?([^?]*)\??(.*)$/.exec(url) ?? [];
  return { origin, path, query: new URLSearchParams(query) };
}

/** Counts the letters that have to be changed (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  const [short, long] = [one.slice(0, COMPARED), other.slice(0, COMPARED)];
  let row = Array.from({ length: long.length + 1 }, (_, index) => index);
  for (let at = 0; at < short.length; at += 1) {
    const next = [at + 1];
    for (let to = 0; to < long.length; to += 1) {
      const replaced = (row[to] ?? 0) + Number(short[at] !== long[to]);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    row = next;
  }
  return row[long.length] ?? 0;
}
