/** Options of other caches for axios in the words of this one: `axios-client-cache/migrate`. */
export { fromAxiosCacheAdapter, withAxiosCacheAdapterFields } from './migrate/axios-cache-adapter.js';
export { fromAxiosCacheInterceptor, withAxiosCacheInterceptorFields } from './migrate/axios-cache-interceptor.js';
export type { TranslatedRequest, Translation } from './migrate/translation.js';
