// In a project of your own no configuration is needed: here the package is taken from its source.
import { join } from 'node:path';

const lib = join(import.meta.dirname, '..', '..', 'lib');

export default {
  test: { include: ['vitest.test.ts'] },
  resolve: {
    alias: [
      { find: /^axios-client-cache$/, replacement: join(lib, 'index.ts') },
      { find: /^axios-client-cache\/(.*)$/, replacement: join(lib, '$1.ts') },
    ],
  },
};
