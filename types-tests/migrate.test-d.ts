/** Options of other caches, translated, and the fields that their responses had. */
import axios from 'axios';
import { type CacheOptions, setupCache } from 'axios-client-cache';
import {
  fromAxiosCacheAdapter,
  fromAxiosCacheInterceptor,
  type Translation,
  withAxiosCacheAdapterFields,
  withAxiosCacheInterceptorFields,
} from 'axios-client-cache/migrate';
import { expectTypeOf } from 'expect-type';

const { options, unsupported } = fromAxiosCacheInterceptor({ ttl: 60_000, interpretHeader: false });
expectTypeOf(options).toEqualTypeOf<CacheOptions>();
expectTypeOf(unsupported).toEqualTypeOf<readonly string[]>();
const http = setupCache(axios.create(), { ...options, maxLifetime: '1 day' });

// Requests: as an interceptor, and one at a time.
const { translateRequest } = fromAxiosCacheInterceptor({});
http.interceptors.request.use(translateRequest);
http.interceptors.request.use((config) => translateRequest(config, console.warn));
const { data } = await http.get<string[]>('/users', translateRequest({ id: 'users', cache: { ttl: 1000 } }));
expectTypeOf(data).toEqualTypeOf<string[]>();
expectTypeOf(translateRequest({ timeout: 5 }).timeout).toEqualTypeOf<number>();

const adapted: Translation = fromAxiosCacheAdapter({ maxAge: 60_000, exclude: { query: false } });
setupCache(axios.create(), adapted.options);

// As interceptors, and on one response.
http.interceptors.response.use(withAxiosCacheInterceptorFields);
http.interceptors.response.use(withAxiosCacheAdapterFields);
const response = withAxiosCacheInterceptorFields(await http.get<string[]>('/users'));
expectTypeOf(response.id).toEqualTypeOf<string | undefined>();
expectTypeOf(response.stale).toEqualTypeOf<boolean>();
expectTypeOf(response.data).toEqualTypeOf<string[]>();

// What must not compile.
// @ts-expect-error: an object of options
fromAxiosCacheInterceptor('5m');
// @ts-expect-error: the options are in a member
setupCache(axios.create(), adapted);
