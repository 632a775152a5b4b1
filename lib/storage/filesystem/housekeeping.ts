/** What FilesystemStorage does beside its calls: it keeps within `maxBytes`, least recently used out. */
import type { StorageOperation } from '../../api/storage.js';
import type { Reports } from '../reports.js';
import type { EntryFiles, HeadFile } from './entry-files.js';
import type { Files } from './files.js';
import { type Head, infoOf } from './heads.js';
import type { Places, VariantPlace } from './places.js';
import { shardsOf, variantsOf, visitShard } from './walk.js';

/** Disks give room in blocks of this many bytes. */
const BLOCK_BYTES = 4096;
/** What an entry takes besides its head and its body: two folders and two tokens, each of them a block. */
const OVERHEAD_BYTES = 4 * BLOCK_BYTES;
/** An eviction leaves so much of `maxBytes` free, so that the next one is some writes away. */
const FREED_PART = 1 / 10;
/** Part of `maxBytes` that this process writes before it looks what others have written. */
const UNSEEN_PART = 1 / 8;
/** Entries that are weighed against each other. With more of them in the cache, some shards stand for all. */
const WEIGHED = 4096;
/** After so many uses they are written down: a read must not write, and what is in use must stay. */
const USES = 1000;

/** What an entry counts towards `maxBytes`. */
export const sizeOf = ({ head, fileBytes }: Pick<HeadFile, 'head' | 'fileBytes'>): number =>
  blocks(fileBytes) + blocks(head.storedBytes) + OVERHEAD_BYTES;

const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

export interface HousekeepingOptions {
  readonly files: Files;
  readonly entries: EntryFiles;
  readonly places: Places;
  readonly maxBytes: number;
  readonly reports: Reports;
}

interface Weighed {
  readonly place: VariantPlace;
  readonly head: Head;
  readonly bytes: number;
  readonly usedMs: number;
}

/** No method rejects: what fails is reported, and the call that it stands beside goes well. */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  /** What the namespace takes, as far as this process knows; `undefined` before the first look. */
  #total: number | undefined;
  /** Bytes written since the last look. */
  #unseen = 0;
  #working: Promise<void> | undefined;
  /** When heads were used that are not written down yet, by their files. */
  readonly #used = new Map<string, number>();
  #uses = 0;
  #ended = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
  }

  /** Whether an entry that counts so many bytes is kept at all. */
  accepts(bytes: number): boolean {
    return bytes <= this.#options.maxBytes;
  }

  /** Looks and evicts from time to time; nobody waits for it, but `end`. */
  written(operation: StorageOperation, bytes: number): void {
    const { maxBytes } = this.#options;
    if (maxBytes === Infinity || this.#ended) return;
    this.#unseen += bytes;
    if (this.#total !== undefined) this.#total += bytes;
    const isDue = this.#total === undefined || this.#total > maxBytes || this.#unseen > maxBytes * UNSEEN_PART;
    if (!isDue || this.#working !== undefined) return;
    this.#working = this.#attempt(operation, () => this.#work(operation)).finally(() => { this.#working = undefined; });
  }

  /** The head at this path was read for an answer. */
  noteUse(operation: StorageOperation, path: string): void {
    if (this.#options.maxBytes === Infinity) return;
    this.#used.set(path, Date.now());
    this.#uses += 1;
    if (this.#uses >= USES) void this.#attempt(operation, () => this.#writeUses());
  }

  /** Ends what is under way as soon as can be. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#working;
    await this.#attempt('close', () => this.#writeUses());
  }

  async #writeUses(): Promise<void> {
    const used = [...this.#used];
    this.#used.clear();
    this.#uses = 0;
    await Promise.all(used.map(([path, usedMs]) => this.#options.files.noteUse(path, usedMs)));
  }

  /** Once more where so much was written meanwhile that it may be too much again. */
  async #work(operation: StorageOperation): Promise<void> {
    for (let isTooMuch = true; isTooMuch && !this.#ended; ) {
      const freed = await this.#look(operation);
      isTooMuch = (this.#total ?? 0) > this.#options.maxBytes && (freed > 0 || this.#unseen > 0);
    }
  }

  /** Looks what there is, and evicts what is too much of it; how many bytes went. */
  async #look(operation: StorageOperation): Promise<number> {
    const { maxBytes, files, places } = this.#options;
    this.#unseen = 0;
    const shards = inAnyOrder(await shardsOf(files, places.entries));
    const [first, seen] = await this.#weigh(operation, shards);
    const found = (total(first) * shards.length) / Math.max(seen, 1);
    // What was written since the look began may be among it or not. Counted twice, it leads to another look at most.
    this.#total = found + this.#unseen;
    if (found <= maxBytes) return 0;
    // What is kept of the shards that were looked into is kept of each group of the others.
    const kept = (maxBytes * (1 - FREED_PART)) / found;
    let freed = await this.#evict(operation, first, kept);
    for (let from = seen; from < shards.length && !this.#ended; ) {
      const [group, count] = await this.#weigh(operation, shards.slice(from));
      freed += await this.#evict(operation, group, kept);
      from += count;
    }
    this.#total -= freed;
    return freed;
  }

  /** The entries of the first shards, as many shards as give enough of them; how many shards these are. */
  async #weigh(operation: StorageOperation, shards: readonly string[]): Promise<[readonly Weighed[], number]> {
    const weighed: Weighed[] = [];
    let count = 0;
    for (const shard of shards) {
      if (weighed.length >= WEIGHED || this.#ended) break;
      count += 1;
      for await (const visited of visitShard(this.#options.files, shard)) {
        const found = await Promise.all(variantsOf(visited).map((place) => this.#weighOne(operation, place)));
        weighed.push(...found.filter((each) => each !== undefined));
      }
    }
    return [weighed, count];
  }

  async #weighOne(operation: StorageOperation, place: VariantPlace): Promise<Weighed | undefined> {
    const file = await this.#options.entries.head(operation, place);
    if (file === undefined) return undefined;
    const usedMs = Math.max(file.usedMs, this.#used.get(place.head) ?? 0);
    return { place, head: file.head, bytes: sizeOf(file), usedMs };
  }

  /** Leaves so large a part of the bytes: what nothing can use goes first, then what was used least recently. */
  async #evict(operation: StorageOperation, weighed: readonly Weighed[], kept: number): Promise<number> {
    const nowMs = Date.now();
    const rank = ({ head, usedMs }: Weighed): number => (head.fields.purgeAtMs <= nowMs ? -1 : usedMs);
    const excess = Math.round(total(weighed) * (1 - kept));
    let freed = 0;
    for (const { place, head, bytes } of [...weighed].sort((one, other) => rank(one) - rank(other))) {
      if (freed >= excess) break;
      const { revision } = head.fields;
      const gone = await this.#options.entries.remove(operation, place, ({ fields }) =>
        fields.revision === revision ? 'goes' : 'stays',
      );
      if (gone === undefined) continue;
      freed += bytes;
      this.#used.delete(place.head);
      this.#options.reports.evicted(infoOf(gone.head));
    }
    return freed;
  }

  #attempt(operation: StorageOperation, work: () => Promise<unknown>): Promise<void> {
    return this.#options.reports.attempt(operation, `housekeeping after ${operation} failed`, work);
  }
}

const total = (weighed: readonly Weighed[]): number => weighed.reduce((sum, { bytes }) => sum + bytes, 0);

/** As digests are even, some shards are like all the others. */
function inAnyOrder(shards: readonly string[]): readonly string[] {
  const [start, end] = [Math.floor(Math.random() * shards.length), shards.length];
  return [...shards.slice(start, end), ...shards.slice(0, start)];
}
