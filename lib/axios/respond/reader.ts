/** What is asked of the bytes of a body, and who makes it of them. */
import type { Dialect } from '../native/dialect.js';

/** What a caller asks of a body, and what the response says of it. */
export interface DataRequest {
  readonly responseType: string | undefined;
  /** Read by the http adapter alone. */
  readonly responseEncoding: string | undefined;
  readonly contentType: string | undefined;
  /** `undefined`: an adapter that is none of axios' own. */
  readonly dialect: Dialect | undefined;
  /** Of the response; `undefined` = one that has a body. */
  readonly status?: number | undefined;
}

/** Makes of the bytes what one adapter gives for one `responseType`. */
export type Reader = (bytes: Uint8Array, request: DataRequest) => unknown;
