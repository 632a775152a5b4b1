/** What a rule of the storage contract is, and what rules are written with: sample entries and comparisons. */
import type { CacheStorage, StorageReading, StoredEntry, StoredEntryInfo } from '../../api/storage.js';

/** Gives a storage that is empty and independent of the others it gave. The rule closes it. */
export type CreateStorage = () => CacheStorage | Promise<CacheStorage>;

/** What a storage with an engine behind it can do besides; rules whose need is not offered are not for it. */
export interface StorageEngine {
  /** Another instance on the same engine and namespace, as another process has it; also once `storage` is closed. */
  readonly reopen?: OpenSecond;
  /** As `reopen`, for a storage that gives fences. */
  readonly reopenFenced?: OpenSecond;
  /** As `reopenFenced`, for an engine that compares and writes in one step. */
  readonly reopenAtomic?: OpenSecond;
  /** As `reopenFenced`, for a storage that has `revisions`. */
  readonly reopenWithRevisions?: OpenSecond;
  /** As `reopenFenced`, once the engine has dropped all that the fences of now go by, and no entry. */
  readonly reopenWithoutTokens?: OpenSecond;
  /** As `reopenWithoutTokens`, where a namespace has a token of its own: that alone is dropped, with what it counts. */
  readonly reopenWithoutNamespaceToken?: OpenSecond;
  /** As `reopenWithoutTokens`, where resources have tokens of their own: these alone, with the marks of their keys. */
  readonly reopenWithoutResourceTokens?: OpenSecond;
  /** As `reopenWithoutTokens`, where tags have tokens of their own: these alone. */
  readonly reopenWithoutTagTokens?: OpenSecond;
  /** As `reopenFenced`, once the engine has dropped every entry, and nothing else. */
  readonly reopenWithoutEntries?: OpenSecond;
  /** As `reopenFenced`, but its deletes change tokens and leave all entries in the engine. */
  readonly reopenUnswept?: OpenSecond;
  /** A storage in another namespace of the same engine. */
  readonly openOtherNamespace?: OpenSecond;
  /** As `reopen`, once every entry in the engine bears the mark of a format version that this one does not know. */
  readonly reopenInOtherFormat?: OpenSecond;
  /** As `reopen`, once every entry in the engine is damaged so that it can be seen. */
  readonly reopenDamaged?: OpenSecond;
  /** As `reopen`, with a limit: an entry with a body of 100,000 bytes is too large, one with 1,000 is not. */
  readonly reopenLimited?: OpenSecond;
  /** Another instance with the client that the caller gave to `storage`. */
  readonly openOnSameClient?: OpenSecond;
}

type OpenSecond = (storage: CacheStorage) => CacheStorage | Promise<CacheStorage>;

export interface StorageRule {
  readonly number: number;
  readonly title: string;
  /** What the engine must offer for `check`; undefined: nothing. */
  readonly needs?: keyof StorageEngine | undefined;
  /** Rejects with an Error that says what was wrong. Closes every storage that it opened. */
  check(create: CreateStorage, engine?: StorageEngine): Promise<void>;
}

/** A rule about one storage. */
export type RuleRow = readonly [title: string, check: (storage: CacheStorage) => Promise<void>];
/** A rule about two storages on one engine, the second opened by what the rule needs. */
export type EngineRuleRow = readonly [
  title: string,
  needs: keyof StorageEngine,
  check: (storage: CacheStorage, openSecond: () => Promise<CacheStorage>) => Promise<void>,
];

/** The year 2100: no engine drops these by its own clock while a rule runs, and 32 bits do not hold them. */
export const FUTURE_MS = Date.UTC(2100, 0);
/** Long past for any engine. */
export const PAST_MS = Date.UTC(2001, 0);

/** An entry whose revision is another for each body, unless `fields` says otherwise. */
export const sample = (fields: Partial<StoredEntry> = {}): StoredEntry => ({
  key: 'key',
  resource: 'resource',
  variant: '',
  revision: `of ${fields.body?.byteLength ?? 'the sample'} bytes: ${fields.body?.slice(0, 4).join(' ') ?? ''}`,
  tags: [],
  createdAtMs: Date.UTC(2024, 0),
  expiresAtMs: FUTURE_MS,
  purgeAtMs: Infinity,
  head: '{"status":200}',
  body: Uint8Array.of(1, 2, 3),
  ...fields,
});

/** As many entries of different keys. */
export const samples = (count: number, fields: (index: number) => Partial<StoredEntry> = () => ({})): StoredEntry[] =>
  Array.from({ length: count }, (_, index) => sample({ key: `key ${index}`, ...fields(index) }));

export const withoutBody = ({ body: _body, ...fields }: StoredEntry): Omit<StoredEntry, 'body'> => fields;

/** An entry as listings show it. */
export const infoOf = ({ body, ...fields }: StoredEntry): StoredEntryInfo => ({
  ...fields,
  bodyBytes: body.byteLength,
});

export async function setAll(storage: CacheStorage, entries: readonly StoredEntry[]): Promise<void> {
  for (const entry of entries) await storage.set(entry);
}

export async function list(storage: CacheStorage): Promise<StoredEntryInfo[]> {
  const listed: StoredEntryInfo[] = [];
  for await (const info of storage.entries()) listed.push(info);
  return listed;
}

export function expectTrue(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  expectText(show(actual), show(expected), what);
}

function expectText(shown: string, wanted: string, what: string): void {
  if (shown === wanted) return;
  const from = firstDifference(shown, wanted);
  throw new Error(`${what}: ${excerpt(shown, from)} instead of ${excerpt(wanted, from)}`);
}

/** Selects what `sample` makes under a key. */
export const ofKey = (key = 'key'): Pick<StoredEntry, 'key' | 'resource'> => ({ key, resource: 'resource' });

/** Looks `key` up as one of this resource. */
export const lookUp = async (storage: CacheStorage, key = 'key', resource = 'resource'): Promise<StorageReading> =>
  storage.get(key, { resource, tags: [] });

/** The variants stored under `key` are exactly `expected`, in any order. */
export async function expectStored(
  storage: CacheStorage,
  key: string,
  expected: readonly StoredEntry[],
  when: string,
  resource = expected[0]?.resource,
): Promise<void> {
  const actual = (await lookUp(storage, key, resource)).entries;
  expectEqual(variantsOf(actual), variantsOf(expected), `${when}: the variants that get gave`);
  for (const wanted of expected) {
    const entry = actual.find(({ variant }) => variant === wanted.variant);
    if (entry !== undefined) expectSame(entry, wanted, when);
  }
}

/** Every key of `entries` gives the entry of that key, alone. */
export async function expectEach(storage: CacheStorage, entries: readonly StoredEntry[], when: string): Promise<void> {
  for (const entry of entries) await expectStored(storage, entry.key, [entry], when);
}

export async function expectGone(storage: CacheStorage, entries: readonly StoredEntry[], when: string): Promise<void> {
  for (const entry of entries) await expectStored(storage, entry.key, [], when, entry.resource);
}

/** The listing is exactly `expected`, in any order. */
export async function expectListed(
  storage: CacheStorage,
  expected: readonly StoredEntry[],
  when: string,
): Promise<void> {
  const wanted = expected.map(infoOf);
  expectSameFields(await list(storage), wanted, `${when}: the listing`);
}

/** Two lists have the same entries, in any order. */
export function expectSameFields(actual: readonly Fields[], expected: readonly Fields[], what: string): void {
  const inOrder = (entries: readonly Fields[]): string => entries.map(showFields).sort().join(', ');
  expectText(inOrder(actual), inOrder(expected), what);
}

export function expectSame(actual: StoredEntry, expected: StoredEntry, when: string): void {
  expectText(showFields(actual), showFields(expected), `${when}: the entry`);
  expectEqual(actual.body.byteLength, expected.body.byteLength, `${when}: the length of the body`);
  const [read, wanted] = [actual.body, expected.body];
  for (let index = 0; index < wanted.byteLength; index += 1) {
    if (read[index] === wanted[index]) continue;
    throw new Error(`${when}: byte ${index} of the body is ${read[index]} instead of ${wanted[index]}`);
  }
}

/** An entry without its body, of which the size may be known. */
type Fields = Omit<StoredEntry, 'body'> & { readonly bodyBytes?: number };

/** Everything but the body: the fields of the port only, in a fixed order. */
function showFields(fields: Fields): string {
  const { key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head, bodyBytes } = fields;
  return show({ key, resource, variant, revision, tags, createdAtMs, expiresAtMs, purgeAtMs, head, bodyBytes });
}

const variantsOf = (entries: readonly StoredEntry[]): string[] => entries.map(({ variant }) => variant).sort();

/** JSON that tells numbers apart which JSON does not know. */
function show(value: unknown): string {
  const text = JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? `<${each}>` : each,
  ) as string | undefined;
  return text ?? String(value);
}

function firstDifference(one: string, other: string): number {
  const index = Array.prototype.findIndex.call(one, (character, position) => other[position] !== character);
  return index === -1 ? one.length : index;
}

const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 200;

/** Enough of a long text to see where it differs. */
function excerpt(text: string, around: number): string {
  const start = Math.max(0, around - SHOWN_BEFORE);
  const end = around + SHOWN_AFTER;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}
