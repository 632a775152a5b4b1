/** What DynamoStorage may be given, checked once. */
import { optionError, showValue } from '../../options/faults.js';
import type { RecordCodec } from '../record/codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from '../record/options.js';

export interface DynamoStorageOptions extends RecordOptions {
  /** The table; several caches may share one, by `namespace`. */
  table?: string;
  /**
   * A `DynamoDBClient` of yours, of `@aws-sdk/client-dynamodb`. Its settings stay as they are, and `close()` leaves it
   * open. @default one of the storage's own, with region, endpoint and credentials of the environment
   */
  client?: object;
  /**
   * Whether a table that is not there is made, paid by request, with the TTL that removes what nobody needs any more.
   * Without it, its absence is an error. @default false
   */
  createIfMissing?: boolean;
}

/** What a client of the AWS SDK has that is used here. */
export interface DynamoClient {
  send(command: object): Promise<unknown>;
}

export interface ResolvedDynamoOptions {
  readonly table: string;
  readonly client: DynamoClient | undefined;
  readonly createIfMissing: boolean;
  readonly namespace: string;
  readonly codec: RecordCodec;
}

const NAME = 'DynamoStorage';
const OWN_NAMES = ['table', 'client', 'createIfMissing'] as const satisfies readonly (keyof DynamoStorageOptions)[];

/** @throws CacheError `ERR_CACHE_OPTION` */
export function resolveDynamoOptions(given: string | DynamoStorageOptions): ResolvedDynamoOptions {
  const options = typeof given === 'string' ? { table: given } : given;
  checkOptionNames(options, OWN_NAMES, NAME);
  const { table, client, createIfMissing = false } = options;
  // The name of a table, or its ARN.
  const isName = typeof table === 'string' && /^[\w.\-:/]{3,1024}$/.test(table);
  if (!isName) throw wrong('table', table, 'the name of a table');
  if (client !== undefined && !isClient(client)) throw wrong('client', client, 'a DynamoDBClient');
  if (typeof createIfMissing !== 'boolean') throw wrong('createIfMissing', createIfMissing, 'true or false');
  return { table, client, createIfMissing, ...resolveRecordOptions(options, NAME) };
}

const isClient = (client: unknown): client is DynamoClient =>
  typeof client === 'object' && client !== null && 'send' in client && typeof client.send === 'function';

const wrong = (option: string, value: unknown, allowed: string): Error =>
  optionError(option, `${NAME}: ${option} must be ${allowed}; got ${showValue(value)}.`);
