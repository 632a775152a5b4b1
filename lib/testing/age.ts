/** Tells of recordings that are old: a server may answer otherwise by now, and nothing else would show it. */
import type { CacheStorage, StoredEntry } from '../api/storage.js';
import type { Seconds } from '../rfc9111/model.js';

const DAY_MS = 86_400_000;

/** Is given what is replayed. */
export type OnReplayed = (entries: readonly StoredEntry[]) => void;

/** Makes a function that warns once, by the first recording that is older than `limit`; `undefined` is no limit. */
export function ageWarning(storage: CacheStorage, limit: Seconds = Infinity): OnReplayed {
  let isDone = false;
  return (entries) => {
    if (isDone) return;
    const now = Date.now();
    // What has no date begins with 1970, and has no age.
    const old = entries.find(({ createdAtMs }) => createdAtMs > DAY_MS && now - createdAtMs > limit * 1000);
    if (old === undefined) return;
    isDone = true;
    const { file = `the storage ${storage.name}` } = storage as { readonly file?: string };
    const days = Math.floor((now - old.createdAtMs) / DAY_MS);
    process.emitWarning(
      `axios-client-cache: a recording in ${file} is ${days} days old, and the server may answer otherwise by now. ` +
        "recordReplay(storage, 'refresh') records anew what is asked for; warnAfter: false is for what may be old.",
    );
  };
}
