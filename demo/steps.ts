/** What the demo asks for, and what the cache must say of each answer: the demo checks itself by it. */
import type { CacheSetting } from 'axios-client-cache';

export interface Step {
  /** One line on what is to be seen. */
  readonly title: string;
  /** @default GET */
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly cache?: CacheSetting;
  /** For each request, all sent at once: `status (reason)` and the rung of the lifetime. */
  readonly expected: readonly (readonly [outcome: string, rung: string])[];
}

const once = (outcome: string, rung = ''): Step['expected'] => [[outcome, rung]];

export const STEPS: readonly Step[] = [
  { title: 'a slow answer, first time', url: '/report', expected: once('miss (uri-miss)', 'session') },
  { title: 'the same again', url: '/report', expected: once('hit (fresh)', 'session') },
  { title: 'the server says max-age=60', url: '/todos', expected: once('miss (uri-miss)', 'response') },
  { title: '', url: '/todos', expected: once('hit (fresh)', 'response') },
  { title: 'ETag and no-cache: kept, asked each time', url: '/users', expected: once('miss (uri-miss)', 'response') },
  {
    title: '304, the body comes from the cache',
    url: '/users',
    expected: once('revalidated (not-modified)', 'response'),
  },
  { title: 'no-store is obeyed', url: '/account', expected: once('miss (uri-miss), no-store') },
  { title: '', url: '/account', expected: once('miss (uri-miss), no-store') },
  { title: "one request says '5m'", url: '/weather', cache: '5m', expected: once('miss (uri-miss)', 'request') },
  { title: '', url: '/weather', expected: once('hit (fresh)', 'request') },
  { title: 'a newer answer, please', url: '/weather', cache: 'reload', expected: once('miss (reload)', 'session') },
  { title: 'not cached this time', url: '/weather', cache: false, expected: once('bypass (off)') },
  { title: 'URL pattern: never expires', url: '/static/logo.svg', expected: once('miss (uri-miss)', 'url') },
  { title: '', url: '/static/logo.svg', expected: once('hit (fresh)', 'url') },
  { title: 'URL pattern: not cached', url: '/live/price', expected: once('bypass (off)') },
  {
    title: 'four at once, one asks',
    url: '/report?month=2',
    expected: [
      ['miss (uri-miss)', 'session'],
      ['miss (uri-miss), collapsed', 'session'],
      ['miss (uri-miss), collapsed', 'session'],
      ['miss (uri-miss), collapsed', 'session'],
    ],
  },
  { title: 'a POST makes the list outdated', method: 'POST', url: '/todos', expected: once('bypass (method)') },
  { title: 'so it is asked for again', url: '/todos', expected: once('miss (uri-miss)', 'response') },
];

/** How often the origin is asked with a cache, all steps together: each miss, bypass and 304. */
export const EXPECTED_ORIGIN_REQUESTS = STEPS.flatMap(({ expected }) => expected).filter(
  ([outcome]) => !outcome.startsWith('hit') && !outcome.endsWith('collapsed'),
).length;
