/** cacheable-request, the cache of got: a wrapper around `http.request`. */
import { Agent, request as httpRequest } from 'node:http';
import { text as textOfStream } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import type { Candidate, Client } from './candidate.js';

export const cacheableRequest: Candidate = {
  title: 'cacheable-request',
  about: '`http.request` with the cache of got, which keeps text in memory and decodes and parses it for each caller.',
  reaches: 'once',
  data: 'own',
  needsServer: true,
  package: 'cacheable-request',
  open: async ({ baseURL }) => {
    const { default: CacheableRequest } = await import('cacheable-request');
    const agent = new Agent({ keepAlive: true });
    const cacheable = new CacheableRequest(httpRequest);
    const send = cacheable.request();
    const get: Client['get'] = async (path) => {
      const response = await new Promise<Readable>((resolve, reject) => {
        send({ ...optionsOf(baseURL, path), agent }, (each: unknown) => {
          resolve(each as Readable);
        })
          .on('request', (request) => {
            request.end();
          })
          .on('error', reject);
      });
      const data = JSON.parse(await textOfStream(response)) as unknown;
      // It forgets a listener at each request, and would soon be slowed down by thousands of them.
      cacheable.cache.removeAllListeners('error');
      return data;
    };
    return {
      get,
      look: (data) => ({ data, cached: undefined }),
      clear: () => cacheable.cache.clear(),
      close: () => {
        agent.destroy();
        return Promise.resolve();
      },
    };
  },
};

function optionsOf(baseURL: string, path: string): object {
  const { hostname, port, protocol } = new URL(baseURL);
  return { protocol, hostname, port, path, method: 'GET' };
}
