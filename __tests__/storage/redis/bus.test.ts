/** RedisBus: who hears what, and who is told that something may have been lost. */
import { RedisBus, type RedisBusOptions } from '../../../lib/redis.js';
import { LIMITS } from '../../../lib/storage/redis/limits.js';
import { describeOwnService } from '../../support/services.js';
import { CLIENTS, connect, newNamespace, restoreLimits } from './support.js';

restoreLimits();

/** Resolves once `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  for (const endMs = Date.now() + 10_000; !condition();) {
    if (Date.now() > endMs) throw new Error('it never came');
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}

describeOwnService('redis', (engine) => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  function openBus(options: RedisBusOptions): RedisBus {
    const bus = new RedisBus(options);
    ends.push(() => bus.close());
    return bus;
  }

  /** What a bus hears, and how often it says that messages may be lost. */
  async function listen(bus: RedisBus): Promise<{ heard: string[]; lost: () => number }> {
    const heard: string[] = [];
    let lost = 0;
    ends.push(await bus.subscribe((message) => void heard.push(message), () => { lost += 1; }));
    return { heard, lost: () => lost };
  }

  const KINDS = [
    ['own clients', async () => ({ url: engine().url })],
    ...Object.entries(CLIENTS).map(([name, create]) =>
      [`clients of ${name}`, async () => ({ client: await connect(create({ url: engine().url })) })] as const),
  ] as const satisfies (readonly [string, () => Promise<RedisBusOptions>])[];

  test.each(KINDS)('by %s: all that share a namespace hear each message, in order', async (_name, options) => {
    const namespace = newNamespace();
    const [one, other] = [openBus({ ...(await options()), namespace }), openBus({ ...(await options()), namespace })];
    const stranger = await listen(openBus({ ...(await options()), namespace: newNamespace() }));
    const [ofOne, ofOther] = [await listen(one), await listen(other)];
    const messages = ['first', '"é"\n日本語', 'x'.repeat(100_000)];
    for (const message of messages) await one.publish(message);
    await until(() => ofOne.heard.length === 3 && ofOther.heard.length === 3);
    expect([ofOne.heard, ofOther.heard, stranger.heard]).toEqual([messages, messages, []]);
    expect([ofOne.lost(), ofOther.lost()]).toEqual([0, 0]);
  });

  const again = 'by %s: after each reconnect onLost is called, and messages are heard again';
  test.each(KINDS)(again, async (_name, options) => {
    const namespace = newNamespace();
    const { heard, lost } = await listen(openBus({ ...(await options()), namespace }));
    // How a client of the user's connects again, to publish, is its own business.
    const speaker = openBus({ url: engine().url, namespace });
    for (const times of [1, 2]) {
      await engine().restart();
      await until(() => lost() === times);
      await until(() => {
        void speaker.publish('again').catch(() => undefined);
        return heard.length > 0;
      });
      heard.length = 0;
    }
    expect(lost()).toBe(2);
  });

  test('a server that is away at first is waited for in the background, and that is told as a loss', async () => {
    await engine().kill();
    const bus = openBus({ url: engine().url, namespace: newNamespace() });
    const { lost } = await listen(bus);
    await expect(bus.publish('unheard')).rejects.toThrow('RedisBus has no connection');
    await engine().start();
    await until(() => lost() === 1);
  });

  test('a server that says nothing any more is left, and that is told as a loss', async () => {
    Object.assign(LIMITS, { pingMs: 200 });
    const { lost } = await listen(openBus({ url: engine().url, namespace: newNamespace() }));
    await engine().pause();
    // The listener is closed after three pings without an answer, and the next attempt to connect fails too.
    await new Promise((resolve) => { setTimeout(resolve, 10 * LIMITS.pingMs); });
    engine().resume();
    await until(() => lost() === 1);
  });

  test('what a listener throws changes nothing, and who has ended a subscription hears no more', async () => {
    const bus = openBus({ url: engine().url, namespace: newNamespace() });
    let calls = 0;
    const end = await bus.subscribe(() => {
      calls += 1;
      throw new Error('of the listener');
    }, () => undefined);
    const { heard } = await listen(bus);
    await bus.publish('one');
    await bus.publish('two');
    await until(() => heard.length === 2 && calls === 2);
    end();
    await bus.publish('three');
    await until(() => heard.length === 3);
    expect(calls).toBe(2);
  });
});
