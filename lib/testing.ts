/** For tests: requests that are recorded once and replayed without a server, `axios-client-cache/testing`. */
export { HarStorage, type HarStorageOptions } from './testing/har-storage.js';
export { recordReplay, type RecordReplayOptions } from './testing/record-replay.js';
export type { RecordMode } from './testing/recording-storage.js';
