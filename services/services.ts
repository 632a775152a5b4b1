/** Every engine that tests may ask for. */
import { dynamodb } from './dynamodb.js';
import { mongo, mongoDegraded } from './mongo.js';
import { redis, redisCluster, redisEvicting } from './redis.js';

export const SOURCES = { redis, redisEvicting, redisCluster, mongo, mongoDegraded, dynamodb };

export type ServiceName = keyof typeof SOURCES;

export type OwnServiceOf<Name extends ServiceName> = Awaited<ReturnType<(typeof SOURCES)[Name]['start']>>;
