/** The storage in Redis, and the bus over it: `axios-client-cache/redis`. */
export { RedisBus } from './storage/redis/bus.js';
export type { RedisBusOptions, RedisStorageOptions } from './storage/redis/options.js';
export { RedisStorage } from './storage/redis/redis.js';
