/** This file has what `instance.cache` asks of the shell, for one instance. */
import { assertShown, describeManaged, digestOf, notAUrl, type Place, unreachable } from './managed-requests.js';
import { refresh } from './refresh.js';
import { seed } from './seed.js';
import { selectionOf, targetOf } from './selection.js';
import type { Selection } from '../../engine/invalidation/invalidation.js';
import { latePart } from '../../manager/late.js';
import type { ManagedRequests } from '../../manager/requests.js';
import type { ParsedFilter } from '../../options/filters.js';

export const managedRequests = (place: Place, uninstall: () => void): ManagedRequests => {
  const select = (filter: ParsedFilter): Promise<Selection> => selected(place, filter);
  return {
    describe: (url, config) => describeManaged(place, url, config),
    seed: (url, response, config) => seed(place, url, response, config),
    explain: async (url, config) => {
      const { explain } = await latePart('explain()', import('./explain.js'));
      return explain(place, url, config);
    },
    refresh: (url, config) => refresh(place, url, config),
    select,
    copyTo: async (storage, options) => {
      const { copyTo } = await latePart('copyTo()', import('./copy.js'));
      return copyTo(place, storage, options, select);
    },
    warm: async (urls, options) => {
      const { warm } = await latePart('warm()', import('./warm.js'));
      return warm(place, urls, options);
    },
    uninstall,
  };
};

async function selected({ session, instance: { defaults } }: Place, filter: ParsedFilter): Promise<Selection> {
  if (filter.url !== undefined) {
    const digest = await digestOf(session);
    const target = targetOf(filter.url, defaults, session, digest);
    if (target === undefined) throw notAUrl();
    assertShown(target.normalUrl.keyUrl, digest);
  }
  const selection = await selectionOf(filter, defaults, session);
  if (selection === undefined) throw unreachable();
  return selection;
}
