/** Whatever goes wrong with MongoDB or the way to it, requests are answered by the origin. */
import mongoose, { type Connection } from 'mongoose';
import { MongoStorage } from '../../../lib/mongo.js';
import { describeOwnService, describeService } from '../../support/services.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard, describeGuardOnNetwork, newNamespace } from '../describe-guard.js';

allowNoUnhandledRejection();

describeService('mongo', (engine) => {
  describeGuardOnNetwork(
    'MongoStorage',
    () => engine().url,
    // Else the driver asks the server for its address, and goes past the proxy.
    (url, namespace) => new MongoStorage({ url: `${url}/faults?directConnection=true`, namespace }),
  );
});

describeService('mongoDegraded', (engine) => {
  describeGuardOnNetwork(
    'MongoStorage on a server that can do less',
    () => engine().url,
    (url, namespace) => new MongoStorage({ url: `${url}/faults?directConnection=true`, namespace }),
    ['refuses', 'hangs'],
  );
});

const READS = ['find', 'aggregate', 'count'];
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'createIndexes'];
type MongoFault = keyof typeof FAULTS;
/** The commands that fail, and the code by which they do: Unauthorized, OutOfDiskSpace, NotWritablePrimary. */
const FAULTS = {
  'refuses every command': { failCommands: [...READS, ...WRITES], errorCode: 13 },
  'is full': { failCommands: WRITES, errorCode: 14_031 },
  'is read-only': { failCommands: WRITES, errorCode: 10_107 },
};
const CONCERNS: Readonly<Record<MongoFault, Concerns>> = {
  'refuses every command': 'everything',
  'is full': 'writes',
  'is read-only': 'writes',
};

describeOwnService('mongo', (engine) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await mongoose.createConnection(engine().url).asPromise();
  });
  afterAll(() => connection.close());
  const failPoint = (mode: string, data: object = {}) =>
    connection.db?.admin().command({ configureFailPoint: 'failCommand', mode, data });

  describeGuard('MongoStorage on a server', CONCERNS, () => ({
    storage: new MongoStorage({ url: `${engine().url}/faults`, namespace: newNamespace() }),
    begin: (fault) => failPoint('alwaysOn', FAULTS[fault]),
    end: () => failPoint('off'),
  }));
});
