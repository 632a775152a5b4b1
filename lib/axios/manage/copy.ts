/** This file copies what a cache holds to another storage, for `instance.cache.copyTo`. */
import { CanceledError } from '../native/library.js';
import { digestOf, type Place, unreachable } from './managed-requests.js';
import type { CopyOptions, CopyProgress } from '../../api/copy.js';
import type { CacheStorage } from '../../api/storage.js';
import { addressingOf, copyEntries } from '../../engine/copy.js';
import type { Selection } from '../../engine/invalidation/invalidation.js';
import { assertOptions, misused } from '../../manager/misuse.js';
import { checkStorage } from '../../options/checks.js';
import { anyFilter, type ParsedFilter } from '../../options/filters.js';
import { Listeners } from '../../support/listeners.js';

export async function copyTo(
  { session }: Place,
  storage: CacheStorage,
  options: CopyOptions = {},
  select: (filter: ParsedFilter) => Promise<Selection>,
): Promise<CopyProgress> {
  check(storage, options, session.storage);
  const { filter, signal, onProgress } = options;
  const tell = new Listeners<[CopyProgress]>();
  if (onProgress !== undefined) tell.add(onProgress);
  const goOn = (): void => {
    if (signal?.aborted === true) throw new CanceledError();
    session.assertOpen('copyTo()');
  };
  goOn();
  const { isMeant } = await select(anyFilter(filter, 'filter'));
  await digestOf(session);
  const { guarded } = session;
  const addressing = await addressingOf(guarded, { form: 'texts', secret: () => { throw unreachable(); } });
  const target = session.guard(storage);
  const there = await addressingOf(target, { form: addressing.form, secret: () => addressing.secret });
  return copyEntries({
    from: { storage: guarded, addressing },
    to: { storage: target, addressing: there, holdsRequests: storage.bind !== undefined },
    isMeant: (entry) => {
      goOn();
      return isMeant(entry);
    },
    now: () => session.options.now(),
    onProgress: (progress) => { tell.tell(progress); },
  });
}

const OPTIONS = ['filter', 'signal', 'onProgress'];

function check(storage: unknown, options: unknown, own: CacheStorage): void {
  checkStorage(storage, 'storage');
  if (storage === own) throw misused('copyTo()', 'takes another storage than that of this cache', 'storage');
  assertOptions('copyTo()', options, OPTIONS, '{ filter: { tag: "people" } }');
}
