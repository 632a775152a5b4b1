/** MongoStorage while its server is away, frozen or started again: every call ends in time, and it is used again. */
import { randomUUID } from 'node:crypto';
import { lookUp, sample } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import { connect, databaseAt, openStorage } from '../../support/mongo.js';
import { describeOwnService } from '../../support/services.js';
import { unless } from '../../support/unless.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';

jest.setTimeout(120_000);
allowNoUnhandledRejection();

/** An own connection takes 2.5 s for a command at most, and one of the user's is given 5 s. */
const BOUND_MS = 6000;

describeOwnService('mongo', (engine) => {
  const shapes: readonly (readonly [string, () => Promise<MongoStorage>])[] = [
    ['by a URL', async () => openStorage({ url: databaseAt(engine().url), namespace: randomUUID() })],
    ['by a connection', async () => openStorage({ connection: await connect(engine().url), namespace: randomUUID() })],
  ];

  const expectFailures = async (storage: MongoStorage): Promise<void> => {
    const calls = [
      () => lookUp(storage),
      () => storage.set(sample()),
      () => storage.delete({ underWay: true }),
      () => storage.clear(),
      () => storage.meta('name', () => 'value'),
    ];
    const startedAt = performance.now();
    const outcomes = await Promise.allSettled(calls.map((call) => call()));
    expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
    expect(performance.now() - startedAt).toBeLessThan(BOUND_MS);
  };

  async function untilStored(storage: MongoStorage): Promise<number> {
    const startedAt = performance.now();
    for (;;) {
      const isStored = await lookUp(storage).then(({ fence }) => storage.set(sample(), fence), () => false);
      if (isStored) return performance.now() - startedAt;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }

  test.each(shapes)('%s: killed and started again', async (_name, open) => {
    const storage = await open();
    await storage.set(sample());
    await engine().kill();
    await expectFailures(storage);
    await expectFailures(storage);
    await engine().start();
    expect(await untilStored(storage)).toBeLessThan(20_000);
    await storage.close();
  });

  const frozen = unless(
    process.env['MONGO_FROZEN'] === '1' ? undefined : 'they need MONGO_FROZEN=1: SecantusDB does not always wake up',
    'a frozen MongoDB: its tests are',
  );
  frozen.test.each(shapes)('%s: frozen and woken up', async (_name, open) => {
    const storage = await open();
    await storage.set(sample());
    await engine().pause();
    await expectFailures(storage);
    await expectFailures(storage);
    engine().resume();
    expect(await untilStored(storage)).toBeLessThan(20_000);
    await storage.close();
  });

  test('by a URL: away at the start, and there later', async () => {
    await engine().kill();
    const storage = openStorage({ url: databaseAt(engine().url), namespace: randomUUID() });
    await expectFailures(storage);
    await engine().start();
    expect(await untilStored(storage)).toBeLessThan(20_000);
    await storage.close();
  });

  test('a storage whose server is frozen can be closed in time', async () => {
    const storage = openStorage({ url: databaseAt(engine().url), namespace: randomUUID() });
    await storage.set(sample());
    await engine().pause();
    const startedAt = performance.now();
    lookUp(storage).catch(() => undefined);
    await storage.close().catch(() => undefined);
    expect(performance.now() - startedAt).toBeLessThan(2 * BOUND_MS);
    engine().resume();
  });
});
