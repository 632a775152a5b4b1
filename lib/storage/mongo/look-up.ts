/** Look-ups: what a key has, what of it counts by the tokens of now, and the fence that such a look gives. */
import type { StorageScope } from '../../api/storage.js';
import { BoundedMap } from '../../support/bounded-map.js';
import type { MongoConnection } from './connection.js';
import { type EntryDocument, type Pieces, readEntry, type State, type TokenDocument } from './documents.js';
import type { Document } from './driver.js';
import { digestIn, type Names } from './names.js';
import type { ShownTokens, TagTokens, Tokens } from './tokens.js';

/** What the port calls a fence: everything that an answer is stored by. */
export class LookUp {
  readonly key: string;
  readonly resource: string;
  /** When it was given out. */
  readonly atMs = Date.now();
  readonly state: State;
  readonly resourceToken: TokenDocument;
  readonly mark: string;
  /** Those of the scope. */
  readonly tags: TagTokens;
  /** What stood under the key, whether it counts or not. */
  readonly seen: ReadonlyMap<string, SeenEntry>;

  constructor({ key, resource, state, resourceToken, mark, tags, seen }: Omit<LookUp, 'atMs'>) {
    this.key = key;
    this.resource = resource;
    this.state = state;
    this.resourceToken = resourceToken;
    this.mark = mark;
    this.tags = tags;
    this.seen = seen;
  }
}

/** The fence of a look-up whose tokens could not be made: nothing can be stored by it. */
export class UnfinishedLookUp {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

export interface SeenEntry {
  readonly rev: unknown;
  readonly at: unknown;
  readonly pieces: Pieces | undefined;
  /** The tokens of its tags by which it counts; undefined: it does not. */
  readonly keptBy: TagTokens | undefined;
}

/** One look at a key. */
export interface Looked {
  readonly key: string;
  readonly resource: string;
  readonly tags: readonly string[];
  readonly shown: ShownTokens;
  readonly entries: readonly { readonly document: EntryDocument; readonly keptBy: TagTokens | undefined }[];
}

/** Of so many keys the tags are remembered that only their answers have named. */
const REMEMBERED_KEYS = 10_000;
const WITHOUT_BODY = { projection: { b: 0 } };

export class LookUps {
  readonly #connection: MongoConnection;
  readonly #names: Names;
  readonly #tokens: Tokens;
  /** Asked for at once with the rest, so that a second look is needed only where a key has got other tags. */
  readonly #tagsOfKeys = new BoundedMap<string, readonly string[]>(REMEMBERED_KEYS);

  constructor(connection: MongoConnection, names: Names, tokens: Tokens) {
    this.#connection = connection;
    this.#names = names;
    this.#tokens = tokens;
  }

  /** Entries and tokens come by one condition on one index, in one trip. */
  async look(key: string, scope: StorageScope, bodies: 'with bodies' | 'without bodies'): Promise<Looked> {
    const [keyName, resource] = [this.#names.key(key), this.#names.resource(scope.resource)];
    const tags = [...new Set(scope.tags.map(this.#names.tag))];
    const asked = [keyName, this.#names.state, resource, ...tags, ...(this.#tagsOfKeys.get(keyName) ?? [])];
    const options = bodies === 'with bodies' ? {} : WITHOUT_BODY;
    const documents = await this.#connection.find({ k: { $in: asked } }, options);
    const [ofKey, others]: [Document[], Document[]] = [[], []];
    for (const document of documents) (document['k'] === keyName ? ofKey : others).push(document);
    const found = ofKey.map(readEntry);
    const shown = await this.#withTagsOf(found, asked, this.#tokens.shownBy(others));
    const counts = this.#judge(shown);
    const entries = found.map((document) => ({ document, keptBy: counts(document) }));
    return { key, resource: scope.resource, tags, shown, entries };
  }

  /** The entries among `documents` that count. */
  async counting(documents: readonly EntryDocument[]): Promise<readonly EntryDocument[]> {
    const resources = documents.flatMap(({ resource }) => (typeof resource === 'string' ? [resource] : []));
    const tags = tagsOf(documents);
    const counts = this.#judge(await this.#tokens.read([...new Set([this.#names.state, ...resources, ...tags])]));
    return documents.filter((document) => counts(document) !== undefined);
  }

  /** A second trip for the tags that entries have and nobody has named. */
  async #withTagsOf(
    entries: readonly EntryDocument[],
    asked: readonly string[],
    shown: ShownTokens,
  ): Promise<ShownTokens> {
    const [entry] = entries;
    const tags = tagsOf(entries);
    const unknown = tags.filter((name) => !asked.includes(name));
    if (unknown.length === 0 || entry === undefined) return shown;
    const more = await this.#tokens.read(unknown);
    this.#tagsOfKeys.set(entry.key, tags);
    return { state: shown.state, byName: new Map([...shown.byName, ...more.byName]) };
  }

  /** Tells by which tokens of its tags an entry counts; undefined: it does not. */
  #judge({ state, byName }: ShownTokens): (entry: EntryDocument) => TagTokens | undefined {
    const nowMs = Date.now();
    return ({ key, resource, namespaceToken, resourceToken, mark, tagTokens, purgeAtMs }) => {
      const ofResource = byName.get(String(resource));
      if (state === undefined || ofResource === undefined || tagTokens === undefined) return undefined;
      if (namespaceToken !== state.token || resourceToken !== ofResource.token) return undefined;
      // The server looks for what is due once a minute only.
      if (mark !== markOf(ofResource, key) || purgeAtMs <= nowMs) return undefined;
      const kept = new Map<string, TokenDocument>();
      for (const [name, token] of tagTokens) {
        const now = byName.get(name);
        if (now?.token !== token) return undefined;
        kept.set(name, now);
      }
      return kept;
    };
  }

  /**
   * Makes what tokens are missing, so that every process goes by the same ones. Undefined: the namespace has other
   * values of `meta` than this process goes by.
   * @param purgeAtMs when what is stored by it at once is purged.
   */
  async complete(looked: Looked, purgeAtMs?: number): Promise<LookUp | undefined> {
    const { key, resource, tags, shown, entries } = looked;
    const absent = tags.filter((name) => !shown.byName.has(name));
    const resourceName = this.#names.resource(resource);
    const known = shown.byName.get(resourceName);
    const needsState = shown.state === undefined || absent.length > 0;
    // The number that goes into a token that is made is read before, and what the look has shown stays as it was.
    const makeState = async (): Promise<readonly [State, TagTokens]> => {
      const now = await this.#tokens.makeState();
      const made = await this.#tokens.makeTags(absent, now, purgeAtMs);
      return [shown.state?.token === now.token ? shown.state : now, made];
    };
    const [[state, made], resourceToken] = await Promise.all([
      needsState ? makeState() : ([shown.state, NO_TOKENS] as const),
      known ?? this.#tokens.makeResource(resourceName, purgeAtMs),
    ]);
    if (!(await this.#tokens.agreesOnValues(state))) return undefined;
    const ofTags = new Map<string, TokenDocument>();
    for (const name of tags) {
      const token = shown.byName.get(name) ?? made.get(name);
      if (token !== undefined) ofTags.set(name, token);
    }
    const seen = entries.map(({ document: { id, rev, at, pieces }, keptBy }) =>
      [id, { rev, at, pieces, keptBy }] as const);
    const mark = markOf(resourceToken, this.#names.key(key));
    return new LookUp({ key, resource, state, resourceToken, mark, tags: ofTags, seen: new Map(seen) });
  }
}

/** @param key the name of the key. `''`: it was not deleted since the resource has its token. */
export function markOf({ marks }: TokenDocument, key: string): string {
  const mark = marks[digestIn(key)];
  return typeof mark === 'string' ? mark : '';
}

const tagsOf = (entries: readonly EntryDocument[]): string[] =>
  [...new Set(entries.flatMap(({ tagTokens }) => [...(tagTokens?.keys() ?? [])]))];

export const NO_TOKENS: TagTokens = new Map();
