/**
 * Looking up in Redis: one trip where an entry is found, or where nothing is known of its resource, and one more where
 * another token is absent.
 */
import type {
  Fence,
  StorageReading,
  StorageRevisions,
  StorageScope,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import { type Malformed, malformed, type Reading } from '../record/part.js';
import type { RedisContext } from './context.js';
import { asFence, nextMoment, type RedisFence, VOID } from './fences.js';
import { type Frame, HEAD_BYTES, readFrame, type Stamp } from './frame.js';
import { readHeads } from './heads.js';
import { digestOf, type KeyAddress, type RedisKeys } from './keys.js';
import { ENSURE_NAMESPACE, ENSURE_RESOURCE, REMOVE_VARIANTS } from './scripts.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { type MaybePromise, whenThere } from '../../support/maybe-promise.js';
import {
  FLIGHT_MS,
  type NamespaceRecord,
  newToken,
  readNamespace,
  readResource,
  type ResourceTokens,
} from './tokens.js';

/** A text of Redis, `null` where there is none. */
type Value = Buffer | null;
/** Tokens of tags by the digests of these, `undefined` where a tag has none. */
type TagTokens = Map<string, string | undefined>;

/** What Redis says is valid now. */
interface Validity extends Tokens {
  readonly tags: TagTokens;
}

interface Tokens {
  readonly namespace: NamespaceRecord | undefined;
  readonly tokens: ResourceTokens | undefined;
}


interface Found {
  readonly frames: readonly Frame[];
  readonly validity: Validity;
}

/** What a look-up ends with, tokens of tags included. */
interface CompleteTokens {
  readonly namespace: NamespaceRecord | undefined;
  readonly tokens: ResourceTokens;
  readonly tags: TagTokens;
}

interface Accepted<T> {
  readonly entries: readonly T[];
  /** What they bear, by the digests of their variants. */
  readonly stamps: ReadonlyMap<string, Stamp>;
}

const NOTHING: Accepted<never> = { entries: [], stamps: new Map() };

/** So many resources are remembered to have a token. */
const REMEMBERED_RESOURCES = 10_000;

export class RedisReader {
  readonly #context: RedisContext;
  /** The digests of resources that had a token when they were looked up last. */
  readonly #withToken = new BoundedMap<string, true>(REMEMBERED_RESOURCES);

  constructor(context: RedisContext) {
    this.#context = context;
  }

  lookUp(key: string, scope: StorageScope): Promise<StorageReading> {
    const address = this.#context.keys.of(key, scope.resource);
    const finding = this.#find(address, scope.tags.map(digestOf));
    return this.#judge(address, finding, (frames) => this.#decode(address, frames, (frame) =>
      this.#readEntry(key, frame)));
  }

  /** As `lookUp`, but Redis sends no bodies: two commands in one trip. */
  revisions(key: string, scope: StorageScope): Promise<StorageRevisions> {
    const address = this.#context.keys.of(key, scope.resource);
    const finding = this.#findHeads(address, scope.tags.map(digestOf));
    return this.#judge(address, finding, (frames) => this.#decode(address, frames, (frame) =>
      this.#readInfo(key, frame)));
  }

  /** Leaves out what was invalidated, reads the rest, and makes the fence of it. */
  async #judge<T>(
    address: KeyAddress,
    finding: Promise<Found>,
    decode: (frames: readonly Frame[]) => MaybePromise<Accepted<T>>,
  ): Promise<{ readonly entries: readonly T[]; readonly fence: Fence }> {
    const making = this.#makeUnlessKnown(address);
    const { frames, validity } = await finding;
    const { namespace } = validity;
    const meta = namespace === undefined ? 'lacking' : this.#context.meta.compare(namespace);
    if (meta === 'differs') return { entries: [], fence: asFence(VOID) };
    const valid = frames.filter(({ stamp }) => bearsTokens(stamp, validity));
    const readingTags = this.readTags(valid.map(({ stamp }) => stamp), validity);
    if (readingTags !== undefined) await readingTags;
    const decoding = decode(valid.filter(({ stamp }) => bearsTags(stamp, validity)));
    const accepted = decoding instanceof Promise ? await decoding : decoding;
    const completing = this.#complete(address, validity, meta, making);
    const fence = completing instanceof Promise
      ? await completing.then((made) => this.#fence(address, valid, accepted, made), failed)
      : this.#fence(address, valid, accepted, completing);
    return { entries: accepted.entries, fence: asFence(fence) };
  }

  /**
   * What is asked for the first time has no token most often: it is made in the same trip, if it is absent. It is used
   * only where the look shows none.
   */
  #makeUnlessKnown(address: KeyAddress): Promise<ResourceTokens> | undefined {
    if (this.#withToken.get(address.resource) === true) return undefined;
    const making = this.ensureResource(address);
    // Where it is needed, who waits for it hears of a failure.
    making.catch(() => undefined);
    return making;
  }

  async #find(address: KeyAddress, tags: readonly string[]): Promise<Found> {
    const [entry = null, resource = null, ...ofNamespace] = await this.#read(address, tags);
    const first = entry === null ? undefined : this.#readFrame(address, entry);
    return {
      frames: first?.hasOthers === true ? [first, ...(await this.#readOthers(address))] : first ? [first] : [],
      validity: validityOf(readResource(resource, address.key), tags, ofNamespace),
    };
  }

  async #findHeads(address: KeyAddress, tags: readonly string[]): Promise<Found> {
    const { keys, link } = this.#context;
    const [{ heads, tokens }, ofNamespace] = await Promise.all([
      readHeads(this.#context, address),
      link.run(keys.namespace, ['MGET', ...namesInNamespace(keys, tags)]) as Promise<Value[]>,
    ]);
    return { frames: heads, validity: validityOf(tokens, tags, ofNamespace) };
  }

  /** The entry, the record of the resource, that of the namespace, and the tokens of the tags. */
  async #read(address: KeyAddress, tags: readonly string[]): Promise<readonly Value[]> {
    const { keys, link } = this.#context;
    const ofResource = [address.entry, address.tokens];
    const ofNamespace = namesInNamespace(keys, tags);
    if (!this.#context.isSplit) {
      try {
        return (await link.run(address.entry, ['MGET', ...ofResource, ...ofNamespace])) as Value[];
      } catch (error) {
        if (!this.#context.splitsBy(error)) throw error;
      }
    }
    const read = (names: readonly string[]): Promise<Value[]> =>
      link.run(names[0] ?? '', ['MGET', ...names]) as Promise<Value[]>;
    return (await Promise.all([read(ofResource), read(ofNamespace)])).flat();
  }

  async #readOthers(address: KeyAddress): Promise<readonly Frame[]> {
    const values = (await this.#context.command('HVALS', address.others)) as Buffer[];
    return values.map((value) => this.#readFrame(address, value)).filter((frame) => frame !== undefined);
  }

  #readFrame(address: KeyAddress, bytes: Buffer): Frame | undefined {
    const frame = readFrame(bytes);
    if (typeof frame === 'object') return frame;
    if (frame === 'malformed') this.#drop(address, bytes, malformed('its head is not whole'));
    return undefined;
  }

  /** Reads the tokens of tags that are not known yet, unless no tag has changed since the entry was stored. */
  readTags(stamps: readonly Stamp[], { namespace, tags }: Omit<Validity, 'tokens'>): Promise<void> | undefined {
    const unknown = new Set<string>();
    for (const stamp of stamps) {
      if (stamp.tagNumber === namespace?.tagNumber) continue;
      for (const tag of stamp.tags.keys()) if (!tags.has(tag)) unknown.add(tag);
    }
    return unknown.size === 0 ? undefined : this.#readTokens([...unknown], tags);
  }

  async #readTokens(unknown: readonly string[], tags: TagTokens): Promise<void> {
    const names = unknown.map((tag) => this.#context.keys.tagToken(tag));
    const values = (await this.#context.link.run(names[0] ?? '', ['MGET', ...names])) as Value[];
    for (const [index, tag] of unknown.entries()) tags.set(tag, values[index]?.toString('latin1'));
  }

  /** Where no layer of the record takes its time, nothing is waited for. */
  #decode<T>(
    address: KeyAddress,
    frames: readonly Frame[],
    read: (frame: Frame) => MaybePromise<Reading<T>>,
  ): MaybePromise<Accepted<T>> {
    const [first, ...others] = frames;
    if (first === undefined) return NOTHING;
    const take = (frame: Frame, reading: Reading<T>, { entries, stamps }: Accepted<T>): Accepted<T> => {
      if (reading.kind === 'malformed') this.#drop(address, frame.bytes, reading);
      if (reading.kind !== 'read') return { entries, stamps };
      return { entries: [...entries, reading.value], stamps: new Map([...stamps, [frame.stamp.variant, frame.stamp]]) };
    };
    let accepted = whenThere(read(first), (reading) => take(first, reading, NOTHING));
    for (const frame of others) {
      accepted = whenThere(accepted, (before) => whenThere(read(frame), (reading) => take(frame, reading, before)));
    }
    return accepted;
  }

  #readEntry(key: string, frame: Frame): MaybePromise<Reading<StoredEntry>> {
    return whenThere(this.#readFields(key, frame), (fields): MaybePromise<Reading<StoredEntry>> => {
      if (fields.kind !== 'read') return fields;
      const { value } = fields;
      return whenThere(this.#context.codec.readBody(frame.body, value), (body): Reading<StoredEntry> =>
        body.kind === 'read' ? { kind: 'read', value: { ...value, body: body.value } } : body,
      );
    });
  }

  #readInfo(key: string, frame: Frame): MaybePromise<Reading<StoredEntryInfo>> {
    const { bodyBytes } = frame.stamp;
    return whenThere(this.#readFields(key, frame), (fields): Reading<StoredEntryInfo> =>
      fields.kind === 'read' ? { kind: 'read', value: { ...fields.value, bodyBytes } } : fields,
    );
  }

  #readFields(key: string, { stamp, fields: part }: Frame): MaybePromise<Reading<EntryFields>> {
    return whenThere(this.#context.codec.readFields(part), (fields): Reading<EntryFields> => {
      if (fields.kind !== 'read') return fields;
      const { value } = fields;
      if (value.key !== key) return malformed('it is of another key');
      if (stamp.variant !== digestOf(value.variant)) return malformed('it is of another variant');
      if (!value.tags.every((tag) => stamp.tags.has(digestOf(tag)))) return malformed('it has no token of a tag');
      return fields;
    });
  }

  /** Nobody waits until what is damaged is deleted: who finds it once more finds it absent again. */
  #drop({ entry, others, index, key }: KeyAddress, bytes: Buffer, reading: Malformed): void {
    this.#context.reports.damage('get', reading);
    const head = bytes.subarray(0, HEAD_BYTES);
    this.#context.run(REMOVE_VARIANTS, [entry, others, index], [key, '', '', head]).catch(() => undefined);
  }

  /** Makes what is absent, before the origin is asked. */
  #complete(
    address: KeyAddress,
    validity: Validity,
    meta: 'same' | 'lacking',
    making: Promise<ResourceTokens> | undefined,
  ): MaybePromise<CompleteTokens> {
    const { namespace, tokens, tags } = validity;
    let isComplete = meta === 'same';
    for (const token of tags.values()) if (token === undefined) isComplete = false;
    if (isComplete && namespace !== undefined && tokens !== undefined) return { namespace, tokens, tags };
    return this.#ensure({ ...validity, tokens: tokens ?? making ?? this.ensureResource(address) }, isComplete);
  }

  async #ensure(
    validity: Omit<Validity, 'tokens'> & { readonly tokens: MaybePromise<ResourceTokens> },
    isComplete: boolean,
  ): Promise<CompleteTokens> {
    const { tags } = validity;
    const [tokens, namespace] = await Promise.all([
      validity.tokens,
      isComplete ? validity.namespace : this.#ensureNamespace(tags, validity.namespace),
    ]);
    return { tokens, namespace, tags };
  }

  #fence(
    { key, resource }: KeyAddress,
    frames: readonly Frame[],
    { stamps }: Accepted<unknown>,
    { namespace, tokens, tags }: CompleteTokens,
  ): RedisFence {
    if (namespace === undefined) return VOID;
    if (this.#context.meta.compare(namespace) !== 'same') return VOID;
    return {
      kind: 'taken',
      key,
      resource,
      namespace,
      tokens,
      tags: tags as ReadonlyMap<string, string>,
      seen: new Map(frames.map(({ stamp }) => [stamp.variant, stamp.revision])),
      accepted: stamps,
      atUs: nextMoment(),
    };
  }

  async ensureResource({ tokens, key, resource }: KeyAddress): Promise<ResourceTokens> {
    const value = (await this.#context.run(ENSURE_RESOURCE, [tokens], [newToken(), String(FLIGHT_MS)])) as Buffer;
    this.#withToken.set(resource, true);
    return readResource(value, key) as ResourceTokens;
  }

  /** The numbers that were read first count, unless they were begun anew. */
  async #ensureNamespace(tags: TagTokens, former: NamespaceRecord | undefined): Promise<NamespaceRecord | undefined> {
    const { keys, meta } = this.#context;
    const absent = [...tags].filter(([, token]) => token === undefined).map(([tag]) => tag);
    const names = absent.map((tag) => keys.tagToken(tag));
    const args = [newToken(), String(FLIGHT_MS), meta.written(), ''];
    const reply = (await this.#context.run(ENSURE_NAMESPACE, [keys.namespace, ...names], args)) as Buffer[];
    for (const [index, tag] of absent.entries()) tags.set(tag, reply[index + 1]?.toString('latin1'));
    const made = readNamespace(reply[0] ?? null);
    if (made === undefined || made.token !== former?.token) return made;
    return { ...made, tagNumber: former.tagNumber, changes: former.changes };
  }
}

const namesInNamespace = (keys: RedisKeys, tags: readonly string[]): readonly string[] =>
  [keys.namespace, ...tags.map((tag) => keys.tagToken(tag))];

/** @param ofNamespace what was read under the names above. */
const validityOf = (
  tokens: ResourceTokens | undefined,
  tags: readonly string[],
  [namespace = null, ...ofTags]: readonly Value[],
): Validity => ({
  namespace: readNamespace(namespace),
  tokens,
  tags: new Map(tags.map((tag, index) => [tag, ofTags[index]?.toString('latin1')])),
});

const failed = (cause: unknown): RedisFence => ({ kind: 'void', cause });

/** What an entry bears is what is valid now, but for its tags. */
export const bearsTokens = (stamp: Stamp, { namespace, tokens }: Tokens): boolean =>
  stamp.namespaceToken === namespace?.token &&
  stamp.resourceToken === tokens?.token &&
  stamp.mark === tokens.mark;

export function bearsTags(stamp: Stamp, { namespace, tags }: Omit<Validity, 'tokens'>): boolean {
  const isUnchanged = stamp.tagNumber === namespace?.tagNumber;
  for (const [tag, token] of stamp.tags) {
    if (tags.has(tag) ? tags.get(tag) !== token : !isUnchanged) return false;
  }
  return true;
}
