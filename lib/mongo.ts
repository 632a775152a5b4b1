/** The storage in a MongoDB collection: `axios-client-cache/mongo`. */
export type { ProblemListener } from './api/storage.js';
export type { RecordOptions } from './storage/record/options.js';
export type { MongoStorageOptions } from './storage/mongo/options.js';
export { MongoStorage } from './storage/mongo/mongo.js';
