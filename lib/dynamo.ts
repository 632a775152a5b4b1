/** The storage in a table of DynamoDB: `axios-client-cache/dynamo`. */
export { DynamoStorage } from './storage/dynamo/dynamo.js';
export type { DynamoStorageOptions } from './storage/dynamo/options.js';
