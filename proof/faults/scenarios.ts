/** What callers do while something goes wrong, so that each part of the cache has its turn. */
import type { AxiosRequestConfig } from 'axios';
import { MemoryStorage } from 'axios-client-cache';
import type { FaultyWorld } from './world.js';

export type Scenario = (world: FaultyWorld) => Promise<void>;

const SAYS_NOTHING = 0;
const WINDOWS = 1;
const NO_STORE = 2;
const VARIES = 3;

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a miss and a hit': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING);
  },
  'a renewal by 304': async (world) => {
    await world.ask(SAYS_NOTHING);
    world.pass(9);
    await world.ask(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING);
  },
  'a newer answer': async (world) => {
    await world.ask(SAYS_NOTHING);
    world.change(SAYS_NOTHING);
    world.pass(9);
    await world.ask(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING);
  },
  'a refresh in the background': async (world) => {
    await world.ask(WINDOWS);
    world.change(WINDOWS);
    world.pass(7);
    await world.ask(WINDOWS, { cache: { onRefreshed: world.onRefreshed } });
    await world.manage(({ cache }) => cache.idle());
    await world.ask(WINDOWS);
  },
  'an origin that is down': async (world) => {
    await world.ask(WINDOWS);
    world.pass(20);
    world.isDown = true;
    await world.ask(WINDOWS);
    await world.ask(SAYS_NOTHING);
  },
  'a change': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.write(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING);
  },
  'a change that names others': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.write(VARIES, { method: 'DELETE', cache: { invalidates: [{ tag: 'tag' }, '/r0'] } });
    await world.ask(SAYS_NOTHING);
    await world.ask(VARIES);
  },
  'what may not be stored': async (world) => {
    await world.ask(NO_STORE);
    await world.ask(NO_STORE);
  },
  'two variants': async (world) => {
    await world.ask(VARIES);
    await world.ask(VARIES, { headers: { 'X-Variant': 'b' } });
    await world.ask(VARIES);
  },
  'streams': async (world) => {
    await world.ask(SAYS_NOTHING, { responseType: 'stream' });
    await world.manage(({ cache }) => cache.idle());
    await world.ask(SAYS_NOTHING, { responseType: 'stream' });
    world.pass(9);
    await world.ask(SAYS_NOTHING, { responseType: 'stream' });
  },
  'HEAD': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.ask(SAYS_NOTHING, { method: 'HEAD' });
    world.pass(9);
    await world.ask(SAYS_NOTHING, { method: 'HEAD' });
    await world.ask(SAYS_NOTHING);
  },
  'modes': async (world) => {
    await world.ask(SAYS_NOTHING, { cache: 'only-if-cached' });
    await world.ask(SAYS_NOTHING, { cache: 'reload' });
    await world.ask(SAYS_NOTHING, { cache: 'no-cache' });
    await world.ask(SAYS_NOTHING, { cache: 'no-store' });
    await world.ask(SAYS_NOTHING, { cache: { softTimeout: '1s', mode: 'no-cache' } });
  },
  'deletions': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.delete('/r0'));
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.invalidateTags('tag'));
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.deleteMatching({ pattern: 'origin.test/r0' }));
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.clear());
    await world.ask(SAYS_NOTHING);
  },
  'the manager': async (world) => {
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.get('/r0'));
    await world.manage(({ cache }) => cache.has('/r0'));
    await world.manage(({ cache }) => cache.explain('/r0'));
    await world.manage(({ cache }) => cache.size());
    await world.manage(({ cache }) => cache.expire({ tag: 'tag' }));
    await world.manage(({ cache }) => cache.deleteExpired());
    await world.manage(({ cache }) => cache.refresh('/r0'));
    await world.ask(SAYS_NOTHING);
  },
  'what the manager stores': async (world) => {
    await world.manage(({ cache }) => cache.set('/r4', { data: { given: 1 } }));
    await world.manage(({ cache }) => cache.update<{ given: number }>('/r4', (data) => ({ given: data.given + 1 })));
    await world.manage(({ cache }) => cache.warm(['/r0', '/r1'], { retries: 0 }));
    await world.ask(SAYS_NOTHING);
    await world.manage(({ cache }) => cache.count());
    await world.manage(({ cache }) => cache.copyTo(new MemoryStorage()));
    await world.manage(async ({ cache }) => { cache.configure({ expireAfter: 3 }); });
    await world.ask(SAYS_NOTHING);
  },
  'a POST that is stored': async (world) => {
    const post: AxiosRequestConfig = {
      method: 'POST', data: { q: 1 }, cache: { allowedMethods: ['GET', 'POST'], expireAfter: 60 },
    };
    await world.ask(SAYS_NOTHING, post);
    await world.ask(SAYS_NOTHING, post);
    await world.ask(SAYS_NOTHING);
  },
  'callers who leave': async (world) => {
    await world.ask(SAYS_NOTHING);
    world.pass(9);
    await world.ask(SAYS_NOTHING, { timeout: 1 });
    await world.ask(SAYS_NOTHING);
  },
};
