/** Redis: the storage against GET and SET, and against axios-cache-interceptor with its storage in Redis. */
import { setupCache } from 'axios-client-cache';
import { RedisStorage } from 'axios-client-cache/redis';
import { createClient, RESP_TYPES } from 'redis';
import { redis as source } from '../../services/redis.js';
import { interceptorHit, interceptorMiss, interceptorSet, interceptorStorage } from './interceptor-redis.js';
import { axiosHit, axiosMiss, instanceOverOrigin } from './on-axios.js';
import { rawHit, rawMiss, rawSet, type RawStore } from './on-raw.js';
import { hitOn, missOn, setOn } from './on-storage.js';
import { atMost, type Group, inBothModes, type OpenGroup, OURS } from './scenario.js';
import { serviceOf } from './services.js';
import { driverVersion } from './versions.js';

const TITLE = 'RedisStorage';
const NAMESPACE = 'bench';

const AS_BUFFER = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
/** Version 6 has a timer for each command by default. */
const WITHOUT_TIMER = { ...AS_BUFFER, timeout: undefined };

/** What is used of a client, whose own types do not allow a timeout that is left out. */
interface RawClient {
  sendCommand(args: readonly (string | Buffer)[], options: object): Promise<unknown>;
}

const rawStore = (client: RawClient, options: object): RawStore => {
  const run = (args: readonly (string | Buffer)[]) => client.sendCommand(args, options);
  return {
    read: async (key) => ((await run(['GET', `${NAMESPACE}:raw:${key}`])) as Buffer | null) ?? undefined,
    write: (key, body, lifetimeMs) => run(['SET', `${NAMESPACE}:raw:${key}`, body, 'PX', String(lifetimeMs)]),
  };
};

async function openServer() {
  const service = await serviceOf(source);
  const connect = async () => {
    const client = createClient({ url: service.url });
    client.on('error', (error) => { console.error(String(error)); });
    await client.connect();
    return client;
  };
  const [client, ofInterceptor] = [await connect(), await connect()];
  const storage = new RedisStorage({ url: service.url, namespace: NAMESPACE });
  return {
    engine: `${service.version}, redis ${driverVersion('redis')}`,
    raw: rawStore(client, AS_BUFFER),
    rawWithoutTimer: rawStore(client, WITHOUT_TIMER),
    interceptor: interceptorStorage(ofInterceptor),
    storage,
    close: async () => {
      await storage.clear();
      await storage.close();
      client.destroy();
      ofInterceptor.destroy();
      await service.stop();
    },
  };
}

export const redis: Group = {
  name: 'redis',
  title: 'Redis',
  about:
    'The driver does one `GET` or one `SET` of the body with its default options, and once more without the timer ' +
    'that it has for each command by default, which the storage goes without as well. The storage also reads the ' +
    'tokens by which it knows that nothing was invalidated, and writes only where that is still so. ' +
    'axios-cache-interceptor has the storage in Redis that its documentation shows, over a client with default ' +
    'options; for an answer that is not stored yet it makes four calls, as it notes in Redis that a request is under ' +
    'way.',
  open: async (): Promise<OpenGroup> => {
    const { engine, raw, rawWithoutTimer, interceptor, storage, close } = await openServer();
    return {
      engine,
      close,
      scenarios: [
        ...inBothModes(
          'redis-hit',
          'A hit in Redis',
          [
            await rawHit('GET', raw),
            await hitOn(TITLE, storage),
            await interceptorHit(interceptor),
            await rawHit('GET, without a timer', rawWithoutTimer, 'raw-bare'),
          ],
          atMost('clock', 1.6, 2),
        ),
        ...inBothModes('redis-set', 'A write to Redis', [
          rawSet('SET', raw),
          setOn(TITLE, storage),
          interceptorSet(interceptor),
          rawSet('SET, without a timer', rawWithoutTimer, 'raw-bare'),
        ]),
        ...inBothModes(
          'redis-miss',
          'A miss in Redis',
          [interceptorMiss(interceptor), missOn(TITLE, storage), rawMiss('GET, then SET', raw)],
          atMost('clock', 1.2, 1.2),
        ),
      ],
    };
  },
};

export const redisThroughAxios: Group = {
  name: 'redis-axios',
  title: 'Redis, through axios',
  about:
    'The same two caches, asked through axios. The origin is an adapter in the same process that answers at once, so ' +
    'that what is compared is the work of the caches.',
  open: async (): Promise<OpenGroup> => {
    const { engine, interceptor, storage, close } = await openServer();
    const { setupCache: setupInterceptor } = await import('axios-cache-interceptor');
    const theirs = instanceOverOrigin();
    setupInterceptor(theirs, { storage: interceptor });
    const ours = setupCache(instanceOverOrigin(), { storage });
    const [theirName, ourName] = ['axios-cache-interceptor, Redis', 'axios-client-cache, RedisStorage'];
    const hits = [
      await axiosHit('interceptor', theirName, theirs),
      await axiosHit(OURS, ourName, ours),
      await axiosHit('axios', 'axios, no cache', instanceOverOrigin()),
    ];
    const misses = [
      axiosMiss('interceptor', theirName, theirs),
      axiosMiss(OURS, ourName, ours, () => ours.cache.idle()),
    ];
    return {
      engine,
      close,
      scenarios: [
        ...inBothModes('redis-axios-hit', 'A hit through axios', hits, atMost('clock', 1, 1)),
        ...inBothModes('redis-axios-miss', 'A miss through axios', misses, atMost('clock', 1.2, 1.2)),
      ],
    };
  },
};
