/** Interleavings of MongoStorage with invalidations in other processes, step by step, and many at random. */
import { randomUUID } from 'node:crypto';
import type { Fence, StoredEntry } from '../../../lib/api/storage.js';
import { lookUp, sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { MongoStorage } from '../../../lib/storage/mongo/mongo.js';
import { type Connection, connect, Documents, isRealServer, openStorage } from '../../support/mongo.js';
import { describeService } from '../../support/services.js';
import { unless } from '../../support/unless.js';

jest.setTimeout(120_000);

/** Holds the next call of a method back until it is let go. */
interface Gate {
  /** Resolves when the call has come. */
  readonly reached: Promise<void>;
  readonly go: () => void;
}

const withMongoDb = unless(
  isRealServer ? undefined : 'they need MONGO_URL: SecantusDB stops answering in some runs of them',
  'interleavings on MongoDB: their tests are',
);

withMongoDb.describe('interleavings', () => describeService('mongo', (service) => {
  let connection: Connection;
  let namespace: string;
  let documents: Documents;
  beforeAll(async () => {
    connection = await connect(service().url);
  });
  beforeEach(() => {
    namespace = randomUUID();
    documents = new Documents(connection, namespace);
  });

  const open = (): MongoStorage => openStorage({ connection, namespace });

  /** A storage whose calls of the driver can be held back, as if its process were slow between two of them. */
  function openGated(): { storage: MongoStorage; hold: (method: string, fits?: (filter: object) => boolean) => Gate } {
    const held: { method: string; fits: (filter: object) => boolean; reach: () => void; wait: Promise<void> }[] = [];
    const db = connection.db!;
    const gated = (collection: object): object => new Proxy(collection, {
      get(target, name: string) {
        const member = (target as Record<string, unknown>)[name];
        if (typeof member !== 'function') return member;
        return (...args: unknown[]): unknown => {
          const call = (): unknown => (member as (...values: unknown[]) => unknown).apply(target, args);
          const at = held.findIndex(({ method, fits }) => method === name && fits(args[0] as object));
          if (at === -1) return call();
          const [{ reach, wait }] = held.splice(at, 1) as [(typeof held)[number]];
          reach();
          if (name !== 'find') return wait.then(call);
          return { toArray: () => wait.then(() => (call() as { toArray(): unknown }).toArray()) };
        };
      },
    });
    const given = {
      databaseName: db.databaseName,
      client: connection.getClient(),
      collection: (name: string, options: object) => gated(db.collection(name, options)),
    };
    return {
      storage: openStorage({ connection: given, namespace }),
      hold(method, fits = () => true) {
        let [reach, go] = [(): void => undefined, (): void => undefined];
        const reached = new Promise<void>((resolve) => { reach = resolve; });
        const wait = new Promise<void>((resolve) => { go = resolve; });
        held.push({ method, fits, reach, wait });
        return { reached, go };
      },
    };
  }

  const fenceOf = async (storage: MongoStorage): Promise<Fence | undefined> => (await lookUp(storage)).fence;
  const heads = async (storage: MongoStorage): Promise<string[]> =>
    (await lookUp(storage)).entries.map(({ head }) => head);
  const old = (fields: Partial<StoredEntry> = {}): StoredEntry => sample({ head: 'old', tags: ['tag'], ...fields });

  test('Two deletes by one tag at once: the slower one does not take the number of the tag back', async () => {
    const [flight, { storage: slow, hold }, quick] = [open(), openGated(), open()];
    await lookUp(flight);
    const gate = hold('updateOne', (filter) => '$or' in filter);
    const deleting = slow.delete({ tag: 'tag' });
    await gate.reached;
    const fence = await fenceOf(flight);
    await quick.delete({ tag: 'tag' });
    gate.go();
    await deleting;
    expect(await flight.set(old(), fence)).toBe(false);
    expect(await heads(flight)).toEqual([]);
  });

  test('A renewal keeps the tokens by which its entry counted: a delete that was halfway then still counts', async () => {
    const [flight, { storage: slow, hold }] = [open(), openGated()];
    await flight.set(old(), await fenceOf(flight));
    const [counted, swept] = [hold('updateOne', (filter) => '$or' in filter), hold('find', (filter) => 't' in filter)];
    const deleting = slow.delete({ tag: 'tag' });
    await counted.reached;
    const { entries: [found], fence } = await lookUp(flight);
    expect(found?.head).toBe('old');
    counted.go();
    await swept.reached;
    expect(await flight.touch(withoutBody(found!), fence)).toBe(false);
    expect(await heads(flight)).toEqual([]);
    swept.go();
    await deleting;
  });

  test('A renewal that was checked before a delete, and is written after it, brings nothing back', async () => {
    const [{ storage: flight, hold }, other] = [openGated(), open()];
    await other.set(old());
    const { entries: [found], fence } = await lookUp(flight);
    const gate = hold('updateOne', (filter) => 'rev' in filter);
    const renewing = flight.touch(withoutBody(found!), fence);
    await gate.reached;
    await other.delete({ resource: 'resource' });
    gate.go();
    expect(await renewing).toBe(false);
    expect(await heads(other)).toEqual([]);
  });

  test.each<[string, (storage: MongoStorage) => unknown]>([
    ['a delete by resource', (storage) => storage.delete({ resource: 'resource' })],
    ['a delete by key', (storage) => storage.delete({ key: 'key', resource: 'resource' })],
    ['a delete by tag', (storage) => storage.delete({ tag: 'tag' })],
    ['a delete by listing', async (storage) => {
      await storage.delete({ underWay: true });
      for await (const { key, resource, variant } of storage.entries()) {
        await storage.delete({ key, resource, variant });
      }
    }],
    ['clear', (storage) => storage.clear()],
  ])('A write that is overtaken by %s is not there afterwards', async (_name, invalidate) => {
    for (const former of [undefined, sample()]) {
      const [{ storage: flight, hold }, other] = [openGated(), open()];
      if (former !== undefined) await other.set(former);
      const { fence } = await flight.get('key', { resource: 'resource', tags: ['tag'] });
      const gate = hold(former === undefined ? 'insertOne' : 'replaceOne', (filter) => '_id' in filter);
      const storing = flight.set(old(), fence);
      await gate.reached;
      await invalidate(other);
      gate.go();
      expect(await storing).toBe(false);
      expect(await heads(other)).toEqual([]);
      expect(await documents.entries()).toEqual([]);
      await other.set(sample());
      await other.clear();
    }
  });

  test('A write for a key that was known only afterwards is taken back where anything was invalidated', async () => {
    const [{ storage: flight, hold }, other] = [openGated(), open()];
    const fence = await fenceOf(flight);
    const target = sample({ key: 'target', resource: 'target' });
    const gate = hold('insertOne', (filter) => 'f' in filter);
    const storing = flight.set(target, fence);
    await gate.reached;
    await other.delete({ resource: 'elsewhere' });
    gate.go();
    expect(await storing).toBe(false);
    expect((await lookUp(other, 'target', 'target')).entries).toEqual([]);
  });

  test.each([
    ['', (at: number) => at],
    [', also by a clock that is behind', (at: number) => at - 3_600_000],
  ])('A void answer does not overwrite a valid one that was stored meanwhile%s', async (_name, clockOf) => {
    const [flight, other] = [open(), open()];
    await flight.set(sample());
    const fence = await fenceOf(flight);
    await other.delete({ resource: 'resource' });
    await other.set(sample({ head: 'valid' }), await fenceOf(other));
    await documents.change(documents.names.entry('key', ''), { at: clockOf(Date.now()) });
    expect(await flight.set(old(), fence)).toBe(false);
    expect(await heads(other)).toEqual(['valid']);
  });

  test('A clock that is an hour ahead does not keep others from renewing what it has stored', async () => {
    const [flight, other] = [open(), open()];
    await other.set(sample());
    await documents.change(documents.names.entry('key', ''), { at: Date.now() + 3_600_000 });
    expect(await flight.set(sample({ head: 'new', body: Uint8Array.of(9) }), await fenceOf(flight))).toBe(true);
    expect(await heads(other)).toEqual(['new']);
  });

  test('An answer that is older than a renewal meanwhile does not win', async () => {
    const [flight, other] = [open(), open()];
    await other.set(sample());
    const fence = await fenceOf(flight);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    const { entries: [found], fence: later } = await lookUp(other);
    expect(await other.touch({ ...withoutBody(found!), head: 'renewed' }, later)).toBe(true);
    expect(await flight.set(old({ body: Uint8Array.of(9) }), fence)).toBe(false);
    expect(await heads(other)).toEqual(['renewed']);
  });

  test('A tag whose token is lost after a change by it does not let in what was looked up before', async () => {
    const [flight, other] = [open(), open()];
    const fence = await fenceOf(flight);
    await other.delete({ tag: 'tag' });
    await documents.collection.deleteOne({ _id: documents.names.tag('tag') } as never);
    expect(await flight.set(old(), fence)).toBe(false);
    // Another flight makes the token anew: with the number of now, not with one of before.
    await other.get('another', { resource: 'another', tags: ['tag'] });
    expect(await flight.set(old(), fence)).toBe(false);
    expect(await heads(other)).toEqual([]);
  });

  test('A token of a tag that is made while the tag changes, and loses its token, is taken back', async () => {
    const [{ storage: flight, hold }, other] = [openGated(), open()];
    const [early, late] = [await fenceOf(flight), await fenceOf(other)];
    const gate = hold('findOneAndUpdate', (filter) => (filter as { _id?: string })._id === documents.names.tag('tag'));
    const storing = flight.set(old(), early);
    await gate.reached;
    await other.delete({ tag: 'tag' });
    await documents.collection.deleteOne({ _id: documents.names.tag('tag') } as never);
    gate.go();
    expect(await storing).toBe(false);
    expect(await other.set(old(), late)).toBe(false);
    expect(await heads(other)).toEqual([]);
  });

  test('A fence of another storage, or of none, stores nothing', async () => {
    const [storage, elsewhere] = [open(), openStorage({ connection, namespace: randomUUID() })];
    for (const fence of [await fenceOf(elsewhere), {} as Fence, 7 as unknown as Fence]) {
      expect(await storage.set(sample(), fence)).toBe(false);
      expect(await storage.touch(withoutBody(sample()), fence)).toBe(false);
    }
    expect(await heads(storage)).toEqual([]);
  });

  test('At random: nothing comes back, no head stands on another body, and what is stored is found', async () => {
    const ROUNDS = 100;
    const storages = [open(), open(), open()];
    /** When the last invalidation of each kind that has resolved was called. */
    const invalidatedAt = new Map<string, number>();
    const wrong: string[] = [];
    let [clock, hits] = [0, 0];
    const at = (): number => (clock += 1);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

    async function request(storage: MongoStorage): Promise<void> {
      const [key, tag] = [pick(['a', 'b']), pick(['x', 'y'])];
      const resolved = new Map(invalidatedAt);
      const scope = { resource: 'resource', tags: Math.random() < 0.5 ? [tag] : [] };
      const { entries, fence } = await storage.get(key, scope);
      for (const { head, body, tags } of entries) {
        const { lookedUpAt, bodyOf } = JSON.parse(head) as { lookedUpAt: number; bodyOf: number };
        const voidSince = Math.max(...['all', 'resource', key, ...tags].map((what) => resolved.get(what) ?? 0));
        hits += 1;
        if (lookedUpAt < voidSince) wrong.push(`looked up at ${lookedUpAt}, void since ${voidSince}`);
        if (bodyOf !== new DataView(body.buffer, body.byteOffset).getUint32(0)) wrong.push('a head on another body');
      }
      const lookedUpAt = at();
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 20); });
      const [found] = entries;
      if (found !== undefined && Math.random() < 0.5) {
        const { bodyOf } = JSON.parse(found.head) as { bodyOf: number };
        await storage.touch({ ...withoutBody(found), head: JSON.stringify({ lookedUpAt, bodyOf }) }, fence);
        return;
      }
      const body = new Uint8Array(4);
      new DataView(body.buffer).setUint32(0, lookedUpAt);
      const head = JSON.stringify({ lookedUpAt, bodyOf: lookedUpAt });
      await storage.set(sample({ key, revision: randomUUID(), tags: [tag], head, body }), fence);
    }

    async function invalidate(storage: MongoStorage): Promise<void> {
      const called = at();
      const what = pick(['all', 'resource', 'a', 'b', 'x', 'y']);
      if (what === 'all') await storage.clear();
      else if (what === 'resource') await storage.delete({ resource: 'resource' });
      else if (what === 'x' || what === 'y') await storage.delete({ tag: what });
      else await storage.delete({ key: what, resource: 'resource' });
      invalidatedAt.set(what, Math.max(called, invalidatedAt.get(what) ?? 0));
    }

    const worker = async (storage: MongoStorage): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await (Math.random() < 0.08 ? invalidate(storage) : request(storage));
      }
    };
    await Promise.all([...storages, ...storages].map(worker));
    expect(wrong).toEqual([]);
    expect(hits).toBeGreaterThan(ROUNDS);
  });
}));