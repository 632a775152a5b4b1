/** A stored JSON body rewritten by the user: what may be rewritten, and what stands in the way. */
import type { AxiosAdapter } from 'axios';
import type { StorageOperation, StoredEntry } from '../../lib/api/storage.js';
import type { Outcome } from '../../lib/engine/exchange/outcome.js';
import { updateEntries } from '../../lib/engine/update.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { startCached } from '../support/cached-instance.js';
import { storedUnder } from '../support/entry.js';
import { engineRig, gate, type Given, type Rig, type RigOptions, settled } from '../support/exchange.js';

/** Fails in the calls that it is told to fail in. */
class Failing extends MemoryStorage {
  failing: StorageOperation | undefined;

  override get(key: string): ReturnType<MemoryStorage['get']> {
    if (this.failing === 'get') throw new Error('the disk is gone');
    return super.get(key);
  }

  override set(...given: Parameters<MemoryStorage['set']>): ReturnType<MemoryStorage['set']> {
    if (this.failing === 'set') throw new Error('the disk is full');
    return super.set(...given);
  }
}

const FRESH = { 'cache-control': 'max-age=60', 'content-length': '11', etag: '"1"' };
const saying = (text: string): Given => ({ origin: () => ({ text, headers: FRESH }) });

async function rigWith(text: string, options?: RigOptions): Promise<Rig> {
  const rig = engineRig(options);
  await rig.engine.handle(rig.exchange(saying(text)));
  return rig;
}

function update(rig: Rig, change: (data: unknown) => unknown): Promise<number> {
  const { request } = rig.exchange(saying(''));
  const find = async () => {
    const { entries, error } = await rig.engine.read(request, Date.now());
    if (error !== undefined) throw error;
    return entries;
  };
  return updateEntries(request, find, change, rig.engine.ports);
}

async function storedIn(rig: Rig): Promise<{ text: string; headers: Outcome['entry'] }> {
  const { content, entry } = await rig.engine.handle(rig.exchange(saying('from the origin')));
  return {
    text: content.kind === 'entry' ? new TextDecoder().decode(content.entry.raw.body) : 'nothing',
    headers: entry,
  };
}

const increased = (data: unknown): unknown => ({ count: (data as { count: number }).count + 1 });

test.each([
  ['a wrong URL', 'text', () => 1, 'url'],
  ['a wrong change', '{}', () => Promise.resolve(1), 'change'],
])('who is told of %s is told of the argument, and nothing stays under way', async (_which, text, change, option) => {
  const rig = await rigWith(text);
  await expect(update(rig, change)).rejects.toMatchObject({ code: 'ERR_CACHE_OPTION', option });
  expect(rig.engine.inFlight).toBe(0);
});

test('JSON in text that begins with a byte order mark is rewritten', async () => {
  const rig = await rigWith('\uFEFF{"count":1}');
  expect(await update(rig, increased)).toBe(1);
  expect((await storedIn(rig)).text).toBe('{"count":2}');
});

test('what has been replaced meanwhile is not written over', async () => {
  const rig = await rigWith('{"count":1}');
  const [stored] = await storedUnder(rig.storage, 'GET http://api.test/thing anybody');
  const changed = await update(rig, (data) => {
    void rig.storage.set({ ...stored!, revision: 'newer', body: new TextEncoder().encode('"newer"') });
    return increased(data);
  });
  expect([changed, (await storedIn(rig)).text]).toEqual([0, '"newer"']);
});

test('JSON is rewritten, with the length of what is written and without the validators of what was', async () => {
  const rig = await rigWith('{"count":1}');
  expect(await update(rig, () => ({ count: 'twenty' }))).toBe(1);
  const { text, headers } = await storedIn(rig);
  expect(text).toBe('{"count":"twenty"}');
  expect(headers?.headers).toMatchObject({ 'content-length': '18' });
  expect(headers?.headers['etag']).toBeUndefined();
});

test.each(['etag', 'last-modified', 'content-md5', 'digest', 'content-digest', 'repr-digest'])(
  'what the origin said of its own bytes by %s does not go with others',
  async (name) => {
    const rig = engineRig();
    const headers = { 'cache-control': 'max-age=60', [name]: 'Mon, 01 Jan 2029 00:00:00 GMT', 'x-other': 'stays' };
    await rig.engine.handle(rig.exchange({ origin: () => ({ text: '{"count":1}', headers }) }));
    await update(rig, increased);
    expect((await storedIn(rig)).headers?.headers).toEqual({ 'cache-control': 'max-age=60', 'x-other': 'stays' });
  },
);

test('nothing is rewritten where nothing is stored, and `undefined` keeps the data as it is by then', async () => {
  expect(await update(engineRig(), increased)).toBe(0);
  const rig = await rigWith('{"count":1}');
  expect(await update(rig, (data) => { (data as { count: number }).count = 7; })).toBe(1);
  expect((await storedIn(rig)).text).toBe('{"count":7}');
});

test('an invalidation by the change itself wins', async () => {
  const rig = await rigWith('{"count":1}');
  const { resource } = rig.exchange(saying('')).request;
  const changed = await update(rig, (data) => {
    void rig.engine.invalidation.ofResource(resource, 'http://api.test/thing');
    return increased(data);
  });
  expect(changed).toBe(0);
  expect((await storedIn(rig)).text).toBe('nothing');
});

test('what a change detaches, and nobody has deleted, stays as it is', async () => {
  const rig = await rigWith('{"count":1}');
  const changed = await update(rig, (data) => {
    rig.engine.ports.flights.invalidateAll();
    return increased(data);
  });
  expect([changed, (await storedIn(rig)).text]).toEqual([0, '{"count":1}']);
});

test('a write that an invalidation overtakes is withdrawn, and no other is made', async () => {
  const passed = gate();
  let writes = 0;
  class Slow extends MemoryStorage {
    isSlow = false;

    override async set(entry: StoredEntry): Promise<boolean | 'too-large'> {
      if (this.isSlow) {
        writes += 1;
        await passed.passed;
      }
      return super.set(entry);
    }
  }
  const storage = new Slow();
  const rig = engineRig({ storage });
  const headers = { ...FRESH, vary: 'x-kind' };
  const origin = () => ({ text: '{"count":1}', headers });
  for (const kind of ['a', 'b']) await rig.engine.handle(rig.exchange({ origin, headers: { 'x-kind': kind } }));
  storage.isSlow = true;
  const updating = update(rig, increased);
  while (writes === 0) await settled();
  const { resource } = rig.exchange(saying('')).request;
  await rig.engine.invalidation.ofResource(resource, 'http://api.test/thing');
  passed.open();
  expect(await updating).toBe(0);
  expect(writes).toBe(1);
  storage.isSlow = false;
  expect((await storedIn(rig)).text).toBe('nothing');
});

test.each<[string, string, (data: unknown) => unknown, string]>([
  ['what is stored is no JSON', 'plain text', increased, 'update() rewrites JSON'],
  ['the change throws', '{"count":1}', () => { throw new RangeError('too many'); }, 'too many'],
  ['the change returns a promise', '{"count":1}', () => Promise.reject(new Error('late')), 'returned a promise'],
  ['the change returns what can be awaited', '{"count":1}', () => ({ then: () => undefined }), 'returned a promise'],
  ['the change returns what JSON cannot say', '{"count":1}', () => Symbol('none'), 'nothing that JSON can say'],
])('it fails where %s, and what is stored stays', async (_why, text, change, message) => {
  const rig = await rigWith(text);
  await expect(update(rig, change)).rejects.toThrow(message);
  expect((await storedIn(rig)).text).toBe(text);
});

test.each(['get', 'set'] as const)('it fails where the storage fails in %s, and what is stored stays', async (operation) => {
  const storage = new Failing();
  const rig = await rigWith('{"count":1}', { storage });
  storage.failing = operation;
  await expect(update(rig, increased)).rejects.toMatchObject({ code: 'ERR_CACHE_STORAGE' });
  storage.failing = undefined;
  expect((await storedIn(rig)).text).toBe('{"count":1}');
});

test.each<[string, unknown]>([
  ['text', '{"count":1}'],
  ['an object', { count: 1 }],
])('what an adapter gave as %s is rewritten', async (_name, data) => {
  const headers = { 'cache-control': 'max-age=60' };
  const adapter: AxiosAdapter = (config) => Promise.resolve({ data, status: 200, statusText: 'OK', headers, config });
  const { http } = await startCached({}, { defaults: { adapter } });
  await http.get('/');
  expect(await http.cache.update('/', (draft: { count: number }) => ({ count: draft.count + 1 }))).toBe(1);
  expect((await http.get('/')).data).toEqual({ count: 2 });
});
