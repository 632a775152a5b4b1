/** This file stands in for http-request.ts in browsers, which have no http adapter. */
import { type StoredExchange, StoredRequest } from './stored-request.js';

export const requestOf = (exchange: StoredExchange): StoredRequest => new StoredRequest(exchange);

export const describeStream = (): void => undefined;
