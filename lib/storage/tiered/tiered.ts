/** A storage that is two: a fast one in front, and a shared one at the back, which has the last word. */
import type {
  CacheStorage,
  EvictionListener,
  Fence,
  MaybePromise,
  ProblemListener,
  RenewedEntry,
  StorageLease,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { elapsedMs, within } from '../../support/timers.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { bodyOf } from '../entry-shape.js';
import { Reports } from '../reports.js';
import { Back } from './back.js';
import { type BusLine, type Change, openLine } from './bus.js';
import { DEFAULT_TTL_MS, resolveTieredOptions, type TieredOptions } from './options.js';
import { owns } from '../../support/owns.js';

/** So many keys are known to be in front. What is not known to be there is looked up at the back. */
const MAX_IN_FRONT = 100_000;
/** The front is there to be fast: where it takes longer than this, it is done without. */
const FRONT_LIMIT_MS = 250;

/** What `get` gives as a fence: that of the back, and that of the front, by which an entry is put there. */
class TieredFence {
  readonly back: Fence | undefined;
  readonly front: Fence | undefined;

  constructor(back: Fence | undefined, front: Fence | undefined) {
    this.back = back;
    this.front = front;
  }
}

/** What is known of a key of which the front has all variants. */
interface InFront {
  /** When they were put there, by a clock that is never set back. */
  readonly sinceMs: number;
  readonly variants: number;
  /** That of the look-up which brought them: what the front answers alone is no newer than that. */
  readonly fence: Fence | undefined;
}

/**
 * Keeps entries in both storages, and takes them from the front where it can. The back decides: what it refuses is not
 * stored, and an invalidation is done once it is done there. A front that fails is done without.
 *
 * What another process deletes is used no longer than `frontTtl`, or than a message of the `bus` takes, or not at all
 * with `front: 'verify'`.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor.
 */
export class TieredStorage extends ClosableStorage implements CacheStorage {
  readonly name: string;
  readonly leaseMs: number | undefined;
  readonly #front: CacheStorage;
  readonly #back: CacheStorage;
  readonly #atBack: Back;
  readonly #frontTtlMs: number | undefined;
  readonly #verifies: boolean;
  readonly #line: BusLine | undefined;
  #known = new BoundedMap<string, InFront>(MAX_IN_FRONT);
  /** It grows where the front may have kept what it was to drop: what was looked up before is not put there. */
  #epoch = 0;
  /** It grows with whatever the front drops: a front without fences may be brought that by a look-up from before. */
  #drops = 0;
  readonly #reports = new Reports('TieredStorage');
  readonly #calls: Calls;
  readonly #unsubscribe: (() => void)[] = [];

  constructor(front: CacheStorage, back: CacheStorage, options: TieredOptions = {}) {
    super();
    const { frontTtlMs, bus, verifies } = resolveTieredOptions(front, back, options);
    this.name = `${front.name} before ${back.name}`;
    this.leaseMs = back.leaseMs;
    this.#calls = new Calls(this.name, this.#reports);
    this.#front = front;
    this.#back = back;
    this.#atBack = new Back(back);
    this.#frontTtlMs = frontTtlMs;
    this.#verifies = verifies;
    const onFailure = (cause: unknown): void => { this.#reports.failure('get', 'the bus failed', cause); };
    const onChange = (change: Change): void => { void this.#dropFromFront(change); };
    this.#line = bus && openLine({ bus, onChange, onFailure, now: elapsedMs });
    for (const storage of [front, back]) {
      const unsubscribe = storage.onProblem?.(this.#reports.problem);
      if (unsubscribe !== undefined) this.#unsubscribe.push(unsubscribe);
    }
  }

  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#calls.run(() => this.#lookUp(key, scope));
  }

  async #lookUp(key: string, scope: StorageScope): Promise<StorageReading> {
    const inFront = await this.#orNothing(() => this.#front.get(key, scope));
    const known = this.#trusted(key);
    // A front that has lost a variant to its limits would hide the one at the back.
    const isWhole = inFront !== undefined && inFront.entries.length === known?.variants;
    if (!isWhole || !inFront.entries.every(isFresh)) return this.#fromBack(key, scope, inFront);
    if (this.#verifies) return this.#verified(key, scope, inFront);
    return { entries: inFront.entries, fence: fenceOf(known.fence, inFront.fence) };
  }

  /** Where the front has the bodies that the back would give, these stay where they are. What the back says counts. */
  async #verified(key: string, scope: StorageScope, inFront: StorageReading): Promise<StorageReading> {
    const now = await this.#atBack.call((back) => back.revisions?.(key, scope));
    const entries = now === undefined ? undefined : asTheBackSays(inFront.entries, now.entries);
    if (entries === undefined) return this.#fromBack(key, scope, inFront);
    const renewed = entries.filter((each) => !inFront.entries.includes(each));
    for (const each of renewed) await this.#orNothing(() => this.#front.touch(renewedOf(each), inFront.fence));
    return { entries, fence: fenceOf(now?.fence, inFront.fence) };
  }

  async #fromBack(key: string, scope: StorageScope, inFront: StorageReading | undefined): Promise<StorageReading> {
    const [epoch, drops] = [this.#epoch, this.#drops];
    const { entries, fence } = await this.#atBack.call((back) => back.get(key, scope));
    const front = inFront?.fence;
    // What the back has no more must not answer from the front.
    const useless = inFront?.entries.filter(({ revision }) => entries.every((each) => each.revision !== revision));
    for (const each of useless ?? NONE) await this.#orNothing(() => this.#front.delete(bodyOf(each)));
    // A front without fences takes in what was dropped since, whatever it was.
    const isCurrent = (): boolean => this.#epoch === epoch && (front !== undefined || this.#drops === drops);
    if (inFront !== undefined) await this.#promote(key, entries, { back: fence, front }, isCurrent);
    return { entries, fence: fenceOf(fence, front) };
  }

  /** By the fence of the front, which was taken before the back was asked: what was invalidated since stays out. */
  async #promote(
    key: string,
    entries: readonly StoredEntry[],
    { back, front }: TieredFence,
    isCurrent: () => boolean,
  ): Promise<void> {
    const [first] = entries;
    if (first === undefined || !isCurrent()) return;
    this.#known.delete(key);
    const puts = entries.map((entry) => this.#orNothing(() => this.#front.set(entry, front)));
    const areThere = (await Promise.all(puts)).every((isThere) => isThere === true);
    if (!isCurrent()) await this.#dropFromFront(first);
    else if (areThere) this.#known.set(key, { sinceMs: elapsedMs(), variants: entries.length, fence: back });
  }

  /** Only a front that holds all variants of a key may answer for it. */
  #trusted(key: string): InFront | undefined {
    const known = this.#known.get(key);
    if (known === undefined || this.#verifies) return known;
    const hearing = this.#line?.hearing();
    if (hearing?.kind === 'deaf') return undefined;
    const isProven = hearing?.kind === 'proven';
    // What was put in front before a silence may have changed in it.
    if (isProven && known.sinceMs < hearing.sinceMs) return undefined;
    const ttlMs = this.#frontTtlMs ?? (isProven ? Infinity : DEFAULT_TTL_MS);
    return elapsedMs() - known.sinceMs < ttlMs ? known : undefined;
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean | 'too-large'> {
    return this.#calls.run(async () => {
      const parts = partsOf(fence);
      if (parts === undefined) return false;
      const written = await this.#atBack.call((back) => back.set(entry, parts.back));
      // The front gets it with the other variants by the next look-up.
      await this.#dropFromFront(entry);
      if (written === true) this.#tell(entry);
      return written;
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const parts = partsOf(fence);
      if (parts === undefined) return false;
      const isTouched = await this.#atBack.call((back) => back.touch(entry, parts.back));
      const isInFront = isTouched && (await this.#orNothing(() => this.#front.touch(entry, parts.front))) === true;
      if (!isInFront) await this.#dropFromFront(entry);
      // The tags may be others by now, by which the fronts of the others would not drop it.
      if (isTouched) this.#tell(entry);
      return isTouched;
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#calls.run(() => this.#withoutFront(selector, (back) => back.delete(selector)));
  }

  clear(): Promise<void> {
    return this.#calls.run(() => this.#withoutFront({ all: true }, (back) => back.clear()));
  }

  /** The back first, as a look-up would bring what it still has to the front again. */
  async #withoutFront<T>(change: Change, work: (back: CacheStorage) => MaybePromise<T>): Promise<T> {
    try {
      return await this.#atBack.call(work);
    } finally {
      await this.#dropFromFront(change);
      this.#tell(change);
    }
  }

  #tell(change: Change): void {
    this.#line?.tell(wholeOf(change));
  }

  /** A front that does not drop what it should is trusted no more. */
  async #dropFromFront(change: Change): Promise<void> {
    this.#drops += 1;
    if (owns(change, 'key')) this.#known.delete(change.key);
    const isDropped = await this.#orNothing(async () => {
      await (owns(change, 'all') ? this.#front.clear() : this.#front.delete(wholeOf(change)));
      return true;
    });
    if (isDropped === true && !owns(change, 'all')) return;
    this.#epoch += 1;
    this.#known = new BoundedMap(MAX_IN_FRONT);
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#calls.run(async () => {
      await this.#orNothing(() => this.#front.deleteExpired(nowMs));
      return this.#atBack.call((back) => back.deleteExpired(nowMs));
    });
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    this.#calls.assertOpen();
    // A storage of one's own may give a promise, whose rejection nobody would hear.
    yield* await (this.#back.entries() as MaybePromise<AsyncIterable<StoredEntryInfo>>);
  }

  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    return this.#calls.run(() => this.#atBack.call((back) => back.meta(name, makeIfAbsent)));
  }

  async revisions(key: string, scope: StorageScope): Promise<StorageRevisions> {
    const { entries, fence } = await this.get(key, scope);
    return { entries: entries.map((each) => ({ ...renewedOf(each), bodyBytes: each.body.byteLength })), fence };
  }

  lease(key: string, ttlMs: number): Promise<StorageLease | undefined> {
    return this.#calls.run(async () => this.#back.lease?.(key, ttlMs));
  }

  onEvicted(listener: EvictionListener): () => void {
    return this.#back.onEvicted?.(listener) ?? (() => undefined);
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Closes both storages, once the calls under way have ended. */
  close(): Promise<void> {
    return this.#calls.end(async () => {
      await this.#line?.close();
      for (const unsubscribe of this.#unsubscribe) unsubscribe();
      await this.#orNothing(() => this.#front.close());
      await this.#atBack.close();
    });
  }

  /** What the front does is no condition for anything: a failure is told, and what takes long is not waited for. */
  async #orNothing<T>(work: () => MaybePromise<T>): Promise<T | undefined> {
    try {
      return await within(FRONT_LIMIT_MS, work());
    } catch (cause) {
      this.#reports.failure('get', `the front ("${this.#front.name}") failed`, cause);
      return undefined;
    }
  }
}

const NONE: readonly StoredEntry[] = [];

/** What is stale is renewed, for which a fence of the back is needed. */
const isFresh = ({ expiresAtMs }: StoredEntry): boolean => expiresAtMs > Date.now();

const fenceOf = (back: Fence | undefined, front: Fence | undefined): Fence =>
  new TieredFence(back, front) as unknown as Fence;

/** Without a fence both storages write by what they know now, and by one of another storage nothing is written. */
function partsOf(fence: unknown): TieredFence | undefined {
  if (fence === undefined) return new TieredFence(undefined, undefined);
  return fence instanceof TieredFence ? fence : undefined;
}

/**
 * Of a key the front drops all variants, whichever the change is about: who has just read one of them at the back is
 * stopped from putting it in front by the deletion of a key only.
 */
const wholeOf = <T extends Change>(change: T): T | Pick<StoredEntry, 'key' | 'resource'> =>
  owns(change, 'key') ? { key: change.key, resource: change.resource } : change;

/** Each body with the head that the back has for it by now. Undefined: the back has other bodies, or fewer. */
function asTheBackSays(
  inFront: readonly StoredEntry[],
  atBack: readonly RenewedEntry[],
): readonly StoredEntry[] | undefined {
  if (atBack.length !== inFront.length) return undefined;
  const entries: StoredEntry[] = [];
  for (const each of inFront) {
    const now = atBack.find(({ variant, revision }) => variant === each.variant && revision === each.revision);
    if (now === undefined) return undefined;
    entries.push(isSameHead(each, now) ? each : { ...renewedOf(now), body: each.body });
  }
  return entries;
}

const isSameHead = (one: RenewedEntry, other: RenewedEntry): boolean =>
  one.head === other.head &&
  one.expiresAtMs === other.expiresAtMs &&
  one.purgeAtMs === other.purgeAtMs &&
  one.createdAtMs === other.createdAtMs &&
  one.tags.length === other.tags.length &&
  one.tags.every((tag, index) => tag === other.tags[index]);

const renewedOf = (entry: RenewedEntry): RenewedEntry => {
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head } = entry;
  return { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head };
};
