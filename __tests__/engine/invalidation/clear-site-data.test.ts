/** Clear-Site-Data: an origin has its stored answers removed, where the option allows it. */
import type { StorageReading, StorageSelector, StoredEntryInfo } from '../../../lib/api/storage.js';
import { MemoryStorage } from '../../../lib/storage/memory/memory.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import { engineRig, gate } from '../../support/exchange.js';
import { type Origin, type Reply, startOrigin } from '../../support/origin.js';
import { newPath, openStorage } from '../../support/sqlite.js';

const FRESH = { 'Cache-Control': 'max-age=100' };
const CLEARING: Reply = { headers: { ...FRESH, 'Clear-Site-Data': '"cookies", "cache"' } };
const ROUTES = { '/one': numbered({ headers: FRESH }), '/two': numbered({ headers: FRESH }), '/logout': CLEARING };

let elsewhere: Origin;
beforeEach(async () => {
  elsewhere = await startOrigin(ROUTES);
});
afterEach(() => elsewhere.close());

describe.each([
  ['memory', () => new MemoryStorage()],
  ['SQLite', () => openStorage(newPath())],
])('in %s', (_name, storage) => {
  test.each(['get', 'post'])('an answer to %s removes all of its origin and nothing else', async (method) => {
    const { http, events } = await startCached(ROUTES, { storage: storage(), clearSiteData: true });
    const other = `${elsewhere.url}/one`;
    for (const url of ['/one', '/two', other]) await http.get(url);
    await http.get('/one', { headers: { Authorization: 'Bearer ann' } });
    expect((await http.request({ method, url: '/logout' })).cache.stored).toBe(false);
    expect(events.filter(({ type }) => type === 'invalidated')).toEqual([
      { type: 'invalidated', url: undefined, tag: undefined, count: 3 },
    ]);
    expect(await http.cache.count()).toBe(1);
    expect(told(await http.get(other))).toBe('hit fresh');
  });
});

test('without the option it means nothing', async () => {
  const { http } = await startCached(ROUTES);
  await http.get('/one');
  await http.get('/logout');
  expect([told(await http.get('/one')), told(await http.get('/logout'))]).toEqual(['hit fresh', 'hit fresh']);
});

test('what was stored before the option was set goes too', async () => {
  const storage = new MemoryStorage();
  const before = await startCached(ROUTES, { storage });
  await before.http.get('/one');
  const { http } = await startCached({}, { storage, clearSiteData: true });
  await http.get(`${before.origin.url}/logout`);
  expect(await http.cache.count()).toBe(0);
});

test.each<[string, object]>([
  ['a request that bypasses the cache', { cache: false }],
  ['a stream', { responseType: 'stream' }],
  ['an error', { url: '/denied', validateStatus: null }],
  ['an error that rejects', { url: '/denied' }],
])('%s counts too', async (_kind, config) => {
  const { http } = await startCached({ ...ROUTES, '/denied': { ...CLEARING, status: 401 } }, { clearSiteData: true });
  await http.get('/one');
  await http.request({ url: '/logout', ...config }).catch(() => undefined);
  expect(told(await http.get('/one'))).toBe('miss uri-miss');
});

test('a stored answer that once said so says it no more', async () => {
  const { http, origin } = await startCached(ROUTES, { clearSiteData: false });
  await http.get('/logout');
  const { http: obeying } = await startCached({}, { storage: http.cache.storage, clearSiteData: true });
  await http.get('/one');
  expect(told(await obeying.get(`${origin.url}/logout`))).toBe('hit fresh');
  expect(told(await obeying.get(`${origin.url}/one`))).toBe('hit fresh');
});

test('behind a redirect it is the origin that answered, wherever its answers are stored', async () => {
  const to = (path: string): Reply => ({ status: 302, headers: { Location: elsewhere.url + path } });
  const { http } = await startCached(
    { ...ROUTES, '/away': to('/logout'), '/moved': to('/one') },
    { clearSiteData: true },
  );
  for (const url of ['/one', '/moved', `${elsewhere.url}/two`]) await http.get(url);
  await http.get('/away');
  expect([told(await http.get('/one')), told(await http.get('/moved'))]).toEqual(['hit fresh', 'miss uri-miss']);
  expect(told(await http.get(`${elsewhere.url}/two`))).toBe('miss uri-miss');
});

test('behind a redirect of which only the end is known, too', async () => {
  const { http } = await startCached(ROUTES, {
    clearSiteData: true,
    defaults: {
      adapter: (config) => {
        const responseURL = config.url!.replace('http://a.localhost/moved', 'http://b.localhost/one');
        const headers = { ...FRESH, ...(config.url!.endsWith('/logout') ? { 'Clear-Site-Data': '"cache"' } : {}) };
        return Promise.resolve({ data: 'x', status: 200, statusText: 'OK', headers, config, request: { responseURL } });
      },
    },
  });
  for (const url of ['http://a.localhost/one', 'http://a.localhost/moved']) await http.get(url);
  await http.get('http://b.localhost/logout');
  expect(told(await http.get('http://a.localhost/one'))).toBe('hit fresh');
  expect(told(await http.get('http://a.localhost/moved'))).toBe('miss uri-miss');
});

/** A storage that leaves it to others what was deleted while an answer was under way. */
class WithoutFences extends MemoryStorage {
  override get(key: string): Pick<StorageReading, 'entries'> {
    const { entries } = super.get(key) as StorageReading;
    return { entries };
  }
}

test.each([
  ['memory', () => new MemoryStorage()],
  ['a storage without fences', () => new WithoutFences()],
])('nor is kept, in %s, what came by such a redirect from an origin cleared meanwhile', async (_name, create) => {
  const held = gate();
  const { http } = await startCached({}, {
    storage: create(),
    clearSiteData: true,
    defaults: {
      adapter: async (config) => {
        const isLogout = config.url!.endsWith('/logout');
        if (!isLogout) await held.passed;
        const responseURL = config.url!.replace('http://a.localhost/moved', 'http://b.localhost/one');
        const headers = isLogout ? { 'Clear-Site-Data': '"cache"' } : FRESH;
        return { data: 'x', status: 200, statusText: 'OK', headers, config, request: { responseURL } };
      },
    },
  });
  const moved = http.get('http://a.localhost/moved');
  const own = http.get('http://a.localhost/one');
  await http.get('http://b.localhost/logout');
  held.open();
  expect((await moved).cache.notStored).toBe('invalidated');
  expect((await own).cache.stored).toBe(true);
});

test('a 304 that says so is the last use of what it renews', async () => {
  const headers = { 'Cache-Control': 'no-cache', ETag: '"1"' };
  const page = (known: boolean): Reply =>
    known ? { status: 304, headers: { ...headers, 'Clear-Site-Data': '"*"' } } : { headers, body: 'page' };
  const { http } = await startCached(
    { ...ROUTES, '/page': (request) => page(request.headers['if-none-match'] === '"1"') },
    { clearSiteData: true },
  );
  await http.get('/one');
  await http.get('/page');
  const last = await http.get('/page');
  expect([told(last), last.data, last.cache.notStored]).toEqual(['revalidated not-modified', 'page', 'invalidated']);
  expect(await http.cache.count()).toBe(0);
});

test('an answer under way is not stored', async () => {
  const { http, origin } = await startCached(ROUTES, { clearSiteData: true });
  const held = origin.hold('/one');
  const late = http.get('/one');
  await held.arrived();
  await http.post('/logout');
  held.release();
  expect((await late).cache.notStored).toBe('invalidated');
  expect(await http.cache.count()).toBe(0);
});

test.each<[string, new () => MemoryStorage]>([
  ['list', class extends MemoryStorage {
    override entries(): AsyncIterable<StoredEntryInfo> {
      throw new Error('no listing');
    }
  }],
  ['delete', class extends MemoryStorage {
    override delete(_selector: StorageSelector): Promise<number> {
      return Promise.reject(new Error('read only'));
    }
  }],
])('of a storage that cannot %s nothing older is used', async (_operation, Storage) => {
  const rig = engineRig({ storage: new Storage() });
  const url = 'https://api.test/thing';
  const statusNow = async () =>
    (await rig.engine.handle(rig.exchange({ url, origin: () => ({ headers: { 'cache-control': 'max-age=60' } }) })))
      .status;
  await statusNow();
  expect(await statusNow()).toBe('hit');
  const clearing = { status: 200, headers: { 'clear-site-data': '"cache"' } };
  await rig.engine.invalidation.afterAnswer({ method: 'GET', url }, clearing, { originOf: () => 'https://api.test' });
  rig.clock.advance(1);
  expect([await statusNow(), await statusNow()]).toEqual(['miss', 'hit']);
});
