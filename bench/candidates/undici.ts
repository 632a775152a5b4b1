/** The cache interceptor of undici, which is what Node's own `fetch` is made of. */
import { type Candidate, doNothing } from './candidate.js';

export const undici: Candidate = {
  title: 'undici, cache interceptor',
  about: '`request` of undici through `interceptors.cache()`. It keeps bytes, and each caller parses them.',
  reaches: 'once',
  losesRenewed: true,
  data: 'own',
  needsServer: true,
  package: 'undici',
  open: async ({ baseURL }) => {
    const { Agent, cacheStores, interceptors, request } = await import('undici');
    const agent = new Agent();
    let dispatcher = agent.compose(interceptors.cache());
    return {
      get: async (path) => {
        const { body } = await request(baseURL + path, { dispatcher });
        return body.json();
      },
      look: (data) => ({ data, cached: undefined }),
      clear: () => {
        dispatcher = agent.compose(interceptors.cache({ store: new cacheStores.MemoryCacheStore() }));
        return Promise.resolve();
      },
      close: () => agent.close().catch(doNothing),
    };
  },
};
