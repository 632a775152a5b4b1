/**
 * The panel that shows what a cache does, as a custom element: `axios-client-cache/devtools`. To import it defines the
 * element; where there is no document, such as on a server, nothing happens.
 */
import { defineDevtools } from './devtools/define.js';

export type { DevtoolsCache, DevtoolsEntry } from './devtools/cache.js';
export type { DevtoolsElement } from './devtools/define.js';
export { defineDevtools };

defineDevtools();
