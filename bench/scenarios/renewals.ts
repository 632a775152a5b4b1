/** Stale answers that the origin confirms by 304. */
import { contestants, type Group, SIZES, type TimedWork } from './scenario.js';
import type { Stage } from '../stage.js';

const PATH = '/items/1';

async function prepareRenewals(stage: Stage): Promise<TimedWork> {
  await stage.fill(PATH);
  await stage.checkOwnership(() => stage.renew(PATH));
  const { reaches, losesRenewed } = stage.candidate;
  const operation = (): Promise<unknown> => stage.client.get(PATH);
  if (losesRenewed === true) {
    return { kind: 'timed', operation: () => operation().then(operation), requests: 2, full: 1, notModified: 1 };
  }
  const isStored = reaches === 'once';
  return { kind: 'timed', operation, requests: 1, full: isStored ? 0 : 1, notModified: isStored ? 1 : 0 };
}

export const renewals: Group = {
  name: 'renewal',
  title: 'A renewal by 304',
  about:
    'The stored answer must be validated each time, and a server on the same machine says 304. What the caches are ' +
    'compared with is axios without a cache, which the same server sends the whole answer each time.',
  scenarios: SIZES.map(([suffix, size, bytes]) => ({
    name: `renewal-${suffix}`,
    title: `A 304 against a full answer, ${size} of JSON`,
    unit: 'ns',
    lifetime: 'stale',
    origin: 'loopback',
    payload: { bytes, distinct: false },
    contestants: contestants(
      'axios',
      'interceptor',
      'interceptor-clone',
      'ours',
      'undici',
      'cacheable-request',
      'make-fetch-happen',
    ),
    notes: {
      undici:
        'a 304 that has Cache-Control, as most have, makes it delete what is stored, so that every second request ' +
        'brings the whole answer: its time is the mean of the two.',
    },
    fullOnly: bytes > 200,
    prepare: prepareRenewals,
  })),
};
