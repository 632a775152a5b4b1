/** What is asked for all day long, and by RFC 9111 and RFC 5861 alone what each answer has to be. */
import type { CacheStatus } from 'axios-client-cache';

export const MINUTE = 60;
export const HOUR = 3600;

/** `failed`: the caller has the error of axios. */
export type Due = CacheStatus | 'failed';

export interface Watched {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** It is asked for each time that so many seconds are over. */
  readonly everyS: number;
  /** Whether the server is out of order for it, at a second of the day. */
  readonly isDown: (second: number) => boolean;
  /** What an answer of this age, in seconds, has to be. */
  readonly due: (age: number, isDown: boolean) => Due;
}

const never = (): boolean => false;

export const WATCHED: readonly Watched[] = [
  {
    path: '/fresh',
    headers: { 'cache-control': 'max-age=60' },
    everyS: 7,
    isDown: never,
    due: (age) => (age < 60 ? 'hit' : 'miss'),
  },
  {
    path: '/renewed-behind',
    headers: { 'cache-control': 'max-age=60, stale-while-revalidate=300' },
    everyS: 45,
    isDown: never,
    due: (age) => (age < 60 ? 'hit' : age <= 360 ? 'stale' : 'miss'),
  },
  {
    path: '/too-old-for-that',
    headers: { 'cache-control': 'max-age=60, stale-while-revalidate=300' },
    everyS: 1000,
    isDown: never,
    due: () => 'miss',
  },
  {
    path: '/validated',
    headers: { 'cache-control': 'no-cache', etag: '"1"' },
    everyS: 30,
    isDown: never,
    due: () => 'revalidated',
  },
  {
    path: '/validated-now-and-then',
    headers: { 'cache-control': 'max-age=100, must-revalidate', etag: '"1"' },
    everyS: 20,
    isDown: never,
    due: (age) => (age < 100 ? 'hit' : 'revalidated'),
  },
  {
    path: '/often-down',
    headers: { 'cache-control': 'max-age=30, stale-if-error=600' },
    everyS: MINUTE,
    isDown: (second) => second % HOUR >= HOUR / 2,
    due: (age, isDown) => (age < 30 ? 'hit' : !isDown ? 'miss' : age <= 630 ? 'stale' : 'failed'),
  },
];
