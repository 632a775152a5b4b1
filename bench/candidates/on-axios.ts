/** What the candidates that work on axios have in common. */
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { type Client, doNothing, type Setting } from './candidate.js';

export const createInstance = ({ baseURL, adapter }: Pick<Setting, 'baseURL' | 'adapter'>): AxiosInstance =>
  axios.create({ baseURL, proxy: false, ...(adapter && { adapter }) });

/** axios-cache-interceptor has no type for `cached` on axios' own responses, and axios alone has no such member. */
type Result = AxiosResponse<unknown> & { readonly cached?: boolean };

export function clientOf(instance: AxiosInstance, rest: Partial<Pick<Client, 'clear' | 'close'>>): Client {
  return {
    get: (path, config) => instance.get(path, config),
    look: (result) => {
      const { data, cached } = result as Result;
      return { data, cached };
    },
    clear: doNothing,
    close: doNothing,
    ...rest,
  };
}
