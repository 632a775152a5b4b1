/** The storage in an SQLite database: `axios-client-cache/sqlite`. */
export type { ProblemListener } from './api/storage.js';
export type { SqliteDriverName } from './storage/sqlite/database.js';
export type { SqliteStorageOptions } from './storage/sqlite/options.js';
export { SqliteStorage } from './storage/sqlite/sqlite.js';
