/** What people ask of `http.cache`, call by call: what each takes and gives, and what none of them takes. */
import axios from 'axios';
import {
  type CachedAxiosResponse,
  type CacheExplanation,
  type CacheFilter,
  type CacheStats,
  type CopyProgress,
  type CopySkipReason,
  type EntryInfo,
  MemoryStorage,
  setupCache,
  type WarmProgress,
} from 'axios-client-cache';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { expectTypeOf } from 'expect-type';

interface Person {
  id: number;
  name: string;
}

const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
const { cache } = http;

// Listings, by any of the conditions.
const filter: CacheFilter = {
  url: '/people', pattern: 'api.example.com/people/**', tag: 'people', key: 'a digest', method: 'get', partition: 'ada',
  stale: true, olderThan: '2 days', unreadable: false,
};
for await (const entry of cache.entries(filter)) {
  expectTypeOf(entry).toEqualTypeOf<EntryInfo>();
  console.log(entry.url, entry.bytes, entry.expiresAt?.toISOString() ?? 'never');
}
for await (const key of cache.keys({ pattern: /people\/\d+$/ })) expectTypeOf(key).toEqualTypeOf<string>();
for await (const url of cache.urls({ olderThan: new Date() })) expectTypeOf(url).toEqualTypeOf<string>();
expectTypeOf(cache.count({ olderThan: 60 })).toEqualTypeOf<Promise<number>>();
const { entries, bytes } = await cache.size();
expectTypeOf(entries + bytes).toEqualTypeOf<number>();

// Deleting and expiring by a filter, and by tags.
expectTypeOf(cache.deleteMatching({ tag: 'people' })).toEqualTypeOf<Promise<number>>();
expectTypeOf(cache.expire({ url: '/people' })).toEqualTypeOf<Promise<number>>();
await cache.expire({ tag: 'countries' }, '1 week');
await cache.expire({ tag: 'countries' }, new Date());
expectTypeOf(cache.invalidateTags('people', 'team:3')).toEqualTypeOf<Promise<number>>();

// One request: why, and by hand.
const explanation = await cache.explain('/people', { params: { page: 1 } });
expectTypeOf(explanation).toEqualTypeOf<CacheExplanation>();
console.log(String(explanation), explanation.would, explanation.rule, explanation.parts, explanation.ladder);
expectTypeOf(cache.update('/people', (people: Person[]) => people.slice(1))).toEqualTypeOf<Promise<number>>();
await cache.update<Person>('/people/1', (person) => { person.name = 'Grace'; });
expectTypeOf(cache.set('/people/3', { data: { name: 'Ada' } })).toEqualTypeOf<Promise<boolean>>();
await cache.set('/logo', { data: new Uint8Array(3), status: 203, headers: { 'Content-Type': 'image/png' } });
expectTypeOf(cache.refresh<Person[]>('/people')).toEqualTypeOf<Promise<CachedAxiosResponse<Person[]>>>();

// The whole.
cache.configure({ expireAfter: '5m', debug: true, urlsExpireAfter: { 'api.example.com/live/**': false } });
expectTypeOf(cache.withoutCache(() => http.get<Person[]>('/people'))).resolves.toHaveProperty('data');
expectTypeOf(cache.withoutCache(() => 1)).toEqualTypeOf<Promise<number>>();
expectTypeOf(cache.stats()).toEqualTypeOf<CacheStats>();
console.log(cache.stats().hitRate, cache.stats().hosts['api.example.com']?.requests);
expectTypeOf(cache.once('stored', ({ key }) => { console.log(key); })).toEqualTypeOf<() => void>();
cache.on('*', ({ type }) => { console.log(type); });

// Filling a cache, and moving what it holds.
async function* addresses() {
  yield '/people';
}
const { signal } = new AbortController();
const warmed = await cache.warm(addresses(), {
  concurrency: 8, retries: 1, signal, onProgress: ({ done, total }) => { console.log(done, total); },
  config: { headers: { Accept: 'application/json' } },
});
expectTypeOf(warmed).toEqualTypeOf<WarmProgress>();
await cache.warm(new Set(['/people']));
const copied = await cache.copyTo(new SqliteStorage('./http-cache.sqlite'));
expectTypeOf(copied).toEqualTypeOf<CopyProgress>();
expectTypeOf(copied.skipped).toEqualTypeOf<Readonly<Record<CopySkipReason, number>>>();
await cache.copyTo(new MemoryStorage(), {
  filter: { stale: false }, signal, onProgress: (progress) => { expectTypeOf(progress).toEqualTypeOf<CopyProgress>(); },
});

// A slow server: for a request, for a URL, for all.
await http.get('/people', { cache: { softTimeout: '200ms' } });
setupCache(axios.create(), { softTimeout: 1, urlsExpireAfter: { 'slow.test/**': { softTimeout: '2s' } } });

// What must not compile.
// @ts-expect-error: no such condition
cache.entries({ host: 'api.example.com' });
// @ts-expect-error: a filter and no text
await cache.deleteMatching('/people');
// @ts-expect-error: clear() deletes everything
await cache.expire();
// @ts-expect-error: a list is no tag
await cache.invalidateTags(['people']);
// @ts-expect-error: a storage cannot change
cache.configure({ storage: new MemoryStorage() });
// @ts-expect-error: nor how users are told apart
cache.configure({ partition: false });
// @ts-expect-error: an answer has data
await cache.set('/people/3', { status: 200 });
// @ts-expect-error: one URL is no list
await cache.warm(5);
// @ts-expect-error: no such option
await cache.warm(['/people'], { parallel: 8 });
// @ts-expect-error: a storage and no path
await cache.copyTo('./http-cache.sqlite');
// @ts-expect-error: the filter is an option
await cache.copyTo(new MemoryStorage(), { tag: 'people' });
// @ts-expect-error: no unit of time
await http.get('/people', { cache: { softTimeout: '200 blinks' } });
