/** RedisStorage while its server is away, silent or back again. */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTo, createServer, type Socket } from 'node:net';
import axios from 'axios';
import { setupCache } from '../../../lib/index.js';
import { lookUp, sample } from '../../../lib/storage/contract/rule.js';
import { LIMITS } from '../../../lib/storage/redis/limits.js';
import { startOrigin } from '../../support/origin.js';
import { describeOwnService, describeService } from '../../support/services.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { CLIENTS, connect, openStorage, problemsOf, restoreLimits } from './support.js';

const VERSIONS = ['redis4', 'redis5', 'redis'] as const;

/** The package that RedisStorage loads from now on. */
function useVersion(name: string): void {
  jest.resetModules();
  if (name === 'redis') jest.dontMock('redis');
  else jest.doMock('redis', () => jest.requireActual<object>(name));
}

const LIMIT_MS = 30_000;

/** Resolves once `attempt` gives true. */
async function eventually(attempt: () => Promise<boolean>, limitMs = LIMIT_MS): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await attempt())) {
    if (Date.now() > endMs) throw new Error(`not within ${limitMs} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}

const settled = (work: Promise<unknown>): Promise<string> =>
  work.then(() => 'resolved', (error: Error) => error.message);

const stopped: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stopped.splice(0)) await stop();
});

restoreLimits();

describeOwnService('redis', (engine) => {
  afterEach(async () => {
    await engine().restart();
  });

  describe.each(VERSIONS)('by its own client of the package %s', (version) => {
    beforeEach(() => { useVersion(version); });

    test('a server that is away at first is told once, fails each call at once, and is used when it comes', async () => {
      await engine().kill();
      const storage = openStorage({ url: engine().url });
      const problems = problemsOf(storage);
      // The first call loads the package, too.
      await settled(lookUp(storage));
      const started = Date.now();
      for (let calls = 0; calls < 20; calls += 1) {
        expect(await settled(lookUp(storage))).toMatch(/has no connection to redis:\/\/127\.0\.0\.1:\d+.*ECONNREFUSED/);
      }
      expect(Date.now() - started).toBeLessThan(1000);
      expect(problems.map(([, { code }]) => code)).toEqual(['ERR_CACHE_STORAGE']);
      await engine().start();
      await eventually(async () => (await settled(storage.set(sample()))) === 'resolved', 4000);
      expect((await lookUp(storage)).entries).toEqual([sample()]);
    });

    test('a server that is killed fails what is under way at once, and is used again when it is back', async () => {
      const storage = openStorage({ url: engine().url });
      await storage.set(sample());
      const problems = problemsOf(storage);
      await engine().pause();
      const underWay = Array.from({ length: 50 }, () => settled(lookUp(storage)));
      await engine().kill();
      expect(new Set(await Promise.all(underWay)).has('resolved')).toBe(false);
      expect(await settled(lookUp(storage))).not.toBe('resolved');
      await engine().start();
      await eventually(async () => (await settled(lookUp(storage))) === 'resolved', 4000);
      expect(problems).toHaveLength(1);
    });

    test('a server that says nothing any more fails what is under way within seconds, and is used again', async () => {
      Object.assign(LIMITS, { pingMs: 200 });
      const storage = openStorage({ url: engine().url });
      await storage.set(sample());
      await engine().pause();
      expect(await settled(lookUp(storage))).not.toBe('resolved');
      // A connection to it comes about, and nobody waits for it to say more.
      expect(await settled(lookUp(storage))).not.toBe('resolved');
      engine().resume();
      await eventually(async () => (await settled(lookUp(storage))) === 'resolved', 6000);
      expect((await lookUp(storage)).entries).toEqual([sample()]);
    });

    test('a restart under 50 callers fails no request, and answers come from the cache again', async () => {
      const origin = await startOrigin({ '/': { headers: { 'cache-control': 'max-age=86400' }, body: 'answer' } });
      stopped.push(() => origin.close());
      const storage = openStorage({ url: engine().url });
      let aheadMs = 0;
      const options = { storage, storageTimeout: '1s', now: () => Date.now() + aheadMs } as const;
      const api = setupCache(axios.create({ baseURL: origin.url }), options);
      let isOver = false;
      const answers: string[] = [];
      const callers = Array.from({ length: 50 }, async () => {
        while (!isOver) {
          const { data } = await api.get<string>('/');
          answers.push(data);
          await new Promise((resolve) => { setTimeout(resolve, 5); });
        }
      });
      const fromCache = async (): Promise<boolean> => (await api.get('/')).cache.status === 'hit';
      await eventually(fromCache);
      await engine().restart();
      await api.get('/');
      await eventually(() => {
        // A storage that has failed is left alone for seconds, which are over with this.
        aheadMs += 6000;
        return fromCache();
      });
      isOver = true;
      await Promise.all(callers);
      expect(new Set(answers)).toEqual(new Set(['answer']));
    }, 40_000);
  });
});

describeService('redis', (engine) => {
  const ofUsers = 'a user\'s client of %s that is not connected fails each call at once, and is left as it is';
  test.each(Object.entries(CLIENTS))(ofUsers, async (_name, create) => {
    Object.assign(LIMITS, { answerMs: 500 });
    const proxy = await startTcpProxy(engine().url);
    stopped.push(() => proxy.close());
    const client = create({ url: proxy.url });
    client.on('error', () => undefined);
    const storage = openStorage({ client });
    await expect(lookUp(storage)).rejects.toThrow('the client is not connected');
    expect(client.isOpen).toBe(false);
    await connect(client);
    await storage.set(sample());
    await proxy.begin('hangs');
    await expect(lookUp(storage)).rejects.toThrow('the client gave no answer within 500 ms');
    // From now on nobody waits, but for one who asks whether it answers again.
    for (let calls = 0; calls < 20; calls += 1) await expect(lookUp(storage)).rejects.toThrow('the client is silent');
    await proxy.end();
    await eventually(async () => (await settled(lookUp(storage))) === 'resolved');
    await proxy.begin('refuses');
    await eventually(async () => (await settled(lookUp(storage))).includes('the client is not connected'));
    await proxy.end();
    await eventually(async () => (await settled(lookUp(storage))) === 'resolved');
    await storage.close();
    expect(client.isOpen).toBe(true);
  }, 90_000);

  /** A way to the engine on which a connection can be lost before the server has said a word. */
  async function startBreaking(): Promise<{ readonly url: string; isBreaking: boolean; breakAll(): void }> {
    const sockets = new Set<Socket>();
    const { hostname, port } = new URL(engine().url);
    const way = { url: '', isBreaking: false, breakAll: () => { for (const each of sockets) each.resetAndDestroy(); } };
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      if (way.isBreaking) {
        socket.once('data', () => {
          way.isBreaking = false;
          socket.resetAndDestroy();
        });
        return;
      }
      const onwards = connectTo(Number(port), hostname).on('error', () => socket.destroy());
      socket.on('close', () => onwards.destroy()).pipe(onwards).pipe(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stopped.push(() => {
      server.close();
      way.breakAll();
    });
    way.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return way;
  }

  test.each(VERSIONS)('an own client of %s whose connection breaks before the first answer makes another', async (name) => {
    useVersion(name);
    const way = await startBreaking();
    way.isBreaking = true;
    const storage = openStorage({ url: way.url });
    Object.assign(LIMITS, { connectMs: 500 });
    expect(await settled(storage.set(sample()))).toContain('RedisStorage has no connection to');
    await eventually(async () => (await settled(storage.set(sample()))) === 'resolved');
  });

  // The others connect again by themselves.
  test('nobody waits for a client of redis 5 that takes a broken connection for ready', async () => {
    Object.assign(LIMITS, { answerMs: 500 });
    const way = await startBreaking();
    const client = await connect(CLIENTS['redis 5']!({ url: way.url }));
    const storage = openStorage({ client });
    await storage.set(sample());
    way.isBreaking = true;
    way.breakAll();
    await eventually(async () => (await settled(lookUp(storage))).includes('gave no answer'));
    for (let calls = 0; calls < 100; calls += 1) await expect(lookUp(storage)).rejects.toThrow('the client is silent');
    client.destroy?.();
    await client.connect();
    await eventually(async () => (await settled(lookUp(storage))) === 'resolved');
  });
});
