/** What RedisStorage and RedisBus take, and what they say to the rest. No server is needed. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RedisBus, RedisStorage } from '../../../lib/redis.js';
import { lookUp } from '../../../lib/storage/contract/rule.js';
import { root } from '../../support/root.js';
import { openStorage, problemsOf } from './support.js';

const SECRET = 'pa55word';

describe('an option that is wrong is told by its name, with what is allowed', () => {
  test.each<[option: string, given: unknown, said: RegExp]>([
    ['url', 'localhost:6379', /url must be an address such as "redis:\/\/localhost:6379"; got another text/],
    ['url', `http://user:${SECRET}@localhost`, /got another text/],
    ['url', { url: 5 }, /got 5/],
    ['options', 5, /RedisStorage takes an object with url, client, clientOptions, lease, namespace/],
    ['urls', { urls: 'redis://localhost' }, /unknown option "urls"/],
    ['client', { client: {} }, /createClient or createCluster gives it; got an object/],
    ['client', { client: new Date() }, /got an object of class Date/],
    ['url', { client: { isOpen: true, sendCommand() {} }, url: 'redis://localhost' }, /give url or client, not both/],
    ['clientOptions', { client: { isOpen: true, sendCommand() {} }, clientOptions: {} }, /not both/],
    ['clientOptions', { clientOptions: 'socket' }, /an object with options of createClient; got "socket"/],
    ['lease', { lease: 'yes' }, /lease must be true, false or { ttl: '10s' }; got "yes"/],
    ['lease', { lease: {} }, /lease must be true, false or/],
    ['lease.ttl', { lease: { ttl: 'soon' } }, /lease\.ttl/],
    ['lease.ttl', { lease: { ttl: 0 } }, /longer than nothing/],
    ['namespace', { namespace: '' }, /text that is not empty/],
    ['signingKeys[0]', { signingKeys: ['short'] }, /16 characters/],
  ])('%s: %p', (option, given, said) => {
    const create = (): unknown => new RedisStorage(given as string);
    expect(create).toThrow(expect.objectContaining({ code: 'ERR_CACHE_OPTION', option }));
    expect(create).toThrow(said);
    expect(create).not.toThrow(SECRET);
  });

  test('of the bus, too: a cluster is reached by the address of a node', () => {
    const cluster = { isOpen: true, masters: [], nodeClient() {}, sendCommand() {}, duplicate() {} };
    expect(() => new RedisBus({ client: cluster })).toThrow(/For a cluster, give the url of any node/);
    expect(() => new RedisBus({ channel: 'a' } as object)).toThrow(/takes an address, or an object with url, client/);
    expect(() => new RedisBus('nowhere')).toThrow(/RedisBus: url must be/);
  });
});

test('a package that is missing is told by the first call, with the command that installs it', async () => {
  jest.doMock('redis', () => { throw new Error('Cannot find module'); });
  const storage = openStorage({});
  const problems = problemsOf(storage);
  const message = /RedisStorage found no package redis to use\. Run "npm install redis"/;
  for (let calls = 0; calls < 3; calls += 1) {
    const error = await lookUp(storage).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_CACHE_DRIVER', message: expect.stringMatching(message) });
  }
  expect(problems.map(([, { code }]) => code)).toEqual(['ERR_CACHE_DRIVER']);
  await expect(new RedisBus().subscribe(() => undefined, () => undefined)).rejects.toThrow(/npm install redis/);
  jest.dontMock('redis');
  jest.resetModules();
});

test('no message shows the password of an address', async () => {
  const storage = openStorage({ url: `redis://user:${SECRET}@127.0.0.1:1/3` });
  const error = await lookUp(storage).catch((reason: unknown) => reason);
  expect(String(error)).toContain('no connection to redis://127.0.0.1:1/3');
  expect(String(error)).not.toContain(SECRET);
});

test('a server that takes the connection and says nothing fails the first call within seconds', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const storage = openStorage({ url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const started = Date.now();
    await expect(lookUp(storage)).rejects.toThrow(/no connection to .*: no answer within 2000 ms/);
    expect(Date.now() - started).toBeLessThan(4000);
    await storage.close();
  } finally {
    server.close();
  }
});

test.each(['REDIS_AWAY', 'storage that is never used'])('a process ends by itself: %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'redis-storage-'));
  const script = join(folder, 'script.ts');
  const use = kind === 'REDIS_AWAY' ? 'await storage.clear().catch((error) => { console.log(error.code); });' : '';
  writeFileSync(script, `
    import { RedisStorage } from '${root.replaceAll('\\', '/')}/lib/redis.js';
    const storage = new RedisStorage('redis://127.0.0.1:1');
    ${use}
    console.log('done');`);
  try {
    const { stdout, status } = spawnSync(process.execPath, ['scripts/run-ts.mjs', script], {
      cwd: root, encoding: 'utf8', timeout: 20_000,
    });
    expect(stdout).toBe(kind === 'REDIS_AWAY' ? 'ERR_CACHE_STORAGE\ndone\n' : 'done\n');
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
