/** This file counts what the cache has done for the requests of a session. */
import type { CacheStats } from '../api/stats.js';
import type { CacheStatus } from '../rfc9111/model.js';
import { BoundedMap } from '../support/bounded-map.js';

/** What a cached answer has saved its caller. */
export interface Savings {
  readonly bytes: number;
  readonly ms: number;
}

export const NO_SAVINGS: Savings = { bytes: 0, ms: 0 };

/** So many hosts are counted apart: a program that meets more of them forgets those it met first. */
const MAX_HOSTS = 1000;

interface HostCounts {
  requests: number;
  hits: number;
  bytesSaved: number;
}

export class Statistics {
  readonly #requests: Record<CacheStatus, number> = { hit: 0, stale: 0, revalidated: 0, miss: 0, bypass: 0 };
  /** It is made when it is first needed, as many instances make no request. */
  #hosts: BoundedMap<string, HostCounts> | undefined;
  #cached = 0;
  #bytesSaved = 0;
  #msSaved = 0;
  #storageErrors = 0;

  /** `url` is absolute and normal, or empty. */
  note(status: CacheStatus, url: string, isCached: boolean, { bytes, ms }: Savings): void {
    this.#requests[status] += 1;
    const hosts = (this.#hosts ??= new BoundedMap(MAX_HOSTS));
    const host = hostOf(url);
    let counts = hosts.get(host);
    if (counts === undefined) {
      counts = { requests: 0, hits: 0, bytesSaved: 0 };
      hosts.set(host, counts);
    }
    counts.requests += 1;
    if (!isCached) return;
    counts.hits += 1;
    counts.bytesSaved += bytes;
    this.#cached += 1;
    this.#bytesSaved += bytes;
    this.#msSaved += ms;
  }

  noteStorageError(): void {
    this.#storageErrors += 1;
  }

  read(): CacheStats {
    const { bypass, ...others } = this.#requests;
    const seen = Object.values(others).reduce((sum, each) => sum + each, 0);
    const known = [...(this.#hosts?.entries() ?? [])].filter(([host]) => host !== '');
    return {
      requests: { ...others, bypass },
      hitRate: seen === 0 ? 0 : this.#cached / seen,
      bytesSaved: this.#bytesSaved,
      secondsSaved: this.#msSaved / 1000,
      storageErrors: this.#storageErrors,
      hosts: Object.fromEntries(known.map(([host, counts]) => [host, { ...counts }])),
    };
  }
}

/** A class of the platform would take several times as long as all the rest. */
function hostOf(url: string): string {
  const start = url.indexOf('//') + 2;
  const end = url.indexOf('/', start);
  return start === 1 ? '' : url.slice(start, end === -1 ? undefined : end);
}
