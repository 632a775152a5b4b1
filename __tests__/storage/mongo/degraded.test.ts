/**
 * The storage contract on a server that has no TTL indexes and is not atomic. It is spoken to by one caller at a time,
 * so that nothing is claimed about several at once.
 */
import { randomUUID } from 'node:crypto';
import { sample } from '../../../lib/storage/contract/rule.js';
import { STORAGE_RULES } from '../../../lib/storage/contract/rules.js';
import { type Connection, connect, Documents, engineOf, openStorage, problemsOf } from '../../support/mongo.js';
import { describeService } from '../../support/services.js';

jest.setTimeout(120_000);

/** Rules that make many calls at once, of one storage or of two, and two whose work takes minutes here. */
const LEFT_OUT = /at once|reader sees an entry whole|goes on while|however many entries|one of 10 MB/i;

describeService('mongoDegraded', (service) => {
  let connection: Connection;
  beforeAll(async () => {
    // One socket is one caller.
    connection = await connect(service().url, { maxPoolSize: 1 });
    console.info(`The server is ${service().version}.`);
  });

  const { create, engine } = engineOf(() => connection, () => ({ connection }));
  const rules = STORAGE_RULES.filter(({ title, needs }) =>
    !LEFT_OUT.test(title) && needs !== 'reopenAtomic' && (needs === undefined || engine[needs] !== undefined));

  test.each(rules)('rule $number, $title', async (rule) => {
    await rule.check(create, engine);
  });

  test('the index that it refuses is told once, and writes delete what is due', async () => {
    const namespace = randomUUID();
    const storage = openStorage({ connection, namespace });
    const problems = problemsOf(storage);
    const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
      while (!(await condition())) await new Promise((resolve) => { setTimeout(resolve, 20); });
    };
    const keys = async (): Promise<number> => (await new Documents(connection, namespace).entries()).length;
    await storage.set(sample({ key: 'over', purgeAtMs: 1 }));
    await until(() => problems.length > 0);
    expect(problems).toEqual([['deleteExpired', expect.stringContaining('refused the indexes {"p":1}')]]);
    expect(await keys()).toBe(1);
    // The first write deletes it, and another one within a minute does not look again.
    const write = async (key: string, createdAtMs: number): Promise<void> =>
      void (await storage.set(sample({ key, createdAtMs })));
    await write('kept', Date.now());
    await until(async () => (await keys()) === 1);
    await storage.set(sample({ key: 'over since then', purgeAtMs: 1, createdAtMs: Date.now() }));
    await write('kept', Date.now());
    expect(await keys()).toBe(2);
    expect(problems).toHaveLength(1);
  });
});
