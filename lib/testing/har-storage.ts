/** A HAR file as a storage. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CacheError } from '../api/errors.js';
import type {
  CacheStorage,
  Fence,
  Locate,
  MaybePromise,
  RenewedEntry,
  StorageReading,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../api/storage.js';
import { secretParams } from '../options/secrets.js';
import { ClosableStorage } from '../storage/closed.js';
import { MemoryStorage } from '../storage/memory/memory.js';
import { emptyHar, type HarFile, isAnswered, parseHar } from './har.js';
import { requestOf, responseOf } from './read-har.js';
import { harEntryOf } from './write-har.js';

export interface HarStorageOptions {
  /** The path of the file. It need not exist. */
  file: string;
  /**
   * Names of parameters, and of members of JSON and forms, whose values are written as `***` and make no difference to
   * which recording is meant. They are added to the names that are secret anyway, such as `access_token`.
   * @default []
   */
  redact?: readonly string[] | undefined;
  /** The file is never written. @default false */
  readOnly?: boolean | undefined;
}

/**
 * Keeps answers in a HAR 1.2 file: what browsers and Playwright save is replayed, and what is recorded reviews well.
 * Everything is in memory; the file is read at the first use, and written by `finish()` alone.
 *
 * Answers are found by the session's own keys, whatever its options are. Requests that are in the file and not
 * understood, such as those of WebSockets, stay in it.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor where there is no path. Each use of a file that is no HAR
 * throws `ERR_CACHE_RECORD`.
 * @example
 * const storage = new HarStorage('./recordings/users.har');
 * const http = setupCache(axios.create(), recordReplay(storage));
 * afterAll(() => storage.finish());
 */
export class HarStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'har';
  readonly inProcess = true;
  /** The path of the file. */
  readonly file: string;
  /** The names given as `redact`. */
  readonly redact: readonly string[];
  readonly #readOnly: boolean;
  readonly #secrets: ReadonlySet<string>;
  readonly #memory = new MemoryStorage({ maxEntries: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER });
  readonly #locates: Locate[] = [];
  #har: HarFile | undefined;
  /** How many of the session's ways to a key the file has been searched by. */
  #located = 0;
  /** The entries of the file that were not replaced, by the revision of what was made of them. */
  readonly #ofFile = new Map<string, unknown>();
  /** The places of entries, by key and variant, in the order in which they came. */
  readonly #places = new Map<string, number>();
  /** Revisions that were asked for, or came in this run. */
  readonly #used = new Set<string>();

  constructor(given: string | HarStorageOptions) {
    super();
    const { file, redact = [], readOnly = false } = typeof given === 'string' ? { file: given } : given;
    if (typeof file !== 'string' || file === '') {
      throw new CacheError('ERR_CACHE_OPTION', 'HarStorage takes the path of a file.', { option: 'file' });
    }
    this.file = file;
    this.#readOnly = readOnly;
    this.redact = [...redact];
    this.#secrets = secretParams(this.redact);
  }

  bind(locate: Locate): void {
    this.#locates.push(locate);
  }

  get(key: string): MaybePromise<StorageReading> {
    this.#load();
    const reading = this.#memory.get(key) as StorageReading;
    for (const { revision } of reading.entries) this.#used.add(revision);
    return reading;
  }

  set(entry: StoredEntry, fence?: Fence): MaybePromise<boolean | 'too-large'> {
    if (this.#readOnly) return false;
    this.#load();
    const written = this.#memory.set(entry, fence) as boolean | 'too-large';
    if (written === true) {
      this.#place(entry);
      this.#used.add(entry.revision);
    }
    return written;
  }

  touch(entry: RenewedEntry, fence?: Fence): MaybePromise<boolean> {
    if (this.#readOnly) return false;
    this.#load();
    this.#ofFile.delete(entry.revision);
    return this.#memory.touch(entry, fence);
  }

  delete(selector: StorageSelector): MaybePromise<number> {
    this.#load();
    return this.#memory.delete(selector);
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    this.#load();
    yield* this.#memory.entries();
  }

  deleteExpired(nowMs: number): MaybePromise<number> {
    this.#load();
    return this.#memory.deleteExpired(nowMs);
  }

  /** Forgets the whole file, which is not read for this. */
  clear(): MaybePromise<void> {
    this.#har = emptyHar();
    this.#located = this.#locates.length;
    this.#ofFile.clear();
    this.#places.clear();
    return this.#memory.clear();
  }

  meta(name: string, makeIfAbsent: () => string): MaybePromise<string> {
    return this.#memory.meta(name, makeIfAbsent);
  }

  /** Does not write the file: `finish` does. */
  close(): MaybePromise<void> {
    return this.#memory.close();
  }

  /**
   * Writes the file, whole or not at all, unless the storage is `readOnly`. It goes before `close`. Call it where a
   * test has passed: one that fails then leaves the former recordings.
   * @param options `pruneUnused` leaves out what was not asked for since the storage was made. @default false
   * @throws CacheError `ERR_CACHE_RECORD` where the file that is there is no HAR, and `ERR_CACHE_STORAGE` where it
   * cannot be written.
   */
  async finish({ pruneUnused = false }: { pruneUnused?: boolean } = {}): Promise<void> {
    if (this.#readOnly) return;
    const har = this.#load();
    const entries = await this.#written(pruneUnused);
    const unknown = pruneUnused ? [] : har.log.entries.filter((each) => !this.#isUnderstood(each));
    const whole = { ...har, log: { ...har.log, entries: [...unknown, ...entries] } };
    const text = `${JSON.stringify(whole, undefined, 2)}\n`;
    const draft = `${this.file}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(draft, text);
      renameSync(draft, this.file);
    } catch (cause) {
      throw new CacheError('ERR_CACHE_STORAGE', `${this.file} cannot be written.`, { cause });
    }
  }

  async #written(pruneUnused: boolean): Promise<unknown[]> {
    const placed: { readonly place: number; readonly entry: unknown }[] = [];
    for await (const info of this.#memory.entries()) {
      if (pruneUnused && !this.#used.has(info.revision)) continue;
      const { entries } = (await this.#memory.get(info.key));
      const raw = entries.find(({ variant }) => variant === info.variant);
      const entry = this.#ofFile.get(info.revision) ?? (raw && harEntryOf(raw, this.#secrets));
      if (entry !== undefined) placed.push({ place: this.#places.get(placeOf(info)) ?? Infinity, entry });
    }
    placed.sort((one, other) => one.place - other.place);
    // Two sessions may have made two entries of one recording.
    return [...new Set(placed.map(({ entry }) => entry))];
  }

  #place(entry: Pick<StoredEntry, 'key' | 'variant'>): void {
    const name = placeOf(entry);
    if (!this.#places.has(name)) this.#places.set(name, this.#places.size);
  }

  readonly #understood = new WeakSet();
  #isUnderstood(entry: unknown): boolean {
    return typeof entry === 'object' && entry !== null && this.#understood.has(entry);
  }

  #load(): HarFile {
    this.#har ??= this.#read();
    for (; this.#located < this.#locates.length; this.#located += 1) {
      const locate = this.#locates[this.#located];
      if (locate !== undefined) this.#keepWhatIsFound(locate, this.#har);
    }
    return this.#har;
  }

  #read(): HarFile {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return emptyHar();
      throw new CacheError('ERR_CACHE_STORAGE', `${this.file} cannot be read.`, { cause });
    }
    return parseHar(text, this.file);
  }

  /** Keeps the recordings of the file under the keys of a session. Those of one key differ by their variant. */
  #keepWhatIsFound(locate: Locate, har: HarFile): void {
    const counts = new Map<string, number>();
    for (const each of har.log.entries) {
      if (!isAnswered(each)) continue;
      const response = responseOf(each, this.file);
      const located = response && locate(requestOf(each));
      const entry = response && located?.entryOf(response);
      if (entry === undefined) continue;
      const count = counts.get(placeOf(entry)) ?? 0;
      counts.set(placeOf(entry), count + 1);
      const own = { ...entry, variant: variantAt(entry.variant, count), purgeAtMs: Infinity };
      void this.#memory.set(own);
      this.#place(own);
      this.#ofFile.set(own.revision, each);
      this.#understood.add(each);
    }
  }
}

const placeOf = ({ key, variant }: Pick<StoredEntry, 'key' | 'variant'>): string => `${key}\n${variant}`;

/** Names the recordings of one request apart, in their order. */
export const variantAt = (variant: string, count: number): string => (count === 0 ? variant : `${variant}#${count}`);
