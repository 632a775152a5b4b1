/** Where a browser runs this. */

/** Gives the origin of the page or the worker; `undefined` outside browsers. */
export const pageOrigin = (): string | undefined =>
  (globalThis as { location?: { origin?: string } }).location?.origin;

/** Tells whether a browser runs this: in a page, or in a worker. */
export const isInPage = (): boolean => pageOrigin() !== undefined;
