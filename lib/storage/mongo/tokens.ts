/**
 * The tokens that entries are stored under: random texts in documents of their own, which an invalidation changes. An
 * entry counts as long as every token that it names is still the one that stands there; a token that is missing is
 * another one.
 *
 * The document of the namespace has three numbers beside its token: `n` counts the changes by tag, `l` the deletions by
 * listing, `a` all invalidations. The token of a tag begins with the token of the namespace and the number at which it
 * was made, so that of several changes at once the latest stays. An answer that brings a tag which nobody knew at its
 * look-up is stored only if no tag at all has changed since.
 */
import { randomBytes } from 'node:crypto';
import { isDuplicate, type MongoConnection } from './connection.js';
import {
  exact, parseExact, purgeDate, readState, readToken, type State, type TokenDocument, writeTagToken,
} from './documents.js';
import type { Document, Filter } from './driver.js';
import { digestIn, type Names } from './names.js';
import type { RecordCodec } from '../record/codec.js';
import { malformed } from '../record/part.js';
import { openValue, sealValue } from '../record/values.js';
import type { Reports } from '../reports.js';
import { BoundedMap } from '../../support/bounded-map.js';
import { hashAddress } from '../../support/digest.js';
import { shared } from '../../support/shared.js';
import { owns } from '../../support/owns.js';

/** How long a token stands that nothing was stored under: no flight takes longer. */
export const FLIGHT_MS = 10 * 60 * 1000;
/** How much longer than what is stored under it a token stands. */
const MARGIN_MS = 60 * 60 * 1000;
/** A resource with more marks gets a new token instead, which makes them void as well. */
const MOST_MARKS = 64;

/** A majority knows of a change before it counts, so that a new primary does not bring back what was before it. */
const FIRM = { writeConcern: { w: 'majority' } } as const;

/** Tokens as one look has shown them. */
export interface ShownTokens {
  readonly state: State | undefined;
  /** Those of resources and of tags. */
  readonly byName: ReadonlyMap<string, TokenDocument>;
}

export type TagTokens = ReadonlyMap<string, TokenDocument>;

/** What can be made void, also while it is under way. */
export type Invalidation =
  | { readonly key: string; readonly resource: string }
  | { readonly resource: string }
  | { readonly tag: string }
  | { readonly underWay: true }
  | { readonly everything: true };

export class Tokens {
  readonly #connection: MongoConnection;
  readonly #names: Names;
  readonly #codec: RecordCodec;
  readonly #reports: Reports;
  /** The values of `meta` that this process has handed out, as they are written. */
  readonly #handedOut = new Map<string, string>();
  /** What is being made: calls that come at once wait for one and the same, as a server makes them one by one. */
  readonly #making = new Map<string, Promise<Document | undefined>>();
  readonly #makingValues = new Map<string, Promise<string>>();
  /** Until when tokens stand by what this process has written: no other one makes that shorter. */
  readonly #prolonged = new BoundedMap<string, { readonly untilMs: number; readonly done: Promise<void> }>(10_000);

  constructor(connection: MongoConnection, names: Names, codec: RecordCodec, reports: Reports) {
    this.#connection = connection;
    this.#names = names;
    this.#codec = codec;
    this.#reports = reports;
  }

  async read(names: readonly string[]): Promise<ShownTokens> {
    return this.shownBy(await this.#connection.find({ k: { $in: names } }));
  }

  /** What stands in documents that are no entries. */
  shownBy(documents: readonly Document[]): ShownTokens {
    const byName = new Map<string, TokenDocument>();
    let state: State | undefined;
    for (const document of documents) {
      if (document['_id'] === this.#names.state) {
        state = readState(document);
        continue;
      }
      const token = readToken(document);
      if (token !== undefined) byName.set(String(document['_id']), token);
    }
    return { state, byName };
  }

  /** The document of the namespace, which is made where there is none. */
  async makeState(): Promise<State> {
    const v = Object.fromEntries(this.#handedOut);
    return this.#make(this.#names.state, { g: randomToken(), n: 0, l: 0, a: 0, v }, readState);
  }

  /** @param purgeAtMs when what is stored under it at once is purged; undefined: nothing is, yet. */
  makeResource(name: string, purgeAtMs?: number): Promise<TokenDocument> {
    return this.#make(name, { g: randomToken(), ...untilAfter(purgeAtMs) }, readToken);
  }

  /**
   * @param state was read before, so that no number is above what it was when the token is made.
   * @param purgeAtMs as for a resource.
   */
  async makeTags(
    names: readonly string[],
    { token: o, changes: c }: State,
    purgeAtMs?: number,
  ): Promise<TagTokens> {
    const made = names.map(async (name) => {
      const fields = { g: `${o}.${c}.${randomToken()}`, o, c, ...untilAfter(purgeAtMs) };
      return [name, await this.#make(name, fields, readToken)] as const;
    });
    return new Map(await Promise.all(made));
  }

  /**
   * The tokens of tags of which nothing was known at the look-up, made where there are none. Undefined: some tag has
   * changed since, which may have been one of them. Their own numbers do not tell: a token that was lost may be made
   * again by somebody who has read the number of the namespace before the change.
   */
  async readNewTags(names: readonly string[], atLookUp: State): Promise<TagTokens | undefined> {
    const shown = await this.read([this.#names.state, ...names]);
    const { state } = shown;
    if (state?.token !== atLookUp.token || state.changes !== atLookUp.changes) return undefined;
    const absent = names.filter((name) => !shown.byName.has(name));
    return new Map([...shown.byName, ...(await this.makeTags(absent, state))]);
  }

  /** Sees that tokens stand as long as what is stored under them. */
  async prolong(tokens: TagTokens, purgeAtMs: number): Promise<void> {
    await Promise.all([...tokens].map(([name, token]) => this.#prolong(name, token, purgeAtMs)));
  }

  async #prolong(name: string, { token, untilMs }: TokenDocument, purgeAtMs: number): Promise<void> {
    if (untilMs >= purgeAtMs) return;
    const known = this.#prolonged.get(token);
    if (known !== undefined && known.untilMs >= purgeAtMs) return known.done;
    const { p } = purgeDate(purgeAtMs + MARGIN_MS);
    // What has no date stands for ever, and is left so.
    const [which, update] = p === undefined
      ? [{ $exists: true }, { $unset: { p: '' } }] as const
      : [{ $lt: p }, { $set: { p } }] as const;
    const updating = this.#connection.run((collection) => collection.updateOne({ ...byName(name), p: which }, update));
    const done = updating.then(() => undefined);
    this.#prolonged.set(token, { untilMs: purgeAtMs, done });
    done.catch(() => { this.#prolonged.delete(token); });
    return done;
  }

  /**
   * Makes void what was stored, and what is under way. It resolves when that counts.
   * @returns a condition for the entries that may be swept now; undefined: none.
   */
  invalidate(what: Invalidation): Promise<Filter | undefined> {
    const { state, tag, resource } = this.#names;
    const names = owns(what, 'tag') ? [tag(what.tag)] : owns(what, 'resource') ? [resource(what.resource)] : [];
    return this.#mending([state, ...names], () => this.#invalidate(what));
  }

  async #invalidate(what: Invalidation): Promise<Filter | undefined> {
    if (owns(what, 'everything')) return this.#changeNamespace();
    if (owns(what, 'tag')) return this.#changeTag(this.#names.tag(what.tag));
    if (owns(what, 'underWay')) {
      await this.#count({ n: 1, l: 1, a: 1 });
      return undefined;
    }
    // It is counted before it is done: who has seen the number as it was has not seen the new token.
    await this.#count({ a: 1 });
    const resource = this.#names.resource(what.resource);
    return owns(what, 'key') ? this.#markKey(this.#names.key(what.key), resource) : this.#changeResource(resource);
  }

  async #count(numbers: Readonly<Record<string, number>>): Promise<State | undefined> {
    const { state } = this.#names;
    return readState(await this.#connection.findOneAndUpdate(byName(state), { $inc: numbers }, FIRM));
  }

  async #changeNamespace(): Promise<Filter> {
    const g = randomToken();
    const update = { $set: { g }, $inc: { n: 1, l: 1, a: 1 } };
    await this.#connection.run((collection) => collection.updateOne(byName(this.#names.state), update, FIRM));
    return { _id: this.#names.entriesAfter(), gn: { $ne: g } };
  }

  /** The document is replaced whole: the marks of keys go with the token that they hang on. */
  async #changeResource(name: string): Promise<Filter> {
    const g = randomToken();
    const document = { k: name, g, ...untilAfter() };
    await this.#connection.run((collection) => collection.replaceOne(byName(name), document, FIRM));
    return { r: name, gr: { $ne: g } };
  }

  async #markKey(key: string, resource: string): Promise<Filter> {
    const mark = randomToken();
    const update = { $set: { [`m.${digestIn(key)}`]: mark } };
    const { m = {} } = await this.#connection.findOneAndUpdate(byName(resource), update, FIRM) ?? {};
    if (Object.keys(m as object).length > MOST_MARKS) await this.#changeResource(resource);
    return { k: key, gk: { $ne: mark } };
  }

  async #changeTag(name: string): Promise<Filter> {
    const state = await this.#count({ n: 1, a: 1 });
    // Without a token of the namespace nothing is valid.
    if (state === undefined) return { t: name };
    const { token: o, changes: c } = state;
    const g = `${o}.${c}.${randomToken()}`;
    await this.#raise(name, { g, o, c, ...untilAfter() });
    return { t: name, gt: { $ne: writeTagToken(name, g) } };
  }

  /** The number of a tag only grows: where a later change was faster, it has done the work of this one too. */
  async #raise(name: string, fields: { readonly o: string; readonly c: number; readonly g: string }): Promise<void> {
    const filter = { ...byName(name), $or: [{ c: { $lt: fields.c } }, { o: { $ne: fields.o } }] };
    const update = { $set: fields };
    const raise = async (): Promise<boolean> => {
      try {
        await this.#connection.run((collection) => collection.updateOne(filter, update, { upsert: true, ...FIRM }));
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        return false;
      }
    };
    // There is a later one, or a flight has just made one, which the second attempt finds, or one of another shape.
    if (!(await raise()) && !(await raise()) && (await this.#mend([name]))) await raise();
  }

  /** A value that is made once, and remembered here: it is put back where the document of the namespace is lost. */
  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    const digest = hashAddress(name);
    return shared(this.#makingValues, digest, () => this.#readValue(name, digest, makeIfAbsent));
  }

  async #readValue(name: string, digest: string, makeIfAbsent: () => string): Promise<string> {
    const opened = (written: unknown): Promise<string | undefined> =>
      openValue(this.#codec, name, parseExact(written));
    const { values } = (await this.read([this.#names.state])).state ?? await this.makeState();
    let written = values[digest];
    let value = await opened(written);
    if (value === undefined) {
      written = await this.#makeValue(digest, written, async () => sealValue(this.#codec, name, makeIfAbsent()));
      value = await opened(written) ?? damaged('a value of meta');
    }
    this.#handedOut.set(digest, String(written));
    return value;
  }

  /** Gives the value as it is written then. */
  async #makeValue(digest: string, former: unknown, make: () => Promise<string>): Promise<unknown> {
    await this.makeState();
    await this.#putValue(digest, this.#handedOut.get(digest) ?? exact(await make()), former);
    return (await this.read([this.#names.state])).state?.values[digest];
  }

  /** Where another process was faster, its value stays; one that is no text does not, nor the former one. */
  #putValue(digest: string, value: string, former?: unknown): Promise<unknown> {
    const field = `v.${digest}`;
    const isAbsent = { [field]: { $not: { $type: 'string' } } };
    const isFree = typeof former === 'string' ? { $or: [isAbsent, { [field]: former }] } : isAbsent;
    const filter = { ...byName(this.#names.state), ...isFree };
    const update = { $set: { [field]: value } };
    return this.#connection.run((collection) => collection.updateOne(filter, update, FIRM));
  }

  /**
   * False where the namespace has another value than this process has handed out: what is keyed by the one is not to be
   * found by the other. A value that is missing is put back.
   */
  async agreesOnValues({ values }: State): Promise<boolean> {
    let agrees = true;
    for (const [digest, value] of this.#handedOut) {
      if (values[digest] === value) continue;
      agrees = false;
      if (values[digest] === undefined) await this.#putValue(digest, value);
    }
    return agrees;
  }

  /** The document that is there, or the one made now: what every process then reads. */
  async #make<T>(name: string, fields: object, read: (document: Document | undefined) => T | undefined): Promise<T> {
    const made = shared(this.#making, name, () => this.#mending([name], async () => {
      const update = { $setOnInsert: fields };
      const document = await this.#connection.findOneAndUpdate(byName(name), update, { upsert: true, ...FIRM });
      return read(document) === undefined ? damaged(name) : document;
    }));
    return read(await made) ?? damaged(name);
  }

  /** What fails by documents of another shape is done again without them. */
  async #mending<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(await this.#mend(names).catch(() => false))) throw error;
      return work();
    }
  }

  /** Deletes what stands under these names in another shape: what depends on it is void then. */
  async #mend(names: readonly string[]): Promise<boolean> {
    let isMended = false;
    for (const document of await this.#connection.find({ _id: { $in: names } })) {
      const { _id } = document;
      const isSound = (_id === this.#names.state ? readState(document) : readToken(document)) !== undefined;
      if (isSound) continue;
      const { deletedCount } = await this.#connection.run((collection) => collection.deleteMany({ _id }));
      if (deletedCount > 0) this.#reports.damage('get', malformed('a token has another shape'));
      isMended = true;
    }
    return isMended;
  }
}

/** When a token is dropped under which nothing was stored yet, or under which something is. */
const untilAfter = (purgeAtMs = -Infinity): { readonly p?: Date } =>
  purgeDate(Math.max(purgeAtMs + MARGIN_MS, Date.now() + FLIGHT_MS));

/** By both, whichever of the two a sharded collection is divided by. */
const byName = (name: string): Filter => ({ _id: name, k: name });

/** 96 bits: no two are the same, so that one that was lost never comes back. */
export const randomToken = (): string => randomBytes(12).toString('base64url');

function damaged(what: string): never {
  throw new Error(`MongoStorage: ${what} cannot be read`);
}
