/** What goes wrong within the cache while it works on an answer does not lose that answer. */
import axios from 'axios';
import type { CacheEvent } from '../../lib/api/events.js';
import type { StoredEntry } from '../../lib/api/storage.js';
import type { Outcome } from '../../lib/engine/exchange/outcome.js';
import { setupCache } from '../../lib/setup-cache.js';
import { MemoryStorage } from '../../lib/storage/memory/memory.js';
import { engineRig, type FakeOrigin, gate, type Rig } from '../support/exchange.js';
import { startOrigin } from '../support/origin.js';

/** No adapter may give such a value, and whoever reads it throws. */
const UNREADABLE = 7 as unknown as string;
const FRESH = { 'cache-control': 'max-age=60', etag: '"1"' };

const handle = (rig: Rig, origin: FakeOrigin, more = {}): Promise<Outcome> =>
  rig.engine.handle(rig.exchange({ origin, ...more }));

function textOf({ content }: Outcome): string | undefined {
  if (content.kind === 'entry') return Buffer.from(content.entry.raw.body).toString();
  const body = content.kind === 'origin' ? content.answer.body : undefined;
  return body?.kind === 'text' ? body.text : undefined;
}

const faultsOf = ({ events }: Rig): string[] =>
  events.flatMap((event) => (event.type === 'storage-error' ? [`${event.operation} ${event.error.code}`] : []));

describe.each(['cache-control', 'vary', 'etag', 'expires', 'age', 'no-vary-search', 'cache-groups'])(
  'an answer whose %s cannot be read',
  (name) => {
    const headers = { 'cache-control': 'max-age=60', [name]: UNREADABLE };
    if (name === 'expires') delete (headers as { 'cache-control'?: string })['cache-control'];
    const origin: FakeOrigin = () => ({ headers, text: 'one' });

    test('is handed out, is not stored, and one event tells', async () => {
      const rig = engineRig();
      const outcome = await handle(rig, origin);
      expect([textOf(outcome), outcome.status, outcome.notStored]).toEqual(['one', 'miss', 'storage-error']);
      expect(faultsOf(rig)).toEqual(['set ERR_CACHE_STORAGE']);
      expect(rig.engine.inFlight).toBe(0);
    });

    test('is handed out to those who waited for it too', async () => {
      const rig = engineRig();
      const door = gate();
      const slowly: FakeOrigin = async (asked) => {
        await door.passed;
        return origin(asked);
      };
      const all = [handle(rig, slowly), handle(rig, slowly)];
      door.open();
      expect((await Promise.all(all)).map(textOf)).toEqual(['one', 'one']);
      expect(rig.engine.inFlight).toBe(0);
    });
  },
);

test.each(['cache-group-invalidation', 'clear-site-data'])(
  'an answer to POST whose %s cannot be read is handed out',
  async (name) => {
    const rig = engineRig();
    const headers = { [name]: UNREADABLE };
    const more = { method: 'POST', cache: { allowedMethods: ['post'] } };
    expect(textOf(await handle(rig, () => ({ headers, text: 'one' }), more))).toBe('one');
    expect(faultsOf(rig)).not.toEqual([]);
  },
);

test.each(['cache-control', 'etag', 'date', 'vary'])(
  'where the %s of a 304 cannot be read, the whole is asked for',
  async (name) => {
    const rig = engineRig();
    await handle(rig, () => ({ headers: FRESH, text: 'one' }));
    rig.clock.advance(100);
    const origin: FakeOrigin = ({ conditions }) =>
      conditions === undefined ? { headers: FRESH, text: 'two' } : { status: 304, headers: { [name]: UNREADABLE } };
    const outcome = await handle(rig, origin);
    expect([textOf(outcome), outcome.status, outcome.reason]).toEqual(['two', 'miss', 'condition-failed']);
    expect(faultsOf(rig)).toEqual(['set ERR_CACHE_STORAGE']);
    expect((await handle(rig, origin)).status).toBe('hit');
  },
);

test('where a HEAD cannot renew the stored GET, it is answered all the same', async () => {
  const rig = engineRig();
  await handle(rig, () => ({ headers: FRESH, text: 'one' }));
  rig.clock.advance(100);
  const outcome = await handle(rig, () => ({ headers: { ...FRESH, date: UNREADABLE } }), { method: 'HEAD' });
  expect([outcome.status, outcome.notStored]).toEqual(['miss', 'storage-error']);
  expect(faultsOf(rig)).toEqual(['set ERR_CACHE_STORAGE']);
});

test('a storage one of whose members throws once costs no answer', async () => {
  const origin = await startOrigin({ '/thing': { headers: FRESH, body: 'one' } });
  let isBroken = false;
  class Broken extends MemoryStorage {
    override set(entry: StoredEntry): ReturnType<MemoryStorage['set']> {
      isBroken = true;
      return super.set(entry);
    }
  }
  const storage = Object.defineProperty(new Broken(), 'inProcess', {
    get: () => {
      if (!isBroken) return true;
      isBroken = false;
      throw new Error('no such column');
    },
  });
  const events: CacheEvent[] = [];
  const client = setupCache(axios.create({ baseURL: origin.url, proxy: false }), { storage });
  client.cache.on('storage-error', (event) => void events.push(event));
  // Its key is shown to those who listen to this.
  client.cache.on('stored', () => undefined);
  try {
    const { data, cache } = await client.get<string>('/thing');
    expect([data, cache.notStored]).toEqual(['one', 'storage-error']);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ operation: 'set', error: { cause: new Error('no such column') } });
  } finally {
    await origin.close();
  }
});
