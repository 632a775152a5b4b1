/** The storage contract, for authors of storages: `axios-client-cache/storage-contract`. */

export type { CreateStorage, StorageEngine, StorageRule } from './storage/contract/rule.js';
export { STORAGE_RULES } from './storage/contract/rules.js';
