/** Writes entries by what their look-up has seen, so that nothing void and nothing older stands in the end. */
import type { RenewedEntry, StoredEntry } from '../../api/storage.js';
import { isDuplicate, type MongoConnection } from './connection.js';
import type { Contents } from './contents.js';
import { exact, type Pieces, type State, type TokenDocument, writeTagToken } from './documents.js';
import type { Document } from './driver.js';
import { type LookUp, type LookUps, markOf, NO_TOKENS, type SeenEntry } from './look-up.js';
import type { Names } from './names.js';
import type { ShownTokens, TagTokens, Tokens } from './tokens.js';
import { malformed } from '../record/part.js';
import type { Reports } from '../reports.js';

interface Parts {
  readonly connection: MongoConnection;
  readonly names: Names;
  readonly tokens: Tokens;
  readonly lookUps: LookUps;
  readonly contents: Contents;
  readonly reports: Reports;
}

/** What an entry is stored under. */
interface Grounds {
  readonly state: State;
  readonly resourceToken: TokenDocument;
  readonly mark: string;
  readonly tags: TagTokens;
  /** Some of its tags were not known at the look-up, so that no tag may have changed since. */
  readonly hasNewTags: boolean;
  /** When it was looked up. */
  readonly atMs: number;
  /** The key was known at the look-up; else nothing at all may have been invalidated since. */
  readonly isOfItsKey: boolean;
}

/** So often a document that somebody else writes at the same time is tried for. */
const MOST_ATTEMPTS = 3;

export class Writer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param fields those of `entry`, as they stand in its document. */
  async write(
    entry: StoredEntry,
    fields: Document,
    lookUp: LookUp,
    how: 'by its fence' | 'whatever is there',
  ): Promise<boolean> {
    const { contents } = this.#parts;
    const place = this.#placeOf(entry);
    const known = lookUp.seen.get(place._id);
    // A body that the look-up has found is as good as the tokens that it was found by.
    const isSeen = how === 'by its fence' && known?.rev === exact(entry.revision);
    const kept = isSeen ? known?.keptBy : NO_TOKENS;
    const grounds = kept && (await this.#groundsOf(entry, lookUp, kept));
    if (grounds === undefined) return false;
    const body = await contents.writeBody(entry);
    const document = { ...place, ...fields, ...body, ...tokensOf(grounds), at: grounds.atMs };
    const former = grounds.isOfItsKey ? known : undefined;
    const isWritten = how === 'whatever is there'
      ? await this.#put(document)
      : await this.#replaceSeen(document, former) || await this.#contend(entry, document, grounds);
    if (!isWritten) {
      await contents.deletePieces(piecesIn(document));
      return false;
    }
    const [isCurrent] = await Promise.all([
      how === 'whatever is there' || this.#isCurrent(entry, grounds),
      this.#prolong(entry, grounds, piecesIn(document)),
      contents.deletePieces(former?.pieces),
    ]);
    // What readers cannot tell by the tokens, because it was listed and deleted just before, is taken back.
    if (!isCurrent) await this.#takeBack(document);
    return isCurrent;
  }

  /** Writes the fields of the revision that was looked up. What it was stored under stays, and tags may come. */
  async renew(entry: RenewedEntry, fields: Document, lookUp: LookUp): Promise<boolean> {
    const { connection } = this.#parts;
    const place = this.#placeOf(entry);
    const seen = lookUp.seen.get(place._id);
    if (lookUp.key !== entry.key || lookUp.resource !== entry.resource) return false;
    if (seen?.keptBy === undefined || seen.rev !== exact(entry.revision)) return false;
    const grounds = await this.#groundsOf(entry, lookUp, seen.keptBy);
    if (grounds === undefined || !(await this.#isCurrent(entry, grounds))) return false;
    await this.#prolong(entry, grounds, seen.pieces);
    const { gt, ...accepted } = tokensOf(grounds);
    const gone = ['u', 'p'].filter((name) => !(name in fields)).map((name) => [name, ''] as const);
    const removed = gone.length > 0 ? { $unset: Object.fromEntries(gone) } : {};
    const update = { $set: { ...fields, gt }, $max: { at: grounds.atMs }, ...removed };
    const filter = { ...place, rev: seen.rev, ...accepted };
    const { matchedCount } = await connection.run((collection) => collection.updateOne(filter, update));
    return matchedCount > 0;
  }

  /** Undefined: something has changed since the look-up. */
  async #groundsOf(entry: RenewedEntry, lookUp: LookUp, kept: TagTokens = NO_TOKENS): Promise<Grounds | undefined> {
    const { names, lookUps } = this.#parts;
    const isOfItsKey = lookUp.key === entry.key && lookUp.resource === entry.resource;
    const { state, atMs } = lookUp;
    if (isOfItsKey) {
      const tags = await this.#tagsOf(entry.tags.map(names.tag), lookUp, kept);
      const { resourceToken, mark } = lookUp;
      const isNew = (name: string): boolean => !kept.has(name) && !lookUp.tags.has(name);
      const hasNewTags = [...(tags?.keys() ?? [])].some(isNew);
      return tags && { state, resourceToken, mark, tags, hasNewTags, atMs, isOfItsKey };
    }
    // What is known of the key only now holds if nothing has changed since the look-up, which is seen in the end.
    const looked = await lookUps.look(entry.key, entry, 'without bodies');
    const now = await lookUps.complete(looked);
    if (now === undefined || now.state.token !== state.token) return undefined;
    const { resourceToken, mark, tags } = now;
    return { state, resourceToken, mark, tags, hasNewTags: true, atMs, isOfItsKey };
  }

  async #tagsOf(tags: readonly string[], lookUp: LookUp, kept: TagTokens): Promise<TagTokens | undefined> {
    const known = new Map<string, TokenDocument>();
    const unknown: string[] = [];
    for (const name of new Set(tags)) {
      const token = kept.get(name) ?? lookUp.tags.get(name);
      if (token === undefined) unknown.push(name);
      else known.set(name, token);
    }
    if (unknown.length === 0) return known;
    const made = await this.#parts.tokens.readNewTags(unknown, lookUp.state);
    return made && new Map([...known, ...made]);
  }

  async #put(document: EntryToWrite): Promise<true> {
    const { connection } = this.#parts;
    const replace = () =>
      connection.run((collection) => collection.replaceOne(placeIn(document), document, { upsert: true }));
    try {
      await replace();
    } catch (error) {
      // Two upserts of one document at once: the other one has made it by now.
      if (!isDuplicate(error)) throw error;
      await this.#makeWay(document);
      await replace();
    }
    return true;
  }

  /** Replaces what the look-up has seen, or nothing. */
  async #replaceSeen(document: EntryToWrite, seen: SeenEntry | undefined): Promise<boolean> {
    const { connection } = this.#parts;
    if (seen === undefined) {
      return (await connection.insert(document)) || ((await this.#makeWay(document)) && connection.insert(document));
    }
    const filter = { ...placeIn(document), rev: seen.rev, at: seen.at };
    const { matchedCount } = await connection.run((collection) => collection.replaceOne(filter, document));
    return matchedCount > 0;
  }

  /** What has the name of the entry, and not that of its key, is found by no look-up. */
  async #makeWay({ _id, k }: EntryToWrite): Promise<boolean> {
    const { connection, reports } = this.#parts;
    const { deletedCount } = await connection.run((collection) => collection.deleteMany({ _id, k: { $ne: k } }));
    if (deletedCount > 0) reports.damage('set', malformed('it is of another key'));
    return deletedCount > 0;
  }

  /** Somebody else has stored, or deleted, since the look-up: what is valid and was looked up later stays. */
  async #contend(entry: StoredEntry, document: EntryToWrite, grounds: Grounds): Promise<boolean> {
    const { lookUps, contents } = this.#parts;
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const { entries, shown } = await lookUps.look(entry.key, entry, 'without bodies');
      if (!this.#areCurrent(shown, entry, grounds)) return false;
      const there = entries.find(({ document: { id } }) => id === document._id);
      const rival = there && { ...there.document, keptBy: there.keptBy };
      if (rival?.keptBy !== undefined && Number(rival.at) > grounds.atMs) return false;
      if (await this.#replaceSeen(document, rival)) {
        await contents.deletePieces(rival?.pieces);
        return true;
      }
    }
    return false;
  }

  async #isCurrent(entry: RenewedEntry, grounds: Grounds): Promise<boolean> {
    const { names, tokens } = this.#parts;
    const shown = await tokens.read([names.state, names.resource(entry.resource), ...grounds.tags.keys()]);
    return this.#areCurrent(shown, entry, grounds);
  }

  #areCurrent({ state, byName }: ShownTokens, { key, resource }: RenewedEntry, grounds: Grounds): boolean {
    const { names } = this.#parts;
    if (!isStateCurrent(state, grounds)) return false;
    const now = byName.get(names.resource(resource));
    if (now?.token !== grounds.resourceToken.token || markOf(now, names.key(key)) !== grounds.mark) return false;
    return [...grounds.tags].every(([name, { token }]) => byName.get(name)?.token === token);
  }

  /** Sees that what an entry needs stands as long as the entry. */
  async #prolong(
    { resource, purgeAtMs }: RenewedEntry,
    { resourceToken, tags }: Grounds,
    pieces: Pieces | undefined,
  ): Promise<void> {
    const { names, tokens, contents } = this.#parts;
    await Promise.all([
      tokens.prolong(new Map([...tags, [names.resource(resource), resourceToken]]), purgeAtMs),
      pieces && contents.prolong(pieces, purgeAtMs),
    ]);
  }

  async #takeBack(document: EntryToWrite): Promise<void> {
    const { connection, contents } = this.#parts;
    const { rev, at } = document;
    await connection.run((collection) => collection.deleteMany({ ...placeIn(document), rev, at }));
    await contents.deletePieces(piecesIn(document));
  }

  #placeOf({ key, variant }: RenewedEntry): Place {
    const { names } = this.#parts;
    return { _id: names.entry(key, variant), k: names.key(key) };
  }
}

/** By both, whichever of the two a sharded collection is divided by. */
interface Place {
  readonly _id: string;
  readonly k: string;
}

type EntryToWrite = Place & Document;

const placeIn = ({ _id, k }: EntryToWrite): Document => ({ _id, k });

const piecesIn = ({ q, m }: EntryToWrite): Pieces | undefined =>
  typeof q === 'string' ? { name: q, count: Number(m) } : undefined;

const tokensOf = ({ state, resourceToken, mark, tags }: Grounds) => ({
  gn: state.token,
  gr: resourceToken.token,
  gk: mark,
  gt: [...tags].map(([name, { token }]) => writeTagToken(name, token)),
});

const isStateCurrent = (now: State | undefined, { state, hasNewTags, isOfItsKey }: Grounds): boolean =>
  now?.token === state.token &&
  now.listings === state.listings &&
  (!hasNewTags || now.changes === state.changes) &&
  (isOfItsKey || now.all === state.all);
