/** The storages on engines that answer over the network, each on an engine that is started for the soak. */
import { MongoStorage } from 'axios-client-cache/mongo';
import { RedisStorage } from 'axios-client-cache/redis';
import mongoose from 'mongoose';
import { createClient, createCluster } from 'redis';
import type { OwnService } from '../../services/service.js';
import { type ServiceName, SOURCES } from '../../services/services.js';
import type { SoakPlace, SoakStorage } from './soak-storage.js';

/** Starts an engine; `addressOf` says by what text other processes find it. */
const startedAs = (name: ServiceName, addressOf = (url: string): string => url) => async (): Promise<SoakPlace> => {
  const engine: OwnService = await SOURCES[name].start();
  console.log(`on ${engine.version}`);
  return { address: addressOf(engine.url), damage: async () => [], remove: () => engine.stop() };
};

const clients = new Map<string, Promise<ReturnType<typeof createClient>>>();

function clientOf(url: string): Promise<ReturnType<typeof createClient>> {
  let connecting = clients.get(url);
  if (connecting === undefined) {
    const client = createClient({ url });
    client.on('error', () => undefined);
    client.unref();
    connecting = client.connect().then(() => client as ReturnType<typeof createClient>);
    clients.set(url, connecting);
  }
  return connecting;
}

/** Whatever the key is of: an entry that is gone is a miss as well. */
async function loseKey(url: string): Promise<void> {
  const client = await clientOf(url);
  const key = await client.randomKey();
  if (key !== null) await client.del(String(key));
}

export const redis: SoakStorage = {
  prepare: startedAs('redis'),
  open: (url) => new RedisStorage(url),
  loseTokens: loseKey,
};

export const redisEvicting: SoakStorage = {
  prepare: startedAs('redisEvicting'),
  open: (url) => new RedisStorage(url),
  loseTokens: loseKey,
};

export const redisCluster: SoakStorage = {
  prepare: startedAs('redisCluster'),
  open: async (url) => {
    const client = createCluster({ rootNodes: [{ url }] });
    client.on('error', () => undefined);
    await client.connect();
    const storage = new RedisStorage({ client });
    // The client is the soak's, and ends with it.
    const close = storage.close.bind(storage);
    storage.close = async () => {
      await close();
      await client.close();
    };
    return storage;
  },
  loseTokens: loseKey,
};

export const mongo: SoakStorage = {
  prepare: startedAs('mongo', (url) => `${url}/soak?directConnection=true`),
  open: (url) => new MongoStorage(url),
  loseTokens: async (url) => {
    const connection = await mongoose.createConnection(url).asPromise();
    const documents = connection.collection('axios_cache');
    const [any] = await documents.aggregate<{ _id: unknown }>([{ $sample: { size: 1 } }]).toArray();
    if (any !== undefined) await documents.deleteOne({ _id: any._id as never });
    await connection.close();
  },
};
