/** This file fills a cache with the answers of many URLs, for `instance.cache.warm`. */
import type { AxiosInstance } from 'axios';
import axios, { CanceledError } from '../native/library.js';
import { responseIn } from '../native/errors.js';
import type { Place } from './managed-requests.js';
import { bytesOf } from '../respond/cache-info.js';
import type { CachedAxiosResponse } from '../../api/response.js';
import type { WarmOptions, WarmProgress } from '../../api/warm.js';
import { assertOptions, misused } from '../../manager/misuse.js';
import { count } from '../../options/values.js';
import { isFailing } from '../../rfc9111/failing.js';
import { Interruption } from '../../support/interruption.js';
import { Listeners } from '../../support/listeners.js';

type Urls = Iterable<string> | AsyncIterable<string>;

/** The first pause before a request is made again; each one is twice as long as the one before. */
const FIRST_PAUSE_MS = 100;

export async function warm({ instance }: Place, urls: Urls, options: WarmOptions = {}): Promise<WarmProgress> {
  const { concurrency, retries } = checked(urls, options);
  const { signal, onProgress } = options;
  const tell = new Listeners<[WarmProgress]>();
  if (onProgress !== undefined) tell.add(onProgress);
  let progress: WarmProgress = { done: 0, total: sizeOf(urls), cached: 0, failed: 0, bytes: 0 };
  const note = (info: CachedAxiosResponse['cache'] | undefined): void => {
    const { done, total, cached, failed, bytes } = progress;
    const stored = info?.stored === true ? 1 : 0;
    progress = {
      done: done + 1,
      total,
      cached: cached + stored,
      failed: failed + (info === undefined ? 1 : 0),
      bytes: bytes + (info === undefined || stored === 0 ? 0 : bytesOf(info)),
    };
    tell.tell(progress);
  };

  const { aborted, forget } = whenAborted(signal);
  const running = new Set<Promise<void>>();
  const source = Symbol.asyncIterator in urls ? urls[Symbol.asyncIterator]() : urls[Symbol.iterator]();
  try {
    for (;;) {
      const next = await aborted.race(Promise.resolve(source.next()));
      if (next.done === true) break;
      const one = ask(instance, next.value, options, retries).then(note).finally(() => { running.delete(one); });
      // Its rejection is seen where it is waited for.
      one.catch(() => undefined);
      running.add(one);
      while (running.size >= concurrency) await aborted.race(Promise.race(running));
    }
    await aborted.race(Promise.all(running));
    progress = { ...progress, total: progress.done };
    return progress;
  } catch (error) {
    // A list that is left early is told so; one that hangs is not waited for.
    void Promise.resolve(source.return?.()).catch(() => undefined);
    throw error;
  } finally {
    forget();
  }
}

/** Makes one request; gives `undefined` where it fails, and rejects where all is to end. */
async function ask(
  instance: AxiosInstance,
  url: string,
  { signal, config }: WarmOptions,
  retries: number,
): Promise<CachedAxiosResponse['cache'] | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const own = signal === undefined ? {} : { signal };
      const { cache } = await instance.request<unknown, CachedAxiosResponse>({ ...config, ...own, url });
      return cache;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      if (attempt >= retries || !isWorthRetrying(error)) return undefined;
      await new Promise((resolve) => { setTimeout(resolve, FIRST_PAUSE_MS * 2 ** attempt); });
    }
  }
}

/** True where the server could not be reached, or failed for the moment. */
function isWorthRetrying(error: unknown): boolean {
  if (!axios.isAxiosError(error)) return false;
  const response = responseIn(error);
  return response === undefined ? error.request !== undefined : isFailing(response.status);
}

/** Interrupts, as a request fails, when the signal aborts, until `forget` is called. */
function whenAborted(signal: AbortSignal | undefined): { readonly aborted: Interruption; readonly forget: () => void } {
  const aborted = new Interruption();
  const end = (): void => { aborted.interrupt(new CanceledError()); };
  if (signal?.aborted === true) end();
  signal?.addEventListener('abort', end);
  return { aborted, forget: () => { signal?.removeEventListener('abort', end); } };
}

/** A generator does not say how many there will be. */
const sizeOf = (urls: Urls): number | undefined =>
  Array.isArray(urls) ? urls.length : urls instanceof Set ? urls.size : undefined;

const OPTIONS = ['concurrency', 'retries', 'signal', 'onProgress', 'config'];

function checked(urls: unknown, options: unknown): { readonly concurrency: number; readonly retries: number } {
  const isList = typeof urls === 'object' && urls !== null && (Symbol.iterator in urls || Symbol.asyncIterator in urls);
  if (!isList) throw misused('warm()', 'takes a list of URLs, or whatever else can be iterated', 'urls');
  assertOptions('warm()', options, OPTIONS, '{ concurrency: 8 }');
  const { concurrency = 4, retries = 0 } = options;
  return {
    concurrency: count(1, { unlimited: true })(concurrency, 'concurrency'),
    retries: count(0, { unlimited: false })(retries, 'retries'),
  };
}
