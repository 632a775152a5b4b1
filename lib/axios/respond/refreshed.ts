/**
 * This file hands the answer of a background refresh to a caller's `onRefreshed`, as axios would have handed it out.
 */
import type { AxiosHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { CachedAxiosResponse } from '../../api/response.js';
import { type RespondContext, respond } from './respond.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

/**
 * Rejects as the request would have: by its `validateStatus`, its limits, its transforms; and as `listener` throws.
 * Where that gives a promise, `failed` is told of its failure, and nobody waits: `close()` is not for a listener to
 * delay, which may be waiting for it.
 */
export async function handRefreshed(
  outcome: Outcome,
  config: InternalAxiosRequestConfig,
  context: RespondContext,
  listener: (response: CachedAxiosResponse) => unknown,
  failed: (error: unknown) => void,
): Promise<void> {
  const response = await respond(outcome, config, context);
  const { cached = false, cache = context.info } = response;
  const listening = listener({ ...transformed(response, config), cached, cache });
  void Promise.resolve(listening).catch(failed);
}

/** Does what axios does with a response after its adapter. */
function transformed(response: AxiosResponse, config: InternalAxiosRequestConfig): AxiosResponse {
  const headers = response.headers as AxiosHeaders;
  let data: unknown = response.data;
  for (const transform of [config.transformResponse ?? []].flat()) {
    data = transform.call(config, data, headers.normalize(false), response.status) as unknown;
  }
  return { ...response, data, headers };
}
