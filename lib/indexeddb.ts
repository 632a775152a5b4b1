/** The storage in a browser's IndexedDB, and a bus between its tabs: `axios-client-cache/indexeddb`. */
export { BroadcastBus } from './storage/indexeddb/broadcast-bus.js';
export { IndexedDbStorage } from './storage/indexeddb/indexeddb.js';
export type { IndexedDbStorageOptions } from './storage/indexeddb/options.js';
