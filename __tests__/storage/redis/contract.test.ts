/** The storage contract on one Redis: by clients of RedisStorage's own, and by those of a user, of every version. */
import { describeService } from '../../support/services.js';
import { describeStorage } from '../contract/describe-storage.js';
import { CLIENTS, connect, engineOf, openStorage, optionsBehind, type TestClient } from './support.js';

describeService('redis', (engine) => {
  const raw = async (): Promise<readonly TestClient[]> => [await connect(CLIENTS['redis 6']!({ url: engine().url }))];

  describeStorage('RedisStorage', () => openStorage({ url: engine().url }), engineOf(raw));

  describe.each(Object.entries(CLIENTS))('by a client of %s', (_version, createClient) => {
    const ofClient = engineOf(raw);
    describeStorage(
      'RedisStorage',
      async () => openStorage({ client: await connect(createClient({ url: engine().url })) }),
      { ...ofClient, openOnSameClient: (storage) => openStorage(optionsBehind(storage)) },
    );
  });
});
