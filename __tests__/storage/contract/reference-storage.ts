/** The plainest correct storage, which mutants are made of: a list in an engine that instances and namespaces share. */
import { CacheError } from '../../../lib/api/errors.js';
import { infoOf, type StorageEngine } from '../../../lib/storage/contract/rule.js';
import type {
  CacheStorage,
  Fence,
  RenewedEntry,
  StorageReading,
  StorageRevisions,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../../lib/api/storage.js';

export interface Row {
  readonly namespace: string;
  readonly entry: StoredEntry;
  /** Written by another version, or damaged. @default true */
  readonly readable?: boolean;
  /** The place of the look-up that led to it. */
  readonly lookedUpAt?: number;
}

/** Something that was invalidated, and its place among all look-ups and invalidations. */
interface Invalidated {
  readonly namespace: string;
  readonly at: number;
  readonly concerns: (entry: Omit<StoredEntry, 'body'>) => boolean;
}

export class ReferenceEngine {
  rows: Row[] = [];
  readonly meta = new Map<string, string>();
  sequence = 0;
  invalidated: Invalidated[] = [];
  /** No fence from before it is believed. */
  floor = 0;
}

/** Something else comes in between. */
export const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const copyOf = (entry: StoredEntry): StoredEntry => ({
  ...entry,
  tags: [...entry.tags],
  body: new Uint8Array(entry.body),
});

export class ReferenceStorage implements CacheStorage {
  readonly name: string = 'reference';
  closed = false;
  maxBodyBytes = Infinity;

  constructor(
    readonly engine = new ReferenceEngine(),
    readonly namespace = '',
  ) {}

  /** Another instance of the same class. */
  open(namespace: string): ReferenceStorage {
    const Same = this.constructor as typeof ReferenceStorage;
    return new Same(this.engine, namespace);
  }

  async get(key: string): Promise<StorageReading> {
    this.assertOpen();
    const entries = await this.entriesOf(key);
    return { entries, fence: this.next() as unknown as Fence };
  }

  async entriesOf(key: string): Promise<readonly StoredEntry[]> {
    return this.find((entry) => entry.key === key).map(({ entry }) => this.copyOut(entry));
  }

  async revisions(key: string): Promise<StorageRevisions> {
    const { entries, fence } = await this.get(key);
    return { entries: entries.map(infoOf), fence };
  }

  async set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    this.assertOpen();
    const at = this.placeOf(fence);
    if (!this.holds(entry, at)) return false;
    const [former] = this.find((each) => this.sameAddress(each, entry));
    if ((former?.lookedUpAt ?? 0) > at) return false;
    await this.write(entry, at);
    return true;
  }

  async write(entry: StoredEntry, lookedUpAt: number): Promise<void> {
    if (entry.body.byteLength <= this.maxBodyBytes) this.put(this.copyIn(entry), lookedUpAt);
    else this.remove(this.find((each) => this.sameAddress(each, entry)));
  }

  next(): number {
    this.engine.sequence += 1;
    return this.engine.sequence;
  }

  placeOf(fence: Fence | undefined): number {
    return fence === undefined ? this.next() : (fence as unknown as number);
  }

  /** Whether nothing that the entry depends on was invalidated since. */
  holds(entry: Omit<StoredEntry, 'body'>, at: number): boolean {
    const { invalidated, floor } = this.engine;
    const concerned = invalidated.filter((each) => each.namespace === this.namespace && each.concerns(entry));
    return at >= floor && concerned.every((each) => each.at < at);
  }

  invalidate(concerns: Invalidated['concerns']): void {
    this.engine.invalidated.push({ namespace: this.namespace, at: this.next(), concerns });
  }

  async delete(selector: StorageSelector): Promise<number> {
    this.assertOpen();
    const isOfBody = 'key' in selector && (selector.variant ?? selector.revision) !== undefined;
    if (!isOfBody) this.invalidate((entry) => 'underWay' in selector || this.selects(selector, entry));
    return this.remove(this.find((entry) => this.selects(selector, entry)));
  }

  async *entries(): AsyncIterable<StoredEntryInfo> {
    this.assertOpen();
    for (const { entry } of this.find(() => true)) yield this.describe(entry);
  }

  async deleteExpired(nowMs: number): Promise<number> {
    this.assertOpen();
    const isDue = (entry: StoredEntry): boolean => entry.purgeAtMs <= nowMs || entry.createdAtMs > nowMs + 5000;
    return this.remove(this.find(isDue));
  }

  async clear(): Promise<void> {
    this.assertOpen();
    this.invalidate(() => true);
    this.remove(this.find(() => true));
  }

  async touch(fields: RenewedEntry, fence?: Fence): Promise<boolean> {
    this.assertOpen();
    const [former] = this.find((entry) => this.sameAddress(entry, fields));
    if (former?.entry.revision !== fields.revision || !this.holds(fields, this.placeOf(fence))) return false;
    this.put(this.copyIn({ ...fields, body: former.entry.body }), former.lookedUpAt);
    return true;
  }

  async meta(name: string, makeIfAbsent: () => string): Promise<string> {
    this.assertOpen();
    const value = this.engine.meta.get(name) ?? makeIfAbsent();
    this.engine.meta.set(name, value);
    return value;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  /** What fences go by is dropped, as by an engine that is short of room. */
  loseTokens(): void {
    this.engine.invalidated = [];
    this.engine.floor = this.engine.sequence + 1;
  }

  assertOpen(): void {
    if (this.closed) throw new CacheError('ERR_CACHE_CLOSED', 'closed');
  }

  copyIn(entry: StoredEntry): StoredEntry {
    return copyOf(entry);
  }

  copyOut(entry: StoredEntry): StoredEntry {
    return copyOf(entry);
  }

  describe({ body, ...fields }: StoredEntry): StoredEntryInfo {
    return { ...fields, bodyBytes: body.byteLength };
  }

  sameAddress(one: { key: string; variant: string }, other: { key: string; variant: string }): boolean {
    return one.key === other.key && one.variant === other.variant;
  }

  selects(selector: StorageSelector, entry: Omit<StoredEntry, 'body'>): boolean {
    if ('underWay' in selector) return false;
    if ('tag' in selector) return entry.tags.includes(selector.tag);
    if (!('key' in selector)) return entry.resource === selector.resource;
    const { key, variant = entry.variant, revision = entry.revision } = selector;
    return entry.key === key && entry.variant === variant && entry.revision === revision;
  }

  find(matches: (entry: StoredEntry) => boolean): Row[] {
    return this.engine.rows.filter(
      ({ namespace, entry, readable }) => namespace === this.namespace && readable !== false && matches(entry),
    );
  }

  put(entry: StoredEntry, lookedUpAt = 0): void {
    const rest = this.engine.rows.filter(
      (row) => row.namespace !== this.namespace || !this.sameAddress(row.entry, entry),
    );
    this.engine.rows = [...rest, { namespace: this.namespace, entry, lookedUpAt }];
  }

  remove(rows: readonly Row[]): number {
    const gone = new Set(rows);
    this.engine.rows = this.engine.rows.filter((row) => !gone.has(row));
    return gone.size;
  }
}

/** Broken storages by name, under the title of the rule that must find them. */
export type Mutants = Readonly<Record<string, Readonly<Record<string, typeof ReferenceStorage>>>>;

const reopen = (storage: CacheStorage): ReferenceStorage =>
  (storage as ReferenceStorage).open((storage as ReferenceStorage).namespace);

function reopenUnreadable(storage: CacheStorage): ReferenceStorage {
  const { engine } = storage as ReferenceStorage;
  engine.rows = engine.rows.map((row) => ({ ...row, readable: false }));
  return reopen(storage);
}

/** What only a storage with tokens has is in `TOKEN_ENGINE`. */
type OfTokens = `reopenWithout${'NamespaceToken' | 'ResourceTokens' | 'TagTokens' | 'Entries'}` | 'reopenUnswept';

export const REFERENCE_ENGINE: Required<Omit<StorageEngine, OfTokens>> = {
  reopen,
  reopenFenced: reopen,
  reopenAtomic: reopen,
  reopenWithRevisions: reopen,
  reopenWithoutTokens: (storage) => {
    (storage as ReferenceStorage).loseTokens();
    return reopen(storage);
  },
  openOtherNamespace: (storage) => (storage as ReferenceStorage).open('other'),
  reopenInOtherFormat: reopenUnreadable,
  reopenDamaged: reopenUnreadable,
  reopenLimited: (storage) => Object.assign(reopen(storage), { maxBodyBytes: 10_000 }),
  openOnSameClient: reopen,
};
