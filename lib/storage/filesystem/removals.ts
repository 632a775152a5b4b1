/** What FilesystemStorage invalidates and removes: tokens make entries invalid, and then their room is freed. */
import { join } from 'node:path';
import type { StorageOperation, StorageSelector } from '../../api/storage.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import type { Counts } from '../sweep.js';
import type { EntryFiles, Verdict } from './entry-files.js';
import type { Files } from './files.js';
import { ORPHANED_MS } from './folder.js';
import type { Head } from './heads.js';
import { bodyPath, isBodyName, type KeyPlace, type Places, TOKEN, type VariantPlace } from './places.js';
import type { FoundTokens, TokenFiles } from './tokens.js';
import { shardsOf, variantsOf, visitAll, visitKey, visitResource, type Visited } from './walk.js';
import { owns } from '../../support/owns.js';

/** So many entries are looked for at once. */
const AT_ONCE = 64;

type VariantSelector = Extract<StorageSelector, { readonly key: string }>;
type Batches = AsyncIterable<readonly Visited[]> | Iterable<readonly Visited[]>;
type Decide = (head: Head, place: VariantPlace) => Promise<Verdict> | Verdict;

export class Removals {
  readonly #files: Files;
  readonly #entries: EntryFiles;
  readonly #tokens: TokenFiles;
  readonly #places: Places;

  constructor(files: Files, entries: EntryFiles, tokens: TokenFiles, places: Places) {
    this.#files = files;
    this.#entries = entries;
    this.#tokens = tokens;
    this.#places = places;
  }

  /** When this resolves nothing of what is meant is valid any more; what it gives removes and counts. */
  async invalidate(selector: StorageSelector): Promise<Counts> {
    if (owns(selector, 'underWay')) {
      await this.#tokens.invalidateUnderWay();
      return this.#removeIn([], stay);
    }
    if (owns(selector, 'tag')) return this.#byTag(selector.tag);
    if (!owns(selector, 'key')) return this.#byResource(selector.resource);
    const place = this.#places.key(selector.key, selector.resource);
    if (selector.variant === undefined && selector.revision === undefined) return this.#byKey(place);
    return this.#byVariant(place, selector);
  }

  async #byKey(place: KeyPlace): Promise<Counts> {
    const former = await this.#tokens.invalidate(place.keyToken);
    const decide: Decide = async (head) => {
      const now = await this.#tokens.find(place, []);
      return this.#verdict(head, head.tokens.key === now.key, { ...now, key: former });
    };
    return this.#removeIn([[await visitKey(this.#files, place)]], decide);
  }

  async #byResource(resource: string): Promise<Counts> {
    const folder = this.#places.resource(resource);
    const token = join(folder, TOKEN);
    const former = await this.#tokens.invalidate(token);
    const [namespace, now] = await Promise.all([this.#tokens.namespace(), this.#tokens.read(token)]);
    const decide: Decide = async (head, place) => {
      const key = await this.#tokens.read(place.keyToken);
      const before = { namespace, resource: former, key, tags: NO_TAGS };
      return this.#verdict(head, head.tokens.resource === now, before);
    };
    return this.#removeIn(visitResource(this.#files, folder), decide);
  }

  async #byTag(tag: string): Promise<Counts> {
    const former = await this.#tokens.invalidate(this.#places.tagToken(tag));
    return former === undefined ? this.#removeIn([], stay) : this.#removeMarked(tag, former);
  }

  /** A mark stays where the entry that it leads to has the tag, and the token of now. */
  async *#removeMarked(tag: string, former: string): Counts {
    const folder = this.#places.tag(tag);
    const marks = await this.#files.names(folder);
    for (let from = 0; from < marks.length; from += AT_ONCE) {
      const removed = await Promise.all(
        marks.slice(from, from + AT_ONCE).map((mark) => this.#removeByMark(tag, former, mark)),
      );
      yield removed.filter((isCounted) => isCounted).length;
    }
  }

  async #removeByMark(tag: string, former: string, mark: string): Promise<boolean> {
    const place = this.#places.markedPlace(mark);
    if (place === undefined) return false;
    let isMarked = false;
    const removed = await this.#entries.remove('delete', place, async (head) => {
      const index = head.fields.tags.indexOf(tag);
      const now = await this.#tokens.find(place, [tag]);
      isMarked = index !== -1 && head.tokens.tags[index] === now.tags.get(tag);
      if (index === -1) return 'stays';
      return this.#verdict(head, isMarked, { ...now, tags: new Map([[tag, former]]) });
    });
    if (!isMarked) await this.#files.remove(join(this.#places.tag(tag), mark));
    return removed?.isCounted === true;
  }

  async #byVariant(place: KeyPlace, { variant, revision }: VariantSelector): Promise<Counts> {
    const decide: Decide = async (head) => {
      const { fields } = head;
      const isOther =
        fields.variant !== (variant ?? fields.variant) || fields.revision !== (revision ?? fields.revision);
      return this.#verdict(head, isOther, await this.#tokens.find(place, []));
    };
    return this.#removeIn([[await visitKey(this.#files, place)]], decide);
  }

  /** @param former what stood before: an entry that was valid by it counts. */
  async #verdict(head: Head, stays: boolean, former: FoundTokens): Promise<Verdict> {
    if (stays) return 'stays';
    return (await this.#tokens.isValid(head, former)) ? 'counted' : 'goes';
  }

  /** Removes what has expired and what is invalid, and whatever else is left over. */
  async *expired(nowMs: number): Counts {
    for await (const visited of visitAll(this.#files, this.#places.entries)) {
      const bodies = new Set(visited.flatMap(bodiesIn));
      /** The bodies that heads name, by the paths of the heads. */
      const named = new Map<string, string>();
      yield await this.#remove('deleteExpired', variantsOf(visited), async (head, place) => {
        const body = bodyPath(place, head.fields.revision);
        named.set(place.head, body);
        if (!bodies.has(body) && (await this.#files.stat(body)) === undefined) return 'goes';
        return this.#verdict(head, !isDue(head, nowMs), await this.#tokens.find(place, []));
      });
      await Promise.all(visited.map((each) => this.#sweepBodies(each, named)));
    }
    await this.#sweepFolders(this.#places.entries);
    await this.#sweepFolders(this.#places.tags);
  }

  /** Removes what nothing can use any more after that time, some entries at a time. */
  async *due(dueMs: number): Counts {
    for await (const visited of visitAll(this.#files, this.#places.entries)) {
      yield await this.#remove('set', variantsOf(visited), ({ fields }) => (fields.purgeAtMs <= dueMs ? 'goes' : 'stays'));
    }
  }

  async *#removeIn(batches: Batches, decide: Decide): Counts {
    for await (const visited of batches) yield await this.#remove('delete', variantsOf(visited), decide);
  }

  async #remove(operation: StorageOperation, places: readonly VariantPlace[], decide: Decide): Promise<number> {
    const removed = await Promise.all(
      places.map((place) => this.#entries.remove(operation, place, (head) => decide(head, place))),
    );
    return removed.filter((each) => each?.isCounted === true).length;
  }

  /**
   * Removes bodies that no head names: whoever wrote one was killed, or was overtaken by another process. Of a head
   * that cannot be read it is not known what it names.
   */
  async #sweepBodies(visited: Visited, named: ReadonlyMap<string, string>): Promise<void> {
    if (visited.variants.some(({ head }) => !named.has(head))) return;
    const inUse = new Set(visited.variants.map(({ head }) => named.get(head)));
    const orphans = bodiesIn(visited).filter((body) => !inUse.has(body));
    await Promise.all(orphans.map((body) => this.#removeOld(body)));
  }

  /** In `<folder>/<shard>/<digest>` and below. */
  async #sweepFolders(folder: string): Promise<void> {
    for (const shard of await shardsOf(this.#files, folder)) {
      for (const each of await shardsOf(this.#files, shard)) {
        await Promise.all((await shardsOf(this.#files, each)).map((inner) => this.#sweepFolder(inner)));
        await this.#sweepFolder(each);
      }
    }
  }

  /**
   * Removes a folder in which there is nothing but a token that nobody made lately. What is under way for longer than
   * that is not stored.
   */
  async #sweepFolder(folder: string): Promise<void> {
    const names = await this.#files.names(folder);
    if (names.some((name) => name !== TOKEN)) return;
    if (names.length > 0 && !(await this.#removeOld(join(folder, TOKEN)))) return;
    await this.#files.removeEmpty(folder);
  }

  async #removeOld(path: string): Promise<boolean> {
    const stats = await this.#files.stat(path);
    return stats !== undefined && stats.mtimeMs < Date.now() - ORPHANED_MS && (await this.#files.remove(path));
  }
}

const NO_TAGS: FoundTokens['tags'] = new Map();

const isDue = ({ fields: { purgeAtMs, createdAtMs } }: Head, nowMs: number): boolean =>
  purgeAtMs <= nowMs || createdAtMs > nowMs + CLOCK_STEP_MS;

const bodiesIn = ({ place, names }: Visited): readonly string[] =>
  names.filter(isBodyName).map((name) => join(place.folder, name));

const stay = (): Verdict => 'stays';
