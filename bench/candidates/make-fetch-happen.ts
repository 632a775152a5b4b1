/** make-fetch-happen, the `fetch` of npm: it keeps answers in files. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Candidate } from './candidate.js';

export const makeFetchHappen: Candidate = {
  title: 'make-fetch-happen',
  about:
    'The `fetch` of npm. It keeps answers in files, so that a hit reads from the disk, and each caller parses text.',
  reaches: 'once',
  data: 'own',
  needsServer: true,
  package: 'make-fetch-happen',
  open: async ({ baseURL, folder }) => {
    const { default: fetch } = await import('make-fetch-happen');
    const cachePath = join(folder, 'cache');
    const cachingFetch = fetch.defaults({ cachePath });
    return {
      get: async (path) => {
        const response = await cachingFetch(baseURL + path);
        return response.json();
      },
      look: (data) => ({ data, cached: undefined }),
      clear: () => {
        rmSync(cachePath, { recursive: true, force: true });
        mkdirSync(cachePath);
        return Promise.resolve();
      },
      close: () => Promise.resolve(),
    };
  },
};
