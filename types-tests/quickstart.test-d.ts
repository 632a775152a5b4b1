/** What a user's type checker sees, through the package's own name. */
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { setupCache, type CachedAxiosInstance, type CacheInfo } from 'axios-client-cache';
import { expectTypeOf } from 'expect-type';

interface User {
  id: number;
  name: string;
}

const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
expectTypeOf(http).toExtend<AxiosInstance>();
expectTypeOf(http).toExtend<CachedAxiosInstance>();

const users = await http.get<User[]>('/users');
expectTypeOf(users).toExtend<AxiosResponse<User[]>>();
expectTypeOf(users.data).toEqualTypeOf<User[]>();
expectTypeOf(users.cached).toEqualTypeOf<boolean>();
expectTypeOf(users.cache).toEqualTypeOf<CacheInfo>();

await http.get('/users', { cache: '5m' });
await http.get('/users', { cache: 60 });
await http.get('/users', { cache: false });
// @ts-expect-error: not a duration
await http.get('/users', { cache: 'soon' });

// As a bare statement the instance keeps its type; what the cache adds to a response is then optional.
const plain = axios.create();
setupCache(plain);
const response = await plain.get<User[]>('/users', { cache: '5m' });
expectTypeOf(response.cached).toEqualTypeOf<boolean | undefined>();
expectTypeOf(response.cache).toEqualTypeOf<CacheInfo | undefined>();

// @ts-expect-error: no such option
setupCache(axios.create(), { expiresAfter: '1h' });
