/** All groups, in the order in which they are shown. */
import { filesystem } from './filesystem.js';
import { mongo } from './mongo.js';
import { redis, redisThroughAxios } from './redis.js';
import type { Group } from './scenario.js';
import { nodeSqlite, sqlite3 } from './sqlite.js';

export const GROUPS: readonly Group[] = [redis, redisThroughAxios, mongo, sqlite3, nodeSqlite, filesystem];
