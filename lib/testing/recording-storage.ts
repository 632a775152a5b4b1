/** The storage of a session that records or replays: the user's own, as the mode has it. */
import { CacheError, isCacheError } from '../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  Locate,
  MaybePromise,
  ProblemListener,
  Recording,
  RenewedEntry,
  StorageReading,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../api/storage.js';
import { ClosableStorage } from '../storage/closed.js';
import { whenThere } from '../support/maybe-promise.js';
import type { OnReplayed } from './age.js';
import { variantAt } from './har-storage.js';
import { nearestTo, type Sought } from './nearest.js';

export const MODES = ['record', 'replay', 'missing', 'refresh'] as const;

/**
 * - `replay`: nothing reaches a server; what is not recorded rejects with `ERR_CACHE_NOT_RECORDED`.
 * - `missing`: what is not recorded is asked for and recorded.
 * - `record`: everything is asked for anew; what the storage held goes at the first write.
 * - `refresh`: everything is asked for and replaced; what was not asked for stays.
 */
export type RecordMode = (typeof MODES)[number];

export class RecordingStorage extends ClosableStorage implements CacheStorage {
  readonly name: string;
  readonly inProcess: boolean;
  readonly recording: Recording;
  readonly #inner: CacheStorage;
  readonly #mode: RecordMode;
  readonly #sequence: boolean;
  /** What the storage held before is gone, or need not go. */
  #isBegun: boolean;
  /** How many answers of a sequence were replayed or recorded, by key. */
  readonly #positions = new Map<string, number>();
  /** The keys that this run records. */
  readonly #recorded = new Set<string>();
  #isReadable = false;

  readonly #onReplayed: OnReplayed;

  constructor(inner: CacheStorage, mode: RecordMode, sequence: boolean, onReplayed: OnReplayed) {
    super();
    this.name = inner.name;
    this.inProcess = inner.inProcess === true;
    this.#inner = inner;
    this.#mode = mode;
    this.#sequence = sequence;
    this.#onReplayed = onReplayed;
    this.#isBegun = mode !== 'record';
    const { redact = [] } = inner as { readonly redact?: readonly string[] };
    this.recording = { redact, refusal: (request) => this.#refusal(request) };
  }

  get(key: string, scope: StorageScope): MaybePromise<StorageReading> {
    // A file that is to be written anew need not even be readable.
    if (!this.#isBegun) return { entries: [] };
    return whenThere(this.#inner.get(key, scope), (reading) => {
      const given = this.#sequence ? { entries: this.#nextOf(key, reading.entries) } : reading;
      if (this.#mode === 'replay' || this.#mode === 'missing') this.#onReplayed(given.entries);
      return given;
    });
  }

  /** Gives the answer of a sequence whose turn it is. */
  #nextOf(key: string, entries: readonly StoredEntry[]): readonly StoredEntry[] {
    if (entries.length === 0 && this.#mode !== 'replay') this.#recorded.add(key);
    if (this.#mode === 'record' || this.#mode === 'refresh' || this.#recorded.has(key)) return [];
    const inOrder = [...entries].sort((one, other) => orderOf(one) - orderOf(other));
    const position = this.#positions.get(key) ?? 0;
    this.#positions.set(key, position + 1);
    return inOrder.slice(Math.min(position, inOrder.length - 1)).slice(0, 1);
  }

  set(entry: StoredEntry, fence?: Fence): MaybePromise<boolean | 'too-large'> {
    const isFirst = !this.#isBegun;
    this.#isBegun = true;
    const begun = isFirst ? this.#inner.clear() : undefined;
    const kept = (): MaybePromise<boolean | 'too-large'> =>
      this.#sequence ? this.#append(entry) : this.#inner.set(entry, isFirst ? undefined : fence);
    return whenThere(begun, kept);
  }

  /** Keeps the answer beside the earlier ones to the same request, but for those of an earlier run. */
  #append(entry: StoredEntry): MaybePromise<boolean | 'too-large'> {
    const { key, resource } = entry;
    const position = this.#positions.get(key) ?? 0;
    this.#positions.set(key, position + 1);
    const former = position === 0 && this.#mode === 'refresh' ? this.#inner.delete({ key, resource }) : undefined;
    const placed = { ...entry, variant: variantAt(entry.variant, position) };
    return whenThere(former, () => this.#inner.set(placed));
  }

  touch(entry: RenewedEntry, fence?: Fence): MaybePromise<boolean> {
    return this.#inner.touch(entry, fence);
  }

  delete(selector: StorageSelector): MaybePromise<number> {
    return this.#inner.delete(selector);
  }

  entries(): AsyncIterable<StoredEntryInfo> {
    return this.#inner.entries();
  }

  deleteExpired(nowMs: number): MaybePromise<number> {
    return this.#inner.deleteExpired(nowMs);
  }

  clear(): MaybePromise<void> {
    return this.#inner.clear();
  }

  close(): MaybePromise<void> {
    return this.#inner.close();
  }

  meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
    return this.#inner.meta(name, makeIfAbsent);
  }

  bind(locate: Locate): void {
    this.#inner.bind?.(locate);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#inner.onProblem?.(listener) ?? (() => undefined);
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#inner.onEvicted?.(listener) ?? (() => undefined);
  }

  async #refusal(sought: Sought): Promise<CacheError | undefined> {
    try {
      if (this.#mode !== 'replay') {
        if (this.#isBegun && !this.#isReadable) await this.#inner.get('', { resource: '', tags: [] });
        this.#isReadable = true;
        return undefined;
      }
      const near = await nearestTo(sought, this.#inner);
      const recorded = near.length === 0 ? 'Nothing is recorded.' : `The nearest recordings:\n  ${near.join('\n  ')}`;
      return new CacheError('ERR_CACHE_NOT_RECORDED', `${sought.method} ${sought.url} is not recorded. ${recorded}`);
    } catch (cause) {
      // A request that is to be replayed, or added to a file that cannot be read, must not reach its server.
      if (cause instanceof CacheError) return cause;
      const code = isCacheError(cause) ? cause.code : 'ERR_CACHE_STORAGE';
      return new CacheError(code, 'the recordings cannot be read.', { cause });
    }
  }
}

/** Reads where the recording stands among those of its request. */
const orderOf = ({ variant }: StoredEntry): number => Number(/#(\d+)$/.exec(variant)?.[1] ?? 0);
