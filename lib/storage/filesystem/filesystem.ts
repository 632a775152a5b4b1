/** The storage in a folder. */
import { basename } from 'node:path';
import { CacheError } from '../../api/errors.js';
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { type EntryFields, fieldsOf } from '../entry-shape.js';
import { type Attempt, Reports } from '../reports.js';
import { EntryFiles, type HeadFile, type WholeEntry, type WrittenEntry } from './entry-files.js';
import { fences, heldTagsOf, isOutdated, revisionsOf, type Seen } from './fences.js';
import { Files } from './files.js';
import { openFolder, sweepTemporary } from './folder.js';
import { inTurn } from './gate.js';
import { type HeadTokens, infoOf } from './heads.js';
import { Housekeeping, sizeOf } from './housekeeping.js';
import { type FilesystemStorageOptions, resolveFilesystemOptions } from './options.js';
import { bodyPath, type KeyPlace, Places, type VariantPlace } from './places.js';
import { Removals } from './removals.js';
import type { RecordCodec } from '../record/codec.js';
import { openValue, sealValue } from '../record/values.js';
import { atOf, preciseNow } from '../seen-fences.js';
import { countForAWhile, Upkeep } from '../sweep.js';
import { type FoundTokens, TokenFiles, type Tokens } from './tokens.js';
import { visitAll, visitKey, type Visited } from './walk.js';
import { encoder, strictDecoder } from '../../support/utf8.js';
import { owns } from '../../support/owns.js';

/** How often a `meta` value is read again that others make and remove meanwhile. */
const META_ATTEMPTS = 10;
/** No value of `meta` is longer, in bytes. */
const LONGEST_META_BYTES = 1024 * 1024;
/** What is told where something stays that nobody can use. */
const NOT_ALL = 'not all could be removed';

/**
 * Keeps entries in files of a folder: across runs, and for several processes on one machine at once. The folder is made
 * by the first call. A read writes nothing, but once in a thousand reads what they used.
 *
 * An entry that is damaged counts as absent, is removed, and is reported by `onProblem`. Nobody but their owner may
 * read the files.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor, for an option that is unknown or wrong.
 */
export class FilesystemStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'filesystem';
  readonly #places: Places;
  readonly #files: Files;
  readonly #codec: RecordCodec;
  readonly #entries: EntryFiles;
  readonly #tokens: TokenFiles;
  readonly #removals: Removals;
  readonly #housekeeping: Housekeeping;
  readonly #upkeep = new Upkeep();
  readonly #reports: Reports;
  readonly #calls: Calls;
  #opening: Promise<void> | undefined;

  /** @param target the folder, or options. */
  constructor(target: string | FilesystemStorageOptions) {
    super();
    const { directory, maxBytes, fsync, namespace, codec } = resolveFilesystemOptions(target);
    this.#places = new Places(directory, namespace);
    this.#reports = new Reports(`FilesystemStorage in ${this.#places.root}`);
    this.#calls = new Calls(this.name, this.#reports);
    this.#files = new Files(this.#places.temporary, fsync);
    this.#codec = codec;
    this.#entries = new EntryFiles(this.#files, codec, this.#reports);
    this.#tokens = new TokenFiles(this.#files, this.#places);
    this.#removals = new Removals(this.#files, this.#entries, this.#tokens, this.#places);
    this.#housekeeping = new Housekeeping({
      files: this.#files,
      entries: this.#entries,
      places: this.#places,
      maxBytes,
      reports: this.#reports,
    });
  }

  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#call(async () => {
      const place = this.#places.key(key, scope.resource);
      // They are read before the tokens, as who invalidates changes them first.
      const clocks = await this.#tokens.clocks();
      const [found, stored] = await Promise.all([this.#tokens.find(place, scope.tags), this.#stored(place, key)]);
      const valid = await Promise.all(stored.map(({ head }) => this.#tokens.isValid(head, found)));
      const accepted = stored.filter((_, index) => valid[index] === true);
      const made = await this.#complete(place, found);
      const heads = accepted.map(({ head }) => head);
      const fence = owns(made, 'cause') ? fences.failed(made.cause) : fences.make({
        key,
        resource: scope.resource,
        clocks,
        tokens: made.value,
        revisions: revisionsOf(stored.map(({ head }) => head)),
        heldTags: heldTagsOf(heads),
        atMs: preciseNow(),
      });
      return { entries: accepted.map(({ head, body }) => ({ ...head.fields, body })), fence };
    });
  }

  async #stored(place: KeyPlace, key: string): Promise<readonly WholeEntry[]> {
    const { variants } = await visitKey(this.#files, place);
    const found = await Promise.all(variants.map((variant) => this.#entries.whole('get', variant)));
    const stored = found.filter((each) => each?.head.fields.key === key) as readonly WholeEntry[];
    for (const { path } of stored) this.#housekeeping.noteUse('get', path);
    return stored;
  }

  /** What is stored can be read where nothing may be written; and nothing is stored by the fence then. */
  #complete(place: KeyPlace, found: FoundTokens): Promise<Attempt<Tokens>> {
    return this.#reports.tolerate('get', 'nothing can be stored', () => this.#tokens.complete(place, found));
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    return this.#write(entry, fence, async (place, seen) => {
      const former = await this.#entries.peek(place);
      const tokens = await this.#admit(place, entry, entry.tags, seen);
      if (tokens === undefined || (await this.#isLater(former, entry, tokens, seen))) return false;
      const { fields, body } = { fields: fieldsOf(entry), body: entry.body };
      const head = { fields, tokens: tokensOf(fields, tokens), lookedUpAtMs: atOf(seen), bodyBytes: body.byteLength };
      const written = await this.#entries.encode(head, body);
      if (!this.#housekeeping.accepts(sizeOf(written))) {
        await this.#entries.removeFound(place, former);
        this.#reports.evicted(infoOf(head));
        return false;
      }
      await this.#put('set', place, written, former);
      this.#prune(entry.createdAtMs);
      return true;
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#write(entry, fence, async (place, seen) => {
      const former = await this.#entries.peek(place);
      if (former?.head.fields.revision !== entry.revision) return false;
      const held = seen?.heldTags.get(entry.revision);
      if (seen !== undefined && held === undefined) return false;
      const tags = [...entry.tags, ...former.head.fields.tags, ...(held?.keys() ?? [])];
      const tokens = await this.#admit(place, entry, tags, seen);
      if (tokens === undefined || !(await this.#tokens.isValid(former.head, tokens))) return false;
      const fields = fieldsOf(entry);
      const lookedUpAtMs = Math.max(atOf(seen), former.head.lookedUpAtMs);
      const head = { ...former.head, fields, tokens: tokensOf(fields, tokens), lookedUpAtMs };
      await this.#put('touch', place, await this.#entries.encodeRenewed(head), former);
      return true;
    });
  }

  /** Calls that write one variant come one after the other in this process; files have no compare and set. */
  #write(
    { key, resource, variant }: RenewedEntry,
    fence: Fence | undefined,
    work: (place: VariantPlace, seen: Seen | undefined) => Promise<boolean>,
  ): Promise<boolean> {
    return this.#call(async () => {
      const seen = fences.seenBy(fence);
      if (seen === 'nothing') return false;
      const place = this.#places.variant(key, resource, variant);
      return inTurn(place.head, () => work(place, seen));
    });
  }

  /** The tokens that the entry is written with; `undefined` where it must not be. */
  async #admit(
    place: KeyPlace,
    entry: RenewedEntry,
    tags: readonly string[],
    seen: Seen | undefined,
  ): Promise<Tokens | undefined> {
    const tokens = await this.#tokens.complete(place, await this.#tokens.find(place, tags));
    if (seen === undefined) return tokens;
    return isOutdated(seen, entry, tokens, await this.#tokens.clocks()) ? undefined : tokens;
  }

  /** Whether what is stored is another answer than the look-up has seen, and was asked for later. */
  async #isLater(
    former: HeadFile | undefined,
    { key, variant }: StoredEntry,
    tokens: Tokens,
    seen: Seen | undefined,
  ): Promise<boolean> {
    if (former === undefined || seen === undefined || former.head.lookedUpAtMs <= seen.atMs) return false;
    if (seen.key === key && seen.revisions.get(variant) === former.head.fields.revision) return false;
    return this.#tokens.isValid(former.head, tokens);
  }

  async #put(
    operation: StorageOperation,
    place: VariantPlace,
    written: WrittenEntry,
    former: HeadFile | undefined,
  ): Promise<void> {
    const { fields } = written.head;
    await Promise.all(fields.tags.map((tag) => this.#files.makeEmpty(this.#places.mark(tag, fields))));
    await this.#entries.write(place, written, former?.head);
    this.#housekeeping.written(operation, sizeOf(written) - (former === undefined ? 0 : sizeOf(former)));
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#call(async () => this.#count('delete', await this.#removals.invalidate(selector)));
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#call(async () => {
      await sweepTemporary(this.#files, this.#places);
      return this.#count('deleteExpired', this.#removals.expired(nowMs));
    });
  }

  /** Nobody waits for it, and it ends where the storage is closed. */
  #prune(nowMs: number): void {
    const dueMs = this.#upkeep.dueAt(nowMs);
    if (dueMs !== undefined) this.#calls.goOn('set', NOT_ALL, () => this.#removeDue(dueMs));
  }

  async #removeDue(dueMs: number): Promise<void> {
    for await (const _count of this.#removals.due(dueMs)) if (this.#calls.isEnding) return;
  }

  /** The tokens have made invalid what these remove, so that nobody need wait for all of it. */
  #count(operation: StorageOperation, counts: AsyncIterable<number>): Promise<number> {
    const { count, rest } = countForAWhile(counts);
    this.#calls.goOn(operation, NOT_ALL, () => rest);
    return count;
  }

  clear(): Promise<void> {
    return this.#call(async () => {
      await this.#tokens.invalidateAll();
      for (const folder of [this.#places.entries, this.#places.tags]) {
        const aside = await this.#files.putAside(folder);
        if (aside !== undefined) this.#calls.goOn('clear', NOT_ALL, () => this.#files.removeTree(aside));
      }
    });
  }

  /** Some keys at a time: between two of these steps nothing is held open. */
  entries(): AsyncIterable<StoredEntryInfo> {
    const batches = visitAll(this.#files, this.#places.entries);
    return this.#calls.pages(async () => {
      await this.#open();
      const batch = await batches.next();
      return batch.done === true ? undefined : (await Promise.all(batch.value.map((key) => this.#list(key)))).flat();
    });
  }

  async #list({ place, variants, names }: Visited): Promise<readonly StoredEntryInfo[]> {
    if (variants.length === 0) return [];
    const found = await this.#tokens.find(place, []);
    const listed = await Promise.all(
      variants.map(async (variant) => {
        const head = (await this.#entries.head('entries', variant))?.head;
        const isWhole = head !== undefined && names.includes(basename(bodyPath(variant, head.fields.revision)));
        return isWhole && (await this.#tokens.isValid(head, found)) ? [infoOf(head)] : [];
      }),
    );
    return listed.flat();
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#call(async () => {
      const path = this.#places.meta(name);
      for (let attempt = 0; attempt < META_ATTEMPTS; attempt += 1) {
        const value = await this.#readMeta(path, name);
        if (value !== undefined) return value;
        const sealed = await sealValue(this.#codec, name, makeIfAbsent());
        const made = await this.#files.makeIfAbsent(path, encoder.encode(JSON.stringify(sealed)));
        // One that is damaged, or of other keys, would never be read.
        if (!made && (await this.#readMeta(path, name)) === undefined) await this.#files.remove(path);
      }
      throw new CacheError('ERR_CACHE_STORAGE', `FilesystemStorage: meta "${name}" is lost`);
    });
  }

  async #readMeta(path: string, name: string): Promise<string | undefined> {
    const found = await this.#files.read(path, LONGEST_META_BYTES);
    const written = typeof found === 'string' ? undefined : parseText(found.bytes);
    return openValue(this.#codec, name, written);
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#reports.onEvicted(listener);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for calls under way, and for what they left to be done behind them. */
  close(): Promise<void> {
    return this.#calls.end(() => this.#housekeeping.end());
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    return this.#calls.run(() => this.#open().then(work));
  }

  /** Once for all calls; where it fails the next call tries again. */
  #open(): Promise<void> {
    this.#opening ??= openFolder(this.#files, this.#places).then(
      () => { this.#calls.goOn('get', NOT_ALL, () => sweepTemporary(this.#files, this.#places)); },
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }
}

function parseText(bytes: Uint8Array): string | undefined {
  try {
    const text: unknown = JSON.parse(strictDecoder.decode(bytes));
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

const tokensOf = ({ tags }: EntryFields, { namespace, resource, key, tags: ofTags }: Tokens): HeadTokens => ({
  namespace,
  resource,
  key,
  tags: tags.map((tag) => ofTags.get(tag) ?? ''),
});
