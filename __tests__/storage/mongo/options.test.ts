/** What MongoStorage may be given, and what it says of the rest. */
import { isCacheError } from '../../../lib/api/errors.js';
import { lookUp } from '../../../lib/storage/contract/rule.js';
import { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import { mongooseNamed, openStorage } from '../../support/mongo.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';

allowNoUnhandledRejection();

const made = (options: unknown) => {
  try {
    return new MongoStorage(options as string);
  } catch (error) {
    return isCacheError(error) ? `${error.code} ${String((error as { option?: string }).option)}: ${error.message}` : error;
  }
};

test.each<readonly [string, unknown, string]>([
  ['nothing', undefined, 'options'],
  ['an empty object', {}, 'url'],
  ['a URL of another kind', 'https://example.test', 'url'],
  ['a URL that is none', { url: 7 }, 'url'],
  ['url and connection', { url: 'mongodb://a', connection: mongooseNamed('mongoose').connection }, 'url'],
  ['a connection that is none', { connection: {} }, 'connection'],
  ['a connection that is a text', { connection: 'mongodb://a' }, 'connection'],
  ['mongoose in place of a connection', { connection: mongooseNamed('mongoose') }, 'connection'],
  ['a connection in place of options', mongooseNamed('mongoose').connection, 'url'],
  ['a collection without a name', { url: 'mongodb://a', collection: '' }, 'collection'],
  ['a collection that the server keeps for itself', { url: 'mongodb://a', collection: 'system.users' }, 'collection'],
  ['a collection with a $', { url: 'mongodb://a', collection: 'a$b' }, 'collection'],
  ['a collection that is no text', { url: 'mongodb://a', collection: 7 }, 'collection'],
  ['an empty namespace', { url: 'mongodb://a', namespace: '' }, 'namespace'],
  ['an option that there is not', { url: 'mongodb://a', colection: 'a' }, 'colection'],
  ['a key that is too short', { url: 'mongodb://a', signingKeys: ['short'] }, 'signingKeys[0]'],
])('%s is an error that names the option', (_name, options, option) => {
  expect(made(options)).toContain(`ERR_CACHE_OPTION ${option}:`);
});

test('No message has the password of a URL', async () => {
  const urls = [
    'mongo://user:hunter2@example.test/app',
    'mongodb://user:hunter2@',
    'mongodb://user:hunter2@127.0.0.1:1/app',
    'mongodb://user:hunter2@127.0.0.1:1/app?unknown=1',
    'mongodb://user:hunter2@127.0.0.1:hunter2/app',
    'mongodb://user:hunter%32@%%/app?authMechanism=hunter2',
  ];
  for (const url of urls) {
    let said: unknown = made(url);
    if (said instanceof MongoStorage) said = await lookUp(said).catch((error: unknown) => error);
    const { message = String(said), stack = '', cause } = said as { message?: string; stack?: string; cause?: unknown };
    expect(message).not.toBe('');
    expect(`${message} ${stack} ${String(cause)}`).not.toMatch(/hunter/);
  }
}, 30_000);

test('A storage that was never used is closed without a connection, and says so afterwards', async () => {
  const storage = new MongoStorage('mongodb://127.0.0.1:1/app');
  await storage.close();
  await storage.close();
  await expect(lookUp(storage)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
});

test('Without mongoose the first call says what to install, and so does each one after it', async () => {
  jest.resetModules();
  jest.doMock('mongoose', () => { throw new Error("Cannot find package 'mongoose'"); });
  const storage = openStorage({ url: 'mongodb://127.0.0.1:1/app' });
  for (let times = 0; times < 2; times += 1) {
    const failure = lookUp(storage);
    await expect(failure).rejects.toMatchObject({ code: 'ERR_CACHE_DRIVER' });
    await expect(failure).rejects.toThrow('npm install mongoose');
  }
  jest.dontMock('mongoose');
});
