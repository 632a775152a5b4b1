/** The way to DynamoDB: the SDK, loaded when it is first needed, an own client or the user's, and the table. */
import type * as Sdk from '@aws-sdk/client-dynamodb';
import { setTimeout as wait } from 'node:timers/promises';
import { CacheError } from '../../api/errors.js';
import type { DynamoClient } from './options.js';
import { PARTITION, SORT, TTL } from './schema.js';

/** An own client gives up soon, as a request waits for it; one more attempt is for a connection that had gone. */
const OWN_CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1500, throwOnRequestTimeout: true, logger: silent() },
} as const;
/** How often it is looked whether a new table is there, and for how long. */
const LOOK_EVERY_MS = 200;
const LONGEST_CREATION_MS = 60_000;

export interface ConnectionOptions {
  readonly table: string;
  readonly client: DynamoClient | undefined;
  readonly createIfMissing: boolean;
  /** Is told where the table cannot remove by itself what has expired. */
  readonly onWithoutTtl: (cause: unknown) => void;
}

/** Makes the command to be sent. */
export type MakeCommand = (sdk: typeof Sdk, table: string) => object;

export class DynamoConnection {
  readonly #options: ConnectionOptions;
  #sdk: Promise<typeof Sdk> | undefined;
  #ownClient: Sdk.DynamoDBClient | undefined;
  #creation: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** @throws CacheError `ERR_CACHE_DRIVER`, or `ERR_CACHE_STORAGE` where there is no table; or what the SDK throws. */
  async send<Output>(command: MakeCommand): Promise<Output> {
    const sdk = await this.#load();
    const sendOnce = (): Promise<Output> => this.#send(sdk, command);
    try {
      return await sendOnce();
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      const { table, createIfMissing } = this.#options;
      if (!createIfMissing) {
        const remedy = 'Make it as the docs say, or give { createIfMissing: true }.';
        const message = `DynamoStorage: there is no table "${table}". ${remedy}`;
        throw new CacheError('ERR_CACHE_STORAGE', message, { cause: error });
      }
      this.#creation ??= this.#create(sdk).finally(() => { this.#creation = undefined; });
      await this.#creation;
      return await sendOnce();
    }
  }

  /** A client of the user's stays open. */
  close(): void {
    this.#ownClient?.destroy();
  }

  #send<Output>(sdk: typeof Sdk, command: MakeCommand): Promise<Output> {
    const client: DynamoClient = this.#options.client ?? (this.#ownClient ??= new sdk.DynamoDBClient(OWN_CLIENT));
    return client.send(command(sdk, this.#options.table)) as Promise<Output>;
  }

  async #load(): Promise<typeof Sdk> {
    this.#sdk ??= import('@aws-sdk/client-dynamodb');
    try {
      return await this.#sdk;
    } catch (cause) {
      this.#sdk = undefined;
      const remedy = 'Run "npm install @aws-sdk/client-dynamodb".';
      throw new CacheError('ERR_CACHE_DRIVER', `DynamoStorage needs @aws-sdk/client-dynamodb. ${remedy}`, { cause });
    }
  }

  /** Another process may be making the table at this moment. */
  async #create(sdk: typeof Sdk): Promise<void> {
    const attributes = [PARTITION, SORT];
    try {
      await this.#send(sdk, (_, table) => new sdk.CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: attributes.map((name, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
        AttributeDefinitions: attributes.map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      }));
    } catch (error) {
      if (!isNamed(error, 'ResourceInUseException')) throw error;
    }
    for (let waitedMs = 0; !(await this.#isActive(sdk)); waitedMs += LOOK_EVERY_MS) {
      if (waitedMs > LONGEST_CREATION_MS) throw new Error('the new table does not become active');
      await wait(LOOK_EVERY_MS, undefined, { ref: false });
    }
    await this.#enableTtl(sdk);
  }

  async #isActive(sdk: typeof Sdk): Promise<boolean> {
    const describe: MakeCommand = (_, table) => new sdk.DescribeTableCommand({ TableName: table });
    const { Table: described } = await this.#send<Sdk.DescribeTableCommandOutput>(sdk, describe);
    return described?.TableStatus === 'ACTIVE';
  }

  async #enableTtl(sdk: typeof Sdk): Promise<void> {
    const specification = { AttributeName: TTL, Enabled: true };
    try {
      await this.#send(sdk, (_, table) => new sdk.UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: specification,
      }));
    } catch (cause) {
      this.#options.onWithoutTtl(cause);
    }
  }
}

/** The SDK would write warnings to the console. */
function silent() {
  const ignore = (): void => undefined;
  return { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
}

/** Errors of the SDK are told by their names. */
export const isNamed = (error: unknown, name: string): boolean =>
  (error as { readonly name?: unknown } | undefined)?.name === name;
