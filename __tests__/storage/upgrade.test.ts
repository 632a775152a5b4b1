/**
 * What former versions have left in a storage: this one answers with it or misses cleanly, and goes on from there. What
 * a later version has left is absent, and stays for that one. The files were written by the lib/ of the commit in their
 * names, one for each change of a format.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoStorage } from '../../lib/dynamo.js';
import { FilesystemStorage } from '../../lib/filesystem.js';
import type { CacheStorage } from '../../lib/index.js';
import { MongoStorage } from '../../lib/mongo.js';
import { RedisStorage } from '../../lib/redis.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { fromMap, KeyValueStorage } from '../../lib/storage.js';
import {
  type Dump, type Dumps, dynamoDumps, mongoDumps, readDump, redisDumps,
} from '../fixtures/upgrade/dumps.js';
import { FORMER_ON_ENGINES, LARGE, SEALED } from '../fixtures/upgrade/former.js';
import { clientOf, newTable } from '../support/dynamo.js';
import { LIMIT_MS } from '../support/describe-where.js';
import { type Expected, expectAbsent, expectGoesOn, expectLarge } from '../support/former.js';
import { databaseAt } from '../support/mongo.js';
import { root } from '../support/root.js';
import { describeOwnService } from '../support/services.js';

const fixtures = join(root, '__tests__/fixtures/upgrade');

/** A place that some version has filled, which storages are opened on. */
interface Filled {
  open(): CacheStorage;
  /** Raises the versions of all records that stand in it by so much, as if another version had written them. */
  raise(by: 1 | -1): unknown;
}

/** An engine with all that a dump has. */
interface FilledEngine {
  readonly dumps: Dumps;
  readonly url: string;
  readonly open: (options: object) => CacheStorage;
}

/** Raises the versions of records in `bytes`, in place. They stand behind a mark of two bytes. */
function raised(bytes: Uint8Array, by: number): Uint8Array {
  for (let at = 0; at + 2 < bytes.length; at += 1) {
    if (bytes[at] === 0xac && bytes[at + 1] === 0xca) bytes[at + 2] = (bytes[at + 2] ?? 0) + by;
  }
  return bytes;
}

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'upgrade-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

/** A copy, as the fixture must stay as it is. */
function filesOf(name: string, open: (path: string) => CacheStorage): Filled {
  const path = join(folder, name);
  cpSync(join(fixtures, name), path, { recursive: true });
  return {
    open: () => open(path),
    raise: (by) => {
      for (const each of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        const file = join(each.parentPath, each.name);
        if (each.isFile()) writeFileSync(file, raised(readFileSync(file), by));
      }
    },
  };
}

function keyValueOf(name: string): Filled {
  const written = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Record<string, string>;
  const records = new Map(Object.entries(written).map(([key, text]) =>
    [key, new Uint8Array(Buffer.from(text, 'base64'))]));
  return {
    open: () => new KeyValueStorage(fromMap(records)),
    // The secret is a record here, and a new one is made where it cannot be read: no process can do without.
    raise: (by) => { for (const [name, bytes] of records) if (name.includes(':e:')) raised(bytes, by); },
  };
}

const sqlite = (name: string) => (): Filled => filesOf(name, (path) => new SqliteStorage(path));
const files = (name: string) => (): Filled => filesOf(name, (path) => new FilesystemStorage(path));
const keyValue = (name: string) => (): Filled => keyValueOf(name);

const ROWS: readonly (readonly [name: string, expected: Expected, fill: () => Filled])[] = [
  ['sqlite-ec016d3.sqlite', 'misses', sqlite('sqlite-ec016d3.sqlite')],
  ['sqlite-56ad473.sqlite', 'misses', sqlite('sqlite-56ad473.sqlite')],
  ['sqlite-371da51.sqlite', 'misses', sqlite('sqlite-371da51.sqlite')],
  ['sqlite-ba880ad.sqlite', 'misses', sqlite('sqlite-ba880ad.sqlite')],
  ['sqlite-fd85737.sqlite', 'hits', sqlite('sqlite-fd85737.sqlite')],
  ['sqlite-a2a4995.sqlite', 'hits', sqlite('sqlite-a2a4995.sqlite')],
  ['files-5ee5629', 'hits', files('files-5ee5629')],
  ['files-a2a4995', 'hits', files('files-a2a4995')],
  ['key-value-6f9d4a8.json', 'hits', keyValue('key-value-6f9d4a8.json')],
  ['key-value-a2a4995.json', 'hits', keyValue('key-value-a2a4995.json')],
];

describe.each(ROWS)('%s: %s', (_name, expected, fill) => {
  test('each request is answered, with what was stored or anew, and is a hit from then on', () =>
    expectGoesOn(fill().open(), expected));
});

describe.each(ROWS.filter(([, expected]) => expected === 'hits'))('%s by a later version', (_name, _hits, fill) => {
  test('each request is answered anew, and is a hit from then on', async () => {
    const place = fill();
    await place.raise(1);
    await expectGoesOn(place.open(), 'misses');
  });

  test('it is absent here, and stays for the version that wrote it', async () => {
    const place = fill();
    await place.raise(1);
    await expectAbsent(place.open());
    await place.raise(-1);
    await expectGoesOn(place.open(), 'hits');
  });
});

/**
 * The versions in the base64 and the latin1 of dumps: three bytes of the one are four letters of the other. What is a
 * text in quotes of its own is no record, but a sealed secret.
 */
function raisedDump(dump: Dump, by: 1 | -1): Dump {
  const [from, to] = by === 1 ? [2, 3] : [3, 2];
  const letters = (version: number): string => `:"${Buffer.of(0xac, 0xca, version).toString('base64')}`;
  const text = JSON.stringify(dump)
    .replaceAll(letters(from), letters(to))
    .replaceAll(`¬Ê\\u000${from}`, `¬Ê\\u000${to}`);
  return JSON.parse(text) as Dump;
}

function describeOnEngine(
  name: string,
  service: 'redis' | 'mongo' | 'dynamodb',
  start: (url: string) => Promise<FilledEngine>,
): void {
  describeOwnService(service, (engine) => {
    const former = readDump(join(fixtures, name));
    const fill = async (): Promise<Pick<Filled, 'raise'> & Pick<FilledEngine, 'open'>> => {
      const { dumps, url, open } = await start(engine().url);
      await dumps.write(url, former);
      return {
        open,
        raise: async (by) => dumps.write(url, raisedDump(await dumps.read(url), by)),
      };
    };

    describe.each([['plain', {}], ['sealed', SEALED]])(`${name}, %s`, (_namespace, options) => {
      test('all is found, and goes on', async () => {
        const place = await fill();
        await expectLarge(place.open(options));
        await expectGoesOn(place.open(options), 'hits', FORMER_ON_ENGINES);
      }, LIMIT_MS);

      test('by a later version: each request is answered anew, and is a hit from then on', async () => {
        const place = await fill();
        await place.raise(1);
        await expectGoesOn(place.open(options), 'misses', FORMER_ON_ENGINES);
      }, LIMIT_MS);

      test('by a later version: it is absent here, and stays for the version that wrote it', async () => {
        const place = await fill();
        await place.raise(1);
        await expectAbsent(place.open(options), [...FORMER_ON_ENGINES, [LARGE, undefined]]);
        await place.raise(-1);
        await expectLarge(place.open(options));
        await expectGoesOn(place.open(options), 'hits', FORMER_ON_ENGINES);
      }, LIMIT_MS);
    });

    test(`${name}: what is sealed is absent without keys, and stays for who has them`, async () => {
      const place = await fill();
      await expectAbsent(place.open({ namespace: SEALED.namespace }), FORMER_ON_ENGINES);
      await expectGoesOn(place.open(SEALED), 'hits', FORMER_ON_ENGINES);
    }, LIMIT_MS);
  });
}

describeOnEngine('redis-6c559d6.json.gz', 'redis', async (url) => ({
  dumps: redisDumps,
  url,
  open: (options) => new RedisStorage({ url, ...options }),
}));

describeOnEngine('mongo-6c559d6.json.gz', 'mongo', async (url) => ({
  dumps: mongoDumps,
  url: databaseAt(url),
  open: (options) => new MongoStorage({ url: databaseAt(url), ...options }),
}));

describeOnEngine('dynamo-6c559d6.json.gz', 'dynamodb', async (url) => {
  const client = clientOf(url);
  const table = newTable();
  // The storage makes the table.
  const storage = new DynamoStorage({ table, client, createIfMissing: true });
  await storage.get('key', { resource: 'resource', tags: [] });
  await storage.close();
  return { dumps: dynamoDumps(table), url, open: (options) => new DynamoStorage({ table, client, ...options }) };
});
