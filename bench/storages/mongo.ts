/** MongoDB: the storage against `findOne` and `replaceOne` of one document by `_id`. */
import { randomUUID } from 'node:crypto';
import { MongoStorage } from 'axios-client-cache/mongo';
import mongoose from 'mongoose';
import { mongo as source } from '../../services/mongo.js';
import { rawHit, rawMiss, rawSet, type RawStore } from './on-raw.js';
import { hitOn, missOn, setOn } from './on-storage.js';
import { atMost, type Group, inBothModes, type OpenGroup } from './scenario.js';
import { serviceOf } from './services.js';
import { driverVersion } from './versions.js';

interface RawDocument {
  readonly _id: string;
  readonly body: mongoose.mongo.Binary | Buffer;
}

const TITLE = 'MongoStorage';
/** As many sockets as the storage opens by itself. */
const SETTINGS = { bufferCommands: false, autoIndex: false, autoCreate: false, maxPoolSize: 20 };

const rawStore = (collection: mongoose.mongo.Collection<RawDocument>): RawStore => ({
  read: async (key) => (await collection.findOne({ _id: key }, { promoteBuffers: true }))?.body as Buffer | undefined,
  write: (key, body) =>
    collection.replaceOne({ _id: key }, { body: new mongoose.mongo.Binary(body) }, { upsert: true }),
});

export const mongo: Group = {
  name: 'mongo',
  title: 'MongoDB',
  about:
    'The driver does one `findOne` or one `replaceOne` of a document that has the body, by its `_id`. The storage ' +
    'reads the entry and the tokens by one condition on one index. Both work on the same connection.',
  open: async (): Promise<OpenGroup> => {
    const service = await serviceOf(source);
    const connection = mongoose.createConnection(service.url, { ...SETTINGS, dbName: `bench_${randomUUID()}` });
    await connection.asPromise();
    const { db } = connection;
    if (db === undefined) throw new Error('the connection has no database');
    const raw = rawStore(db.collection<RawDocument>('raw'));
    const storage = new MongoStorage({ connection, collection: 'entries' });
    return {
      engine: `${service.version}, mongoose ${driverVersion('mongoose')}`,
      close: async () => {
        await storage.close();
        await connection.dropDatabase();
        await connection.close();
        await service.stop();
      },
      scenarios: [
        ...inBothModes(
          'mongo-hit',
          'A hit in MongoDB',
          [await rawHit('findOne', raw), await hitOn(TITLE, storage)],
          atMost('clock', 1.3, 1.3),
        ),
        ...inBothModes('mongo-set', 'A write to MongoDB', [rawSet('replaceOne', raw), setOn(TITLE, storage)]),
        ...inBothModes('mongo-miss', 'A miss in MongoDB', [
          rawMiss('findOne, then replaceOne', raw),
          missOn(TITLE, storage),
        ]),
      ],
    };
  },
};
