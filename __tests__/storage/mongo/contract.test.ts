/** The storage contract for MongoStorage: by a URL and, on a real server, by a connection of each mongoose. */
import {
  type Connection,
  connect,
  databaseAt,
  engineOf,
  isRealServer,
  type MongooseName,
  MONGOOSES,
} from '../../support/mongo.js';
import { describeService } from '../../support/services.js';
import { unless } from '../../support/unless.js';
import { describeStorage } from '../contract/describe-storage.js';

jest.setTimeout(60_000);

describeService('mongo', (service) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await connect(service().url);
    console.info(`The server is ${service().version}.`);
  });

  const byUrl = engineOf(() => connection, () => ({ url: databaseAt(service().url) }));
  describeStorage('MongoDB by a URL', byUrl.create, byUrl.engine);

  const withMongoDb = unless(
    isRealServer ? undefined : 'they need MONGO_URL: on SecantusDB they take too long',
    'the contract by connections of each version of mongoose: its tests are',
  );
  withMongoDb.describe.each(MONGOOSES)('by a connection of %s', (name: MongooseName) => {
    let given: Connection;
    beforeAll(async () => {
      given = await connect(service().url, { name });
    });
    const { create, engine } = engineOf(() => connection, () => ({ connection: given }));
    describeStorage('MongoDB', create, { ...engine, openOnSameClient: engine.reopen! });
  });
});
