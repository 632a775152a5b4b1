/** This file has the types of what is asked of a body's bytes and of the functions that make it. */

/** This is what a caller asks of a body. */
export interface AskedData {
  readonly responseType?: string | null | undefined;
  /** Only the http adapter reads this. */
  readonly responseEncoding?: string | undefined;
}

/**
 * A reader makes of the bytes what one adapter gives for one `responseType`. The response's status is `undefined` where
 * it is known to have a body.
 */
export type Reader = (bytes: Uint8Array, contentType: string | undefined, asked: AskedData, status?: number) => unknown;
