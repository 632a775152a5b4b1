/** This file has the types of what is asked of a body's bytes and of the functions that make it. */
import type { Dialect } from '../native/dialect.js';

/** This is what a caller asks of a body, and what the response says of the body. */
export interface DataRequest {
  readonly responseType: string | undefined;
  /** Only the http adapter reads this. */
  readonly responseEncoding: string | undefined;
  readonly contentType: string | undefined;
  /** A dialect is one of axios' own adapters; this is `undefined` for any other. */
  readonly dialect: Dialect | undefined;
  /** This is the response's status; it is `undefined` where the response is known to have a body. */
  readonly status?: number | undefined;
}

/** A reader makes of the bytes what one adapter gives for one `responseType`. */
export type Reader = (bytes: Uint8Array, request: DataRequest) => unknown;
