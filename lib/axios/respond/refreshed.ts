/**
 * This file hands the answer of a background refresh to a caller's `onRefreshed`, as axios would have handed it out.
 */
import { AxiosHeaders, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { CachedAxiosResponse } from '../../api/response.js';
import { type RespondContext, respond } from './respond.js';
import type { Outcome } from '../../engine/exchange/outcome.js';

/**
 * Calls `listener` with the response. It rejects as the request would have (by its `validateStatus`, its limits, its
 * transforms), and with what `listener` throws. If `listener` returns a promise, nobody waits for it, since it may
 * itself wait for `close()`, which waits for this function; `failed` is called if that promise fails.
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
  const headers = AxiosHeaders.from(response.headers as AxiosHeaders);
  let data: unknown = response.data;
  for (const transform of [config.transformResponse ?? []].flat()) {
    data = transform.call(config, data, headers.normalize(false), response.status) as unknown;
  }
  return { ...response, data, headers };
}
