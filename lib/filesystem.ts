/** The storage in a folder: `axios-client-cache/filesystem`. */
export type { FilesystemStorageOptions } from './storage/filesystem/options.js';
export { FilesystemStorage } from './storage/filesystem/filesystem.js';
