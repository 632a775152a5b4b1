/** Requests for streams, and what becomes of them. */
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import type { CachedOrigin } from './cached-instance.js';

export const STREAM = { responseType: 'stream' } as const satisfies AxiosRequestConfig;
export const BYTES = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
export const TEXT = BYTES.toString('latin1');
export const FRESH = { 'Cache-Control': 'max-age=60' };

export const textOf = async ({ data }: AxiosResponse): Promise<string> =>
  (await buffer(data as Readable | ReadableStream)).toString('latin1');
/** What was told of storing, once nothing is under way in the background any more. */
export async function stories({ http, events }: CachedOrigin): Promise<string[]> {
  await http.cache.idle();
  return events.flatMap((event) => {
    if (event.type === 'not-stored') return [`not stored: ${event.reason}`];
    return event.type === 'stored' || event.type === 'freshened' ? [event.type] : [];
  });
}
