/**
 * The storage contract on a server that has no TTL indexes and is not atomic. It is spoken to by one caller at a time,
 * so that nothing is claimed about several at once.
 */
import { randomUUID } from 'node:crypto';
import { sample } from '../../../lib/storage/contract/rule.js';
import { STORAGE_RULES } from '../../../lib/storage/contract/rules.js';
import { type Connection, connect, engineOf, openStorage, problemsOf } from '../../support/mongo.js';
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
    const storage = openStorage({ connection, namespace: randomUUID() });
    const problems = problemsOf(storage);
    await storage.set(sample());
    while (problems.length === 0) await new Promise((resolve) => { setTimeout(resolve, 20); });
    expect(problems).toEqual([['deleteExpired', expect.stringContaining('refused the indexes {"p":1}')]]);
  });
});
