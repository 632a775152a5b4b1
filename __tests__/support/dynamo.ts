/** DynamoStorage in tables of their own, and the same tables reached past it: to look into them, and to damage them. */
import {
  type AttributeValue, DeleteItemCommand, DynamoDBClient, paginateScan, PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CacheError } from '../../lib/api/errors.js';
import type { CacheStorage } from '../../lib/api/storage.js';
import type { StorageEngine } from '../../lib/storage/contract/rule.js';
import { DynamoStorage } from '../../lib/storage/dynamo/dynamo.js';
import type { DynamoStorageOptions } from '../../lib/storage/dynamo/options.js';
import { unswept } from './unswept.js';

type Item = Record<string, AttributeValue>;

let count = 0;

/** The name of a table that is not there yet. */
export function newTable(): string {
  count += 1;
  return `cache-${process.pid}-${count}`;
}

/** A client as a user has one. It is destroyed after the tests. */
export function clientOf(url: string, options: object = {}): DynamoDBClient {
  const client = new DynamoDBClient({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    // It warns on the console where many calls wait for a connection.
    requestHandler: { socketAcquisitionWarningTimeout: 600_000 },
    ...options,
  });
  clients.push(client);
  return client;
}

const clients: DynamoDBClient[] = [];
afterAll(() => {
  for (const client of clients) client.destroy();
});

/** What `storage` reports from now on. */
export function problemsOf(storage: DynamoStorage): readonly (readonly [operation: string, error: CacheError])[] {
  const problems: [string, CacheError][] = [];
  storage.onProblem((operation, error) => problems.push([operation, error]));
  return problems;
}

/** Every item of a table whose sort key fits. */
export async function itemsIn(client: DynamoDBClient, table: string, sort = /^/): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table, ConsistentRead: true })) {
    items.push(...Items.filter(({ s }) => sort.test(s?.S ?? '')));
  }
  return items;
}

export const HEADS = /^v#/;
export const TOKENS = /^[nt]$/;
const NAMESPACE = /^n$/;

export const isOf = (kind: 'r' | 't', { p }: Item): boolean => p?.S?.includes(`#${kind}#`) === true;

export async function rewrite(
  client: DynamoDBClient,
  table: string,
  sort: RegExp,
  change: (item: Item, index: number) => Item | undefined,
): Promise<void> {
  for (const [index, item] of (await itemsIn(client, table, sort)).entries()) {
    const { p, s } = item;
    const changed = change(item, index);
    if (changed !== undefined) await client.send(new PutItemCommand({ TableName: table, Item: changed }));
    else if (p !== undefined && s !== undefined) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: { p, s } }));
    }
  }
}

export function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  changed[at] = value;
  return changed;
}

/** Ways in which items are damaged. */
const DAMAGES: readonly ((item: Item) => Item)[] = [
  (item) => ({ ...item, f: { B: item['f']?.B?.subarray(0, 20) ?? new Uint8Array(1) } }),
  ({ f: _f, ...item }) => item,
  (item) => ({ ...item, tt: { S: '[' } }),
];

/** What the storage contract needs: each storage in a table of its own. */
export function engineOf(url: () => string): { create: () => CacheStorage; engine: StorageEngine } {
  const tables = new WeakMap<CacheStorage, string>();
  let known: DynamoDBClient | undefined;
  const client = (): DynamoDBClient => (known ??= clientOf(url()));
  const open = (table: string, options: DynamoStorageOptions = {}): CacheStorage => {
    const storage = new DynamoStorage({ table, client: client(), createIfMissing: true, ...options });
    tables.set(storage, table);
    return storage;
  };
  const tableOf = (storage: CacheStorage): string => tables.get(storage) ?? '';
  const reopen = (storage: CacheStorage): CacheStorage => open(tableOf(storage));
  const reopenAfter =
    (sort: RegExp, change: (item: Item, index: number) => Item | undefined) => async (storage: CacheStorage) => {
      await rewrite(client(), tableOf(storage), sort, change);
      return reopen(storage);
    };
  return {
    create: () => open(newTable()),
    engine: {
      reopen,
      reopenFenced: reopen,
      reopenAtomic: reopen,
      openOnSameClient: reopen,
      reopenWithoutTokens: reopenAfter(TOKENS, () => undefined),
      reopenWithoutNamespaceToken: reopenAfter(NAMESPACE, () => undefined),
      reopenWithoutResourceTokens: reopenAfter(TOKENS, (item) => (isOf('r', item) ? undefined : item)),
      reopenWithoutTagTokens: reopenAfter(TOKENS, (item) => (isOf('t', item) ? undefined : item)),
      reopenWithoutEntries: reopenAfter(HEADS, () => undefined),
      reopenUnswept: (storage) => unswept(reopen(storage), async () => {
        const kept = await itemsIn(client(), tableOf(storage), HEADS);
        return async () => {
          for (const Item of kept) await client().send(new PutItemCommand({ TableName: tableOf(storage), Item }));
        };
      }),
      openOtherNamespace: (storage) => open(tableOf(storage), { namespace: 'other' }),
      reopenInOtherFormat: reopenAfter(HEADS, (item) => ({
        ...item,
        f: { B: withByte(item['f']?.B ?? new Uint8Array(4), 2, 99) },
      })),
      reopenDamaged: reopenAfter(HEADS, (item, index) => DAMAGES[index % DAMAGES.length]?.(item)),
    },
  };
}
