/** Contestants that are asked through axios, over an origin in this process that answers at once. */
import type { AxiosInstance, AxiosResponse } from 'axios';
import { createInstance } from '../candidates/on-axios.js';
import { inProcessOrigin } from '../origins.js';
import { PAYLOAD } from './measure.js';
import { HIT_KEYS, hitKey, newKey } from './on-storage.js';
import type { Contestant } from './scenario.js';

/** axios-cache-interceptor has no type for `cached` on axios' own responses. */
type Result = AxiosResponse<unknown> & { readonly cached?: boolean };

export const instanceOverOrigin = (): AxiosInstance =>
  createInstance({ baseURL: 'https://origin.test', adapter: inProcessOrigin(PAYLOAD, 'fresh', 'at once').adapter });

/** Of axios alone every request reaches the origin, which is as fast as a storage could be. */
export async function axiosHit(id: string, title: string, instance: AxiosInstance): Promise<Contestant> {
  for (const key of HIT_KEYS) await instance.get(key);
  return {
    id,
    title,
    operation: (turn) => instance.get(hitKey(turn)),
    check: async (turn) => {
      const { data, cached = true } = await instance.get<unknown, Result>(hitKey(turn));
      return cached ? JSON.stringify(data) : 'an answer of the origin';
    },
  };
}

/** @param settle waits for what goes on behind the answers. */
export const axiosMiss = (
  id: string,
  title: string,
  instance: AxiosInstance,
  settle?: () => Promise<void>,
): Contestant => ({
  id,
  title,
  operation: (turn) => instance.get(newKey(turn)),
  ...(settle && { after: settle }),
  check: async (turn) => {
    const { cached: isStored = false } = await instance.get<unknown, Result>(newKey(turn));
    await settle?.();
    const { data, cached = true } = await instance.get<unknown, Result>(newKey(turn));
    return cached && !isStored ? JSON.stringify(data) : 'what is not the answer to a miss and then to a hit';
  },
});
