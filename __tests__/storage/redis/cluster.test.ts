/** The storage on three nodes: what belongs together is in one slot, and nothing asks for more than one at once. */
import { describeOwnService } from '../../support/services.js';
import { describeStorage } from '../contract/describe-storage.js';
import { CLIENTS, CLUSTERS, connect, engineOf, openStorage, type TestClient, type TestCluster } from './support.js';

describeOwnService('redisCluster', (engine) => {
  const raw = (): Promise<readonly TestClient[]> =>
    Promise.all(engine().nodes.map(async ({ url }) => connect(CLIENTS['redis 6']!({ url }))));

  describe.each(Object.entries(CLUSTERS))('by a cluster client of %s', (_version, createCluster) => {
    const newCluster = (): Promise<TestCluster> =>
      connect(createCluster({ rootNodes: engine().nodes.map(({ url }) => ({ url })) }));

    describeStorage('RedisStorage', async () => openStorage({ client: await newCluster() }), engineOf(raw));
  });
});
