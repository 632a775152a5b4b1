/**
 * A plain storage whose fences are tokens, which mutants are made of: resources, tags and the namespace have records
 * that may be lost at any time, as those of servers are.
 */
import { randomUUID } from 'node:crypto';
import type {
  CacheStorage, Fence, RenewedEntry, StorageReading, StorageScope, StorageSelector, StoredEntry,
} from '../../../lib/api/storage.js';
import type { StorageEngine } from '../../../lib/storage/contract/rule.js';
import { copyOf, REFERENCE_ENGINE, ReferenceEngine, ReferenceStorage, type Row } from './reference-storage.js';

export interface NamespaceRecord {
  token: string;
  /** How often something was deleted by tag or listing, by listing, and at all. */
  tags: number;
  listings: number;
  changes: number;
}

export interface ResourceRecord {
  readonly token: string;
  /** By key. */
  readonly marks: Map<string, string>;
}

export interface TagRecord {
  readonly namespace: string;
  /** The count of the namespace when it was made. */
  readonly number: number;
  readonly random: string;
}

/** What an entry counts by. */
export interface Stamp {
  readonly namespace: string;
  readonly resource: string;
  readonly mark: string;
  readonly tags: ReadonlyMap<string, TagRecord>;
}

export interface TokenRow extends Row {
  readonly stamp: Stamp;
}

/** What a look-up has seen. */
export interface TokenFence {
  readonly key: string;
  readonly resource: string;
  readonly namespace: NamespaceRecord;
  /** Of the key, with the tags that the look-up named. */
  readonly stamp: Stamp;
  /** The stamps of the entries that it gave, by revision. */
  readonly accepted: ReadonlyMap<string, Stamp>;
  readonly at: number;
}

type Fields = Omit<StoredEntry, 'body'>;

export class TokenEngine extends ReferenceEngine {
  readonly namespaces = new Map<string, NamespaceRecord>();
  readonly resources = new Map<string, ResourceRecord>();
  readonly tagRecords = new Map<string, TagRecord>();
}

export const newToken = (): string => randomUUID();

/** The record under a name, made where it is absent. */
function ensured<Kept>(records: Map<string, Kept>, name: string, make: () => Kept): Kept {
  const record = records.get(name) ?? make();
  records.set(name, record);
  return record;
}

export class TokenStorage extends ReferenceStorage {
  override readonly name: string = 'tokens';
  /** False for one whose deletes change tokens and remove nothing. */
  isSweeping = true;

  constructor(override readonly engine = new TokenEngine(), namespace = '') {
    super(engine, namespace);
  }

  override async get(key: string, scope: StorageScope = { resource: '', tags: [] }): Promise<StorageReading> {
    this.assertOpen();
    const { resource, tags } = scope;
    const stamp = this.stampOf({ key, resource, tags });
    const rows = this.rowsOf((entry) => entry.key === key).filter((row) => this.isValid(row, tags));
    const accepted = new Map(rows.map(({ entry, stamp: ofRow }) => [entry.revision, ofRow]));
    const fence: TokenFence = {
      key, resource, namespace: { ...this.namespaceRecord() }, stamp, accepted, at: this.next(),
    };
    return { entries: rows.map(({ entry }) => copyOf(entry)), fence: fence as unknown as Fence };
  }

  override async set(entry: StoredEntry, given?: Fence): Promise<boolean> {
    this.assertOpen();
    const fence = given as unknown as TokenFence | undefined;
    const stamp = this.admitted(entry, fence);
    if (stamp === undefined) return false;
    const [former] = this.rowsOf((each) => this.sameAddress(each, entry));
    const at = fence?.at ?? this.next();
    const isSeen = former !== undefined && (fence?.accepted.has(former.entry.revision) ?? true);
    if (former !== undefined && !isSeen && this.isValid(former) && (former.lookedUpAt ?? 0) > at) return false;
    if (entry.body.byteLength <= this.maxBodyBytes) this.writeStamped(copyOf(entry), stamp, at);
    else this.remove(this.rowsOf((each) => this.sameAddress(each, entry)));
    return true;
  }

  override async touch(fields: RenewedEntry, given?: Fence): Promise<boolean> {
    this.assertOpen();
    const fence = given as unknown as TokenFence | undefined;
    const [former] = this.rowsOf((each) => this.sameAddress(each, fields));
    if (former?.entry.revision !== fields.revision || !this.isValid(former)) return false;
    const stamp = this.renewedStamp(fields, former, fence);
    if (stamp === undefined) return false;
    this.writeStamped(copyOf({ ...fields, body: former.entry.body }), stamp, former.lookedUpAt ?? 0);
    return true;
  }

  /** The tokens of the entry stay; tags that it did not have are new to it. */
  renewedStamp(fields: Fields, { entry, stamp }: TokenRow, fence: TokenFence | undefined): Stamp | undefined {
    const held = fence === undefined ? stamp : fence.accepted.get(entry.revision);
    const isSame = held?.resource === stamp.resource && held.mark === stamp.mark && held.namespace === stamp.namespace;
    const admitted = this.admitted({ ...fields, tags: fields.tags.filter((tag) => !stamp.tags.has(tag)) }, fence);
    if (!isSame || admitted === undefined) return undefined;
    const tags = new Map([...admitted.tags, ...stamp.tags]);
    return { ...stamp, tags: new Map([...tags].filter(([tag]) => fields.tags.includes(tag))) };
  }

  override async delete(selector: StorageSelector): Promise<number> {
    this.assertOpen();
    const selected = this.rowsOf((entry) => this.selects(selector, entry)).filter((row) => this.isValid(row));
    const isOfBody = 'key' in selector && (selector.variant ?? selector.revision) !== undefined;
    if (isOfBody) return this.remove(selected);
    await this.invalidateTokens(selector);
    // What was stored meanwhile bears the tokens of now.
    return this.isSweeping ? this.remove(selected.filter((row) => !this.isValid(row))) : 0;
  }

  async invalidateTokens(selector: StorageSelector): Promise<void> {
    const record = this.engine.namespaces.get(this.namespace);
    if (record === undefined) return;
    record.changes += 1;
    if ('underWay' in selector) {
      record.tags += 1;
      record.listings = record.tags;
    } else if ('tag' in selector) await this.changeTag(selector.tag);
    else if ('key' in selector) this.markKey(selector.key, selector.resource);
    else this.changeResource(selector.resource);
  }

  /** One step. */
  async changeTag(tag: string): Promise<void> {
    const record = this.namespaceRecord();
    record.tags += 1;
    this.engine.tagRecords.set(this.tagName(tag), this.newTag());
  }

  changeResource(resource: string): void {
    const name = this.resourceName(resource);
    if (this.engine.resources.has(name)) this.engine.resources.set(name, { token: newToken(), marks: new Map() });
  }

  markKey(key: string, resource: string): void {
    this.engine.resources.get(this.resourceName(resource))?.marks.set(key, newToken());
  }

  override async clear(): Promise<void> {
    this.assertOpen();
    const record = this.engine.namespaces.get(this.namespace);
    if (record !== undefined) record.token = newToken();
    if (this.isSweeping) this.remove(this.rowsOf(() => true));
  }

  override async *entries() {
    this.assertOpen();
    for (const row of this.rowsOf(() => true)) if (this.isValid(row)) yield this.describe(row.entry);
  }

  /** Whether the tokens of now are those that the entry was stored by; `named` by the look-up. */
  isValid({ entry, stamp }: TokenRow, _named?: readonly string[]): boolean {
    const record = this.engine.namespaces.get(this.namespace);
    const resource = this.engine.resources.get(this.resourceName(entry.resource));
    return record?.token === stamp.namespace && resource?.token === stamp.resource &&
      this.markOf(entry) === stamp.mark && [...stamp.tags].every(([tag, token]) => this.isTagValid(tag, token));
  }

  isTagValid(tag: string, token: TagRecord): boolean {
    return this.engine.tagRecords.get(this.tagName(tag))?.random === token.random;
  }

  markOf({ key, resource }: { key: string; resource: string }): string {
    return this.engine.resources.get(this.resourceName(resource))?.marks.get(key) ?? '';
  }

  /** What an entry may be stored by; undefined: something was invalidated that it depends on. */
  admitted(entry: Fields, fence: TokenFence | undefined): Stamp | undefined {
    if (fence === undefined) return this.stampOf(entry);
    const record = this.engine.namespaces.get(this.namespace);
    if (record?.token !== fence.namespace.token || record.listings > fence.namespace.tags) return undefined;
    const isForeign = fence.key !== entry.key || fence.resource !== entry.resource;
    if (isForeign && record.changes !== fence.namespace.changes) return undefined;
    const now = this.stampOf(entry);
    if (!isForeign && (now.resource !== fence.stamp.resource || now.mark !== fence.stamp.mark)) return undefined;
    return [...now.tags].every(([tag, token]) => this.isTagOf(fence, tag, token)) ? now : undefined;
  }

  /** Whether the token of a tag is that of the look-up, or no newer than it where the look-up did not name the tag. */
  isTagOf({ stamp, namespace }: TokenFence, tag: string, token: TagRecord): boolean {
    const known = stamp.tags.get(tag);
    if (known !== undefined) return known.random === token.random;
    // One of a former namespace is older than the look-up.
    return token.namespace !== namespace.token || token.number <= namespace.tags;
  }

  /** The tokens of now, made where they are absent. */
  stampOf({ key, resource, tags }: { key: string; resource: string; tags: readonly string[] }): Stamp {
    const ofResource = this.ensureResource(resource);
    const namespace = this.namespaceRecord().token;
    const ensureTag = (tag: string): TagRecord =>
      ensured(this.engine.tagRecords, this.tagName(tag), () => this.newTag());
    return {
      namespace,
      resource: ofResource.token,
      mark: this.markOf({ key, resource }),
      tags: new Map(tags.map((tag) => [tag, ensureTag(tag)])),
    };
  }

  namespaceRecord(): NamespaceRecord {
    return this.ensureNamespace();
  }

  ensureNamespace(token = newToken()): NamespaceRecord {
    return ensured(this.engine.namespaces, this.namespace, () => ({ token, tags: 0, listings: 0, changes: 0 }));
  }

  ensureResource(resource: string, token = newToken()): ResourceRecord {
    return ensured(this.engine.resources, this.resourceName(resource), () => ({ token, marks: new Map() }));
  }

  newTag(): TagRecord {
    const { token, tags } = this.namespaceRecord();
    return { namespace: token, number: tags, random: newToken() };
  }

  rowsOf(matches: (entry: StoredEntry) => boolean): readonly TokenRow[] {
    return this.find(matches) as readonly Row[] as readonly TokenRow[];
  }

  writeStamped(entry: StoredEntry, stamp: Stamp, lookedUpAt: number): void {
    super.put(entry, lookedUpAt);
    this.engine.rows = this.engine.rows.map((row) => (row.entry === entry ? { ...row, stamp } : row));
  }

  resourceName(resource: string): string {
    return JSON.stringify([this.namespace, resource]);
  }

  tagName(tag: string): string {
    return JSON.stringify([this.namespace, tag]);
  }

  override loseTokens(): void {
    this.loseNamespaceToken();
    this.engine.resources.clear();
    this.engine.tagRecords.clear();
  }

  loseNamespaceToken(): void {
    this.engine.namespaces.clear();
  }

  loseEntries(): void {
    this.engine.rows = [];
  }
}

const reopenAfter = (lose: (storage: TokenStorage) => void) => (storage: CacheStorage): ReferenceStorage => {
  const first = storage as TokenStorage;
  lose(first);
  return first.open(first.namespace);
};

export const TOKEN_ENGINE: Required<StorageEngine> = {
  ...REFERENCE_ENGINE,
  reopenWithoutNamespaceToken: reopenAfter((storage) => { storage.loseNamespaceToken(); }),
  reopenWithoutResourceTokens: reopenAfter(({ engine }) => { engine.resources.clear(); }),
  reopenWithoutTagTokens: reopenAfter(({ engine }) => { engine.tagRecords.clear(); }),
  reopenWithoutEntries: reopenAfter((storage) => { storage.loseEntries(); }),
  reopenUnswept: (storage) =>
    Object.assign((storage as TokenStorage).open((storage as TokenStorage).namespace), { isSweeping: false }),
};
