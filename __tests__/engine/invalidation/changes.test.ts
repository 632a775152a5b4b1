/** What a change ends beside its own URL (`invalidates`), and changes that never left. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { isCacheError, MemoryStorage } from '../../../lib/index.js';
import { axiosHas } from '../../support/axios-features.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const FRESH = { 'Cache-Control': 'max-age=60' };
const STORAGES = [
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
] as const;

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe.each(STORAGES)('what `invalidates` names, in %s', (_name, create) => {
  const PATHS = ['/users', '/users?page=2', '/users/3', '/messages', '/messages?id=7', '/messages/7', '/messagesx'];
  const start = async (options: Parameters<typeof startCached>[1] = {}) => {
    const made = await startCached(
      ({ method, path }) => (method === 'GET' ? { headers: FRESH } : { status: path === '/fails' ? 500 : 200 }),
      { storage: create(), ...options },
    );
    for (const path of PATHS) await made.http.get(path);
    const gone = async (): Promise<string[]> => {
      const left = new Set<string>();
      for await (const url of made.http.cache.urls()) left.add(url.slice(made.origin.url.length));
      return PATHS.filter((path) => !left.has(path));
    };
    return { ...made, gone };
  };

  test.each([
    ['a URL without a query: every query of its path, and no other path', '/messages', ['/messages', '/messages?id=7']],
    ['a URL with a query: that one', '/messages?id=7', ['/messages?id=7']],
    ['a filter by URL', { url: '/users' }, ['/users', '/users?page=2']],
    ['a URL and a pattern', { url: '/users', pattern: /page=2$/ }, ['/users?page=2']],
    ['a list with a function', ['/users/3', () => '/messages/7'], ['/users/3', '/messages/7']],
    ['a function that returns nothing', () => undefined, []],
    ['a function that throws', () => { throw new Error('mine'); }, []],
    ['a function that returns what is no URL', () => 7 as unknown as string, []],
    ['a function that returns a promise', () => Promise.reject(new Error('mine')) as unknown as string, []],
  ])('%s', async (_rule, invalidates, expected) => {
    const { http, gone } = await start();
    await http.post('/x', {}, { cache: { invalidates } });
    expect(await gone()).toEqual(expected);
  });

  test('of the session: after each change that succeeds, and not after reading', async () => {
    const { http, gone } = await start({ invalidates: ['/users'], allowedMethods: ['GET', 'HEAD', 'QUERY'] });
    await http.get('/x');
    await http.head('/x');
    await http.options('/x');
    await http.get('/users/3', { cache: 'reload' });
    await http.put('/fails', {}, { validateStatus: null });
    expect(await gone()).toEqual([]);
    await http.put('/users/3', {});
    expect(await gone()).toEqual(['/users', '/users?page=2', '/users/3']);
  });

  test.each(['post', 'put', 'patch', 'delete'] as const)('of a URL pattern: %s below it alone', async (method) => {
    const { http, gone } = await start({ urlsExpireAfter: { '*/users/*': { invalidates: '/users' } } });
    await http.request({ method, url: '/messages/7' });
    expect(await gone()).toEqual(['/messages/7']);
    await http.request({ method, url: '/users/9' });
    expect(await gone()).toEqual(['/users', '/users?page=2', '/messages/7']);
  });

  test('a function is given the change', async () => {
    const changes: unknown[] = [];
    const { http, origin } = await start({ invalidates: (change) => void changes.push(change) });
    await http.put('/users/3', {});
    await http.post('/fails', {}, { validateStatus: null });
    expect(changes).toEqual([{ method: 'PUT', url: `${origin.url}/users/3`, status: 200 }]);
  });

  test('a request’s own word takes the place of the session’s', async () => {
    const { http, gone } = await start({ invalidates: '/users' });
    await http.post('/x', {}, { cache: { invalidates: '/messages/7' } });
    expect(await gone()).toEqual(['/messages/7']);
  });

  test('answers of that path that are under way are not stored; others are, where the storage can tell', async () => {
    const { http, origin } = await start();
    const gates = ['/late', '/other'].map((path) => origin.hold(path));
    const [late, other] = [http.get('/late?id=8'), http.get('/other')];
    await Promise.all(gates.map((gate) => gate.arrived()));
    await http.post('/x', {}, { cache: { invalidates: '/late' } });
    for (const gate of gates) gate.release();
    expect((await late).cache.notStored).toBe('invalidated');
    expect((await other).cache.stored).toBe(http.cache.storage.inProcess === true);
  });

  describe('a change that never left ends nothing', () => {
    const ask = { cache: { invalidates: '/messages' } };

    test.each(['post', 'put', 'patch', 'delete'] as const)('%s, on the http adapter and on fetch', async (method) => {
      const { http, gone, origin } = await start();
      const url = `http://127.0.0.1:${await closedPort()}/`;
      for (const adapter of ['http', 'fetch'] as const) {
        await expect(http.request({ method, url, adapter, ...ask })).rejects.toThrow();
        // Where an older fetch adapter sends a body of any length, it would be a change.
        if (adapter === 'http' || (await axiosHas('fetchMaxBodyLength'))) {
          await expect(
            http.request({ method, url: '/users', data: 'x'.repeat(100), maxBodyLength: 10, adapter, ...ask }),
          ).rejects.toMatchObject({ isAxiosError: true });
        }
        const signal = AbortSignal.abort();
        await expect(http.request({ method, url: '/users', signal, adapter, ...ask })).rejects.toThrow();
      }
      expect(await gone()).toEqual([]);
      expect(origin.count()).toBe(PATHS.length);
    });

    const codes = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CERT_HAS_EXPIRED'];
    test.each(codes)('%s of an adapter of one’s own', async (code) => {
      const { http, gone } = await start();
      const adapter = () => Promise.reject(Object.assign(new Error(code), { code }));
      await expect(http.post('/users', '', { adapter, ...ask })).rejects.toThrow();
      expect(await gone()).toEqual([]);
    });
  });

  test.each(['http', 'fetch'] as const)('a change that redirects to a server that is down, on %s', async (adapter) => {
    const location = `http://127.0.0.1:${await closedPort()}/`;
    const { http } = await startCached({
      'GET /todos': { headers: FRESH, body: 'todos' },
      'POST /todos': { status: 303, headers: { location } },
    });
    await http.get('/todos');
    await expect(http.post('/todos', '', { adapter })).rejects.toThrow();
    expect(await http.cache.has('/todos')).toBe(false);
  });

  test.each([
    [{ hostname: 'login.test' }, false],
    [{ hostname: 'api.test' }, true],
    [{ address: '192.0.2.7', port: 80 }, true],
    [{ address: '192.0.2.7', port: 8080 }, false],
  ])('fetch names the place that it cannot reach: %j', async (place, isKept) => {
    const { http } = await startCached({});
    const fetch = async (request: Request | string | URL) => {
      if ((request as Request).method === 'GET') return new Response('todos', { headers: FRESH });
      throw Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED', ...place } });
    };
    const { fetch: platformFetch } = globalThis;
    // Older copies of axios know no other `fetch` than the global one.
    if (!(await axiosHas('fetchOfEnv'))) globalThis.fetch = fetch;
    try {
      const config = { adapter: 'fetch' as const, env: { fetch } };
      await http.get('http://api.test/todos', config);
      await expect(http.post('http://api.test/todos', '', config)).rejects.toThrow();
      expect(await http.cache.has('http://api.test/todos')).toBe(isKept);
    } finally {
      globalThis.fetch = platformFetch;
    }
  });

  const doubtful = ['ECONNRESET', 'ERR_NETWORK', 'ETIMEDOUT', 'ERR_CANCELED'];
  test.each(doubtful)('%s: it may have had its effect', async (code) => {
    const { http, gone } = await start();
    const adapter = () => Promise.reject(Object.assign(new Error(code), { code }));
    await expect(http.post('/users/3', '', { adapter })).rejects.toThrow();
    expect(await gone()).toEqual(['/users/3']);
  });
});

test('a POST that is stored is one that reads', async () => {
  const { http } = await startCached(
    { 'GET /users': numbered({ headers: FRESH }), 'POST /search': { headers: FRESH } },
    { invalidates: '/users' },
  );
  await http.get('/users');
  await http.post('/search', {}, { cache: { allowedMethods: ['POST'] } });
  expect(told(await http.get('/users'))).toBe('hit fresh');
});

test('a rule of the session that cannot be read is an error at once', async () => {
  const error: unknown = await startCached({}, { invalidates: [7 as unknown as string] }).catch((e: unknown) => e);
  expect(isCacheError(error) && error.message).toContain('invalidates[0] must be a URL');
});
