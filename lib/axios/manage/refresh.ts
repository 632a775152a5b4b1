/** This file makes a request that asks the origin whatever is stored, for `instance.cache.refresh`. */
import type { AxiosRequestConfig } from 'axios';
import type { Place } from './managed-requests.js';
import { inMode } from '../request/fetch-mode.js';
import type { CacheSetting } from '../../api/options.js';
import type { CachedAxiosResponse } from '../../api/response.js';

export async function refresh(
  { instance }: Place,
  url: string,
  config: AxiosRequestConfig = {},
): Promise<CachedAxiosResponse> {
  const setting = config.cache ?? (instance.defaults as AxiosRequestConfig).cache ?? true;
  const cache = inMode('reload', setting) as CacheSetting;
  return instance.request<unknown, CachedAxiosResponse>({ ...config, url, method: config.method ?? 'get', cache });
}
