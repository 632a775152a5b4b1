/** The plainest correct storage, which mutants are made of: a list in an engine that instances and namespaces share. */
import type { StorageEngine } from '../../../lib/storage/contract/rule.js';
import type {
  CacheStorage,
  RenewedEntry,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../../lib/api/storage.js';

export interface Row {
  readonly namespace: string;
  readonly entry: StoredEntry;
  /** Written by another version, or damaged. @default true */
  readonly readable?: boolean;
}

export class ReferenceEngine {
  rows: Row[] = [];
  readonly meta = new Map<string, string>();
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

  async get(key: string): Promise<readonly StoredEntry[]> {
    this.assertOpen();
    return this.find((entry) => entry.key === key).map(({ entry }) => this.copyOut(entry));
  }

  async set(entry: StoredEntry): Promise<void> {
    this.assertOpen();
    if (entry.body.byteLength <= this.maxBodyBytes) this.put(this.copyIn(entry));
    else this.remove(this.find((each) => this.sameAddress(each, entry)));
  }

  async delete(selector: StorageSelector): Promise<number> {
    this.assertOpen();
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
    this.remove(this.find(() => true));
  }

  async touch({ formerHead, ...fields }: RenewedEntry): Promise<boolean> {
    this.assertOpen();
    const [former] = this.find((entry) => this.sameAddress(entry, fields));
    if (former === undefined || (formerHead ?? former.entry.head) !== former.entry.head) return false;
    this.put(this.copyIn({ ...fields, body: former.entry.body }));
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

  assertOpen(): void {
    if (this.closed) throw new Error('closed');
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

  selects(selector: StorageSelector, entry: StoredEntry): boolean {
    if ('resource' in selector) return entry.resource === selector.resource;
    if ('tag' in selector) return entry.tags.includes(selector.tag);
    return entry.key === selector.key && (selector.variant === undefined || entry.variant === selector.variant);
  }

  find(matches: (entry: StoredEntry) => boolean): Row[] {
    return this.engine.rows.filter(
      ({ namespace, entry, readable }) => namespace === this.namespace && readable !== false && matches(entry),
    );
  }

  put(entry: StoredEntry): void {
    const rest = this.engine.rows.filter(
      (row) => row.namespace !== this.namespace || !this.sameAddress(row.entry, entry),
    );
    this.engine.rows = [...rest, { namespace: this.namespace, entry }];
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

export const REFERENCE_ENGINE: Required<StorageEngine> = {
  reopen,
  openOtherNamespace: (storage) => (storage as ReferenceStorage).open('other'),
  reopenInOtherFormat: reopenUnreadable,
  reopenDamaged: reopenUnreadable,
  reopenLimited: (storage) => Object.assign(reopen(storage), { maxBodyBytes: 10_000 }),
  openOnSameClient: reopen,
};
