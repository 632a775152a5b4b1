/** Wrong data, beyond the scenarios: what only this package's storages, events and entries can show. */
import { MemoryStorage, type StoredEntry } from '../../lib/index.js';
import { echo, MINUTE } from '../../rivals/scenario.js';
import { showData } from '../support/bodies.js';
import { startCached } from '../support/cached-instance.js';
import { inTurn } from '../support/origin.js';
import type { StorageReading } from '../../lib/api/storage.js';

test('2: should a storage give the entry of another URL, it is not served', async () => {
  class Colliding extends MemoryStorage {
    override async get(): Promise<StorageReading> {
      const all: StoredEntry[] = [];
      for await (const { key } of this.entries()) all.push(...(await super.get(key)).entries);
      return { entries: all };
    }
  }
  const { http } = await startCached({ '/one': echo, '/two': echo }, { storage: new Colliding() });
  await http.get('/one');
  expect((await http.get('/two')).data.url).toBe('/two');
});

test('5: an answer that a change has overtaken is not stored over the newer one', async () => {
  const { http, origin } = await startCached({
    'GET /': inTurn({ ...MINUTE, body: 'old' }, { ...MINUTE, body: 'new' }),
    'PUT /': {},
  });
  const gate = origin.hold('/');
  const early = http.get('/');
  await gate.arrived();
  const change = http.put('/', 'x');
  await gate.arrived(2);
  gate.release();
  const [{ data }] = await Promise.all([early, change]);
  expect(data).toBe('old');
  expect((await http.get('/')).data).toBe('new');
  expect(await http.get('/')).toMatchObject({ data: 'new', cached: true });
});

test('7: one entry serves every responseType, and streams again and again', async () => {
  const body = { text: 'x'.repeat(1000) };
  const { http, origin } = await startCached({ '/': { ...MINUTE, body } });
  const text = JSON.stringify(body);
  await http.get('/');
  expect(Buffer.from((await http.get('/', { responseType: 'arraybuffer' })).data).toString()).toBe(text);
  expect((await http.get('/', { responseType: 'text', transformResponse: [] })).data).toBe(text);
  for (const _again of [1, 2]) {
    expect(await showData((await http.get('/', { responseType: 'stream' })).data)).toEqual({
      stream: 'node',
      content: text,
    });
  }
  expect((await http.get('/')).data).toEqual(body);
  expect(origin.count()).toBe(1);
});
