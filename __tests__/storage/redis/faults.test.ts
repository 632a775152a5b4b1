/** Whatever goes wrong with Redis or the way to it, requests are answered by the origin. */
import { RedisStorage } from '../../../lib/redis.js';
import { command } from '../../../services/redis.js';
import { describeOwnService, describeService } from '../../support/services.js';
import { allowNoUnhandledRejection } from '../../support/unhandled.js';
import { type Concerns, describeGuard, describeGuardOnNetwork, newNamespace } from '../describe-guard.js';

allowNoUnhandledRejection();

describeService('redis', (engine) => {
  describeGuardOnNetwork('RedisStorage', () => engine().url, (url, namespace) => new RedisStorage({ url, namespace }));
});

type RedisFault = keyof typeof FAULTS;
/** What makes the server do so, and what ends it. */
const FAULTS = {
  'refuses every command': [
    ['ACL', 'SETUSER', 'default', '-@all', '+acl', '+hello', '+client'],
    ['ACL', 'SETUSER', 'default', '+@all'],
  ],
  'is full': [['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  'is read-only': [['CONFIG', 'SET', 'min-replicas-to-write', '1'], ['CONFIG', 'SET', 'min-replicas-to-write', '0']],
} as const;
const CONCERNS: Readonly<Record<RedisFault, Concerns>> = {
  'refuses every command': 'everything',
  'is full': 'writes',
  'is read-only': 'writes',
};

describeOwnService('redis', (engine) => {
  describeGuard('RedisStorage on a server', CONCERNS, () => {
    const { url } = engine();
    return {
      storage: new RedisStorage({ url, namespace: newNamespace() }),
      begin: (fault) => command(url, ...FAULTS[fault][0]),
      end: async () => {
        for (const [, end] of Object.values(FAULTS)) await command(url, ...end);
      },
    };
  });
});
