/** Rules about listings, meta values, many callers at once, and the end of a storage. */
import type { CacheStorage, StoredEntryInfo } from '../../api/storage.js';
import { nextTurn } from '../../support/timers.js';
import {
  expectEqual,
  expectListed,
  expectStored,
  expectTrue,
  FUTURE_MS,
  list,
  lookUp,
  ofKey,
  type RuleRow,
  sample,
  samples,
  setAll,
  withoutBody,
} from './rule.js';

/** More than the page of any engine. */
const MANY = 1200;
const CONCURRENT = 500;

export const LISTING_RULES: readonly RuleRow[] = [
  ['The listing has every entry, its size in place of its body', async (storage) => {
    const entries = [
      sample({ tags: ['a', 'b'], body: new Uint8Array(0) }),
      sample({ variant: 'en', body: new Uint8Array(1000) }),
      sample({ key: 'other', resource: 'other', head: '"é"' }),
    ];
    await setAll(storage, entries);
    await expectListed(storage, entries, 'with three entries');
    for (const info of await list(storage)) expectTrue(!('body' in info), 'the listing holds a body');
  }],
  ['The listing is of now: sets, touches and deletes are seen', async (storage) => {
    const renewed = sample({ head: 'renewed', tags: ['new'] });
    await setAll(storage, [sample({ tags: ['old'] }), sample({ key: 'gone' })]);
    await list(storage);
    await storage.touch(withoutBody(renewed));
    await storage.delete(ofKey('gone'));
    await expectListed(storage, [renewed], 'after touch and delete');
  }],
  ['A listing is complete, however many entries there are', async (storage) => {
    const entries = samples(MANY);
    await setAll(storage, entries);
    await expectListed(storage, entries, `with ${MANY} entries`);
  }],
  ['A listing goes on while entries are written and deleted: each that stays is listed once', async (storage) => {
    const stay = samples(60, (index) => ({ key: `stays ${index}` }));
    const go = samples(60, (index) => ({ key: `goes ${index}` }));
    for (const [index, entry] of stay.entries()) await setAll(storage, [go[index] ?? entry, entry]);
    const listed: StoredEntryInfo[] = [];
    for await (const info of storage.entries()) {
      const next = go.pop();
      if (next !== undefined) {
        await storage.delete(ofKey(next.key));
        await storage.set(sample({ key: `new ${go.length}` }));
      }
      listed.push(info);
    }
    const seen = listed.map(({ key }) => key).filter((key) => key.startsWith('stays'));
    expectEqual(seen.sort(), stay.map(({ key }) => key).sort(), 'the entries that stayed, as listed');
  }],
  ['A listing that is left early holds nothing up', async (storage) => {
    await setAll(storage, samples(10));
    for await (const info of storage.entries()) {
      expectTrue(info.key !== '', 'the listing has an entry without a key');
      break;
    }
    await storage.set(sample());
    expectEqual(await storage.delete({ resource: 'resource' }), 11, 'delete after a listing that was left');
    await expectListed(storage, [], 'after a listing that was left and a delete');
  }],
];

export const META_RULES: readonly RuleRow[] = [
  ['A meta value is made once, each name its own', async (storage) => {
    expectEqual(await storage.meta('a', () => 'first'), 'first', 'meta of an absent name');
    expectEqual(await storage.meta('a', () => 'second'), 'first', 'meta of a present name');
    expectEqual(await storage.meta('A', () => 'other'), 'other', 'meta of another name');
    const long = '"é"\n'.repeat(1000);
    expectEqual(await storage.meta('long', () => long), long, 'meta of a long text');
    expectEqual(await storage.meta('long', () => 'later'), long, 'meta of a long text, read back');
  }],
  ['Callers who make a meta value at once agree on it', async (storage) => {
    const makers = Array.from({ length: 20 }, (_, index) => () => `value ${index}`);
    const values = await Promise.all(makers.map(async (make) => storage.meta('a', make)));
    expectEqual(new Set(values).size, 1, 'how many different values twenty callers got');
    expectEqual(await storage.meta('a', () => 'later'), values[0], 'meta afterwards');
  }],
  ['Meta values survive clear', async (storage) => {
    await storage.meta('a', () => 'first');
    await storage.clear();
    expectEqual(await storage.meta('a', () => 'second'), 'first', 'meta after clear');
  }],
  ['Meta values are no entries', async (storage) => {
    await storage.meta('key', () => 'value');
    await expectListed(storage, [], 'with a meta value');
    await expectStored(storage, 'key', [], 'with a meta value of that name');
    expectEqual(await storage.delete(ofKey()), 0, 'delete of a key that is the name of a meta value');
    await storage.deleteExpired(FUTURE_MS);
    expectEqual(await storage.meta('key', () => 'again'), 'value', 'meta after delete');
  }],
];

export const CONCURRENCY_RULES: readonly RuleRow[] = [
  [`${CONCURRENT} sets and gets at once do not mix`, async (storage) => {
    const entries = samples(CONCURRENT, (index) => ({ head: `${index}`, body: Uint8Array.of(index, index >> 8) }));
    await Promise.all(entries.map(async (entry) => storage.set(entry)));
    await Promise.all(entries.map((entry) => expectStored(storage, entry.key, [entry], 'after sets at once')));
  }],
  ['A reader sees an entry whole or not at all', async (storage) => {
    const version = (index: number) => sample({ head: `${index}`, body: new Uint8Array(index + 1).fill(index) });
    const readWhole = async (): Promise<void> => {
      for (const { head, body } of (await lookUp(storage)).entries) {
        const index = Number(head);
        const whole = body.byteLength === index + 1 && body.every((byte) => byte === index);
        expectTrue(whole, `the body under head ${head} is of another version: ${body.byteLength} bytes of ${body[0]}`);
      }
    };
    const readOften = async (): Promise<void> => {
      for (let times = 0; times < 5; times += 1) await readWhole();
    };
    await storage.set(version(0));
    const writeAndRead = async (index: number): Promise<void> => {
      await Promise.all([storage.set(version(index)), readOften()]);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => writeAndRead(index)));
    await readWhole();
    expectEqual((await lookUp(storage)).entries.length, 1, 'how many entries are left');
  }],
];

export const CLOSING_RULES: readonly RuleRow[] = [
  ['Close twice is once', async (storage) => {
    await storage.set(sample());
    await Promise.all([storage.close(), storage.close()]);
    await storage.close();
  }],
  ['Close waits for the calls under way, which end well', async (storage) => {
    await storage.set(sample());
    const underWay = Object.entries(CALLS).map(([method, call]) => watched(method, () => call(storage)));
    await storage.close();
    // Who waits for a call may be told of its end just after who waits for close is.
    await nextTurn();
    for (const { method, outcome } of underWay) expectEqual(outcome(), 'done', `${method} once close had resolved`);
  }],
  ['After close every other method rejects with the code ERR_CACHE_CLOSED', async (storage) => {
    await storage.set(sample());
    await storage.meta('a', () => 'first');
    await storage.close();
    for (const [method, call] of Object.entries({ ...CALLS, entries: list })) {
      const rejection = await rejectionOf(method, () => call(storage));
      expectEqual(rejection['code'], 'ERR_CACHE_CLOSED', `the code that ${method} rejects with after close`);
    }
  }],
];

const CALLS: Readonly<Record<string, (storage: CacheStorage) => unknown>> = {
  get: (storage) => lookUp(storage),
  set: (storage) => storage.set(sample()),
  delete: (storage) => storage.delete(ofKey()),
  deleteExpired: (storage) => storage.deleteExpired(0),
  clear: (storage) => storage.clear(),
  touch: (storage) => storage.touch(withoutBody(sample())),
  meta: (storage) => storage.meta('a', () => 'again'),
};

/** Begins a call, and tells how far it is. */
function watched(method: string, call: () => unknown): { readonly method: string; readonly outcome: () => string } {
  let outcome = 'still under way';
  const ended = new Promise((resolve) => { resolve(call()); });
  ended.then(() => { outcome = 'done'; }, (error: unknown) => { outcome = String(error); });
  return { method, outcome: () => outcome };
}

/** A call that throws has rejected (rule 10 of the port). */
async function rejectionOf(method: string, call: () => unknown): Promise<Readonly<Record<string, unknown>>> {
  let failure: unknown;
  try {
    await call();
  } catch (error) {
    failure = error;
  }
  // An engine may throw errors of another realm, which only their tag tells.
  const isError = failure instanceof Error || Object.prototype.toString.call(failure) === '[object Error]';
  expectTrue(isError, `${method} after close did not reject with an Error`);
  return failure as Readonly<Record<string, unknown>>;
}
