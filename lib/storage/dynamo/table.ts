/** Reads and writes of items, with what DynamoDB leaves undone done again. */
import type * as Sdk from '@aws-sdk/client-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import { type DynamoConnection, isNamed, type MakeCommand } from './connection.js';
import { type Item, type ItemKey, keyItem, keyOfItem, PARTITION, SORT } from './schema.js';

/** What DynamoDB takes in one request. */
const READ_AT_ONCE = 100;
const WRITTEN_AT_ONCE = 25;
/** How often what was left undone for lack of capacity is tried again; the waits double. */
const RETRIES = 5;
const FIRST_WAIT_MS = 25;

export interface Update {
  readonly update: string;
  readonly condition?: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
  readonly returns?: 'ALL_NEW' | 'ALL_OLD';
}

export type Write = { readonly put: Item } | { readonly remove: ItemKey };

export class DynamoTable {
  readonly #connection: DynamoConnection;

  constructor(connection: DynamoConnection) {
    this.#connection = connection;
  }

  /**
   * The items that are there, by `nameOf` their keys. Reads are consistent: a token that was changed before must be
   * seen, and so must an entry that was deleted by itself.
   */
  async read(keys: readonly ItemKey[], attributes?: readonly string[]): Promise<ReadonlyMap<string, Item>> {
    // DynamoDB refuses a key that comes twice.
    const wanted = [...new Map(keys.map((key) => [nameOf(key), key])).values()].map(keyItem);
    const found = await Promise.all(chunksOf(wanted, READ_AT_ONCE).map((some) => this.#readSome(some, attributes)));
    return new Map(found.flat().map((item) => [nameOf(keyOfItem(item)), item]));
  }

  /** Every item of a partition whose sort key begins so, page by page. */
  async *query(partition: string, prefix: string, attributes?: readonly string[]): AsyncGenerator<readonly Item[]> {
    for (let start: Item | undefined, isFirst = true; isFirst || start !== undefined; isFirst = false) {
      const page: Sdk.QueryCommandOutput = await this.#connection.send((sdk, table) => new sdk.QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: `${PARTITION} = :p AND begins_with(${SORT}, :s)`,
        ExpressionAttributeValues: { ':p': { S: partition }, ':s': { S: prefix } },
        ExclusiveStartKey: start,
        ...projected(attributes),
      }));
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
    }
  }

  /** All of the table, page by page; `filter` says what of it. */
  async *scan(filter: string, values: Item, attributes: readonly string[]): AsyncGenerator<readonly Item[]> {
    for (let start: Item | undefined, isFirst = true; isFirst || start !== undefined; isFirst = false) {
      const page: Sdk.ScanCommandOutput = await this.#connection.send((sdk, table) => new sdk.ScanCommand({
        TableName: table,
        ConsistentRead: true,
        FilterExpression: filter,
        ExpressionAttributeValues: values,
        ExclusiveStartKey: start,
        ...projected(attributes),
      }));
      yield page.Items ?? [];
      start = page.LastEvaluatedKey;
    }
  }

  /** The item that was there before, empty where there was none; `undefined` where the condition does not hold. */
  put(item: Item, condition?: string, values?: Item): Promise<Item | undefined> {
    return this.#conditional((sdk, table) => new sdk.PutItemCommand({
      TableName: table,
      Item: item,
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
      ReturnValues: 'ALL_OLD',
    }));
  }

  /** The item as `returns` says, empty where it says nothing; `undefined` where the condition does not hold. */
  update(key: ItemKey, { update, condition, names, values, returns }: Update): Promise<Item | undefined> {
    return this.#conditional((sdk, table) => new sdk.UpdateItemCommand({
      TableName: table,
      Key: keyItem(key),
      UpdateExpression: update,
      ConditionExpression: condition,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: returns ?? 'NONE',
    }));
  }

  /** Whether it was there, and as the condition says. */
  async remove(key: ItemKey, condition: string, values?: Item): Promise<boolean> {
    const removed = await this.#conditional((sdk, table) => new sdk.DeleteItemCommand({
      TableName: table,
      Key: keyItem(key),
      ConditionExpression: condition,
      ExpressionAttributeValues: values,
    }));
    return removed !== undefined;
  }

  /** Unconditional writes, some at once. */
  async write(writes: readonly Write[]): Promise<void> {
    const requests = writes.map((write) =>
      'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: keyItem(write.remove) } },
    );
    for (const some of chunksOf(requests, WRITTEN_AT_ONCE)) await this.#writeSome(some);
  }

  async #writeSome(requests: readonly Sdk.WriteRequest[]): Promise<void> {
    await untilDone(requests, async (left) => {
      const make: MakeCommand = (sdk, table) => new sdk.BatchWriteItemCommand({ RequestItems: { [table]: [...left] } });
      const { UnprocessedItems = {} } = await this.#connection.send<Sdk.BatchWriteItemCommandOutput>(make);
      return Object.values(UnprocessedItems).flat();
    });
  }

  async #readSome(keys: readonly Item[], attributes: readonly string[] | undefined): Promise<readonly Item[]> {
    const found: Item[] = [];
    await untilDone(keys, async (left) => {
      const wanted = { ConsistentRead: true, Keys: [...left], ...projected(attributes) };
      const make: MakeCommand = (sdk, table) => new sdk.BatchGetItemCommand({ RequestItems: { [table]: wanted } });
      const answer = await this.#connection.send<Sdk.BatchGetItemCommandOutput>(make);
      found.push(...Object.values(answer.Responses ?? {}).flat());
      return Object.values(answer.UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys);
    });
    return found;
  }

  async #conditional(command: MakeCommand): Promise<Item | undefined> {
    try {
      return (await this.#connection.send<{ readonly Attributes?: Item | undefined }>(command)).Attributes ?? {};
    } catch (error) {
      if (isNamed(error, 'ConditionalCheckFailedException')) return undefined;
      throw error;
    }
  }
}

export const nameOf = ({ p, s }: ItemKey): string => `${p} ${s}`;

/** No name of an attribute is a word of DynamoDB's language, so that none needs a stand-in. */
const projected = (attributes: readonly string[] | undefined) =>
  attributes && { ProjectionExpression: attributes.join(', ') };

const chunksOf = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));

/** @param work gives what DynamoDB left undone. */
async function untilDone<T>(all: readonly T[], work: (left: readonly T[]) => Promise<readonly T[]>): Promise<void> {
  let left = await work(all);
  for (let retries = 0; left.length > 0; retries += 1) {
    if (retries === RETRIES) throw new Error(`DynamoDB left ${left.length} items undone for lack of capacity`);
    await wait(FIRST_WAIT_MS * 2 ** retries * (0.5 + Math.random()));
    left = await work(left);
  }
}
