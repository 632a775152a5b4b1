/** A fast storage in front of a shared one: `axios-client-cache/tiered`. */
export type { InvalidationBus } from './api/bus.js';
export type { TieredOptions } from './storage/tiered/options.js';
export { TieredStorage } from './storage/tiered/tiered.js';
