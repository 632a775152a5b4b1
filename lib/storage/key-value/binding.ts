/**
 * What entries are bound to: the token of the namespace, and those of their key, their resource and their tags. This
 * file compares what is stored, and what is to be stored, with the tokens of now.
 */
import { CacheError } from '../../api/errors.js';
import type { StorageScope } from '../../api/storage.js';
import type { EntryFields } from '../entry-shape.js';
import type { Flight } from './flight.js';
import type { Names } from './names.js';
import type { Tokens } from './tokens.js';
import type { VariantNote } from './variants.js';

/** What is written with an entry. */
export type Bound = Pick<VariantNote, 'at' | 'namespace' | 'tokens'>;

type Concerned = Pick<EntryFields, 'key' | 'resource' | 'tags'>;
type Storable = Concerned & Pick<EntryFields, 'purgeAtMs'>;

export class Binding {
  readonly #tokens: Tokens;
  readonly #names: Names;

  constructor(tokens: Tokens, names: Names) {
    this.#tokens = tokens;
    this.#names = names;
  }

  async look(key: string, { resource, tags }: StorageScope): Promise<Look> {
    const { namespace, underWay, all } = this.#names;
    const needed = namesOf(this.#names, { key, resource, tags });
    const read = await this.#tokens.readAll([namespace, underWay, all, ...needed]);
    return new Look(this.#tokens, this.#names, { key, resource, tags }, read);
  }

  /** Whether everything that an entry is bound to is still so. */
  async isCurrent(fields: Concerned, note: VariantNote): Promise<boolean> {
    return (await this.look(fields.key, fields)).agrees(fields, note);
  }

  /**
   * What a new entry is bound to; `undefined` where something that it depends on was invalidated since the look-up.
   * Without a look-up it is bound to the tokens of now.
   */
  bind(entry: Storable, flight: Flight | undefined): Promise<Bound | undefined> {
    return this.#bind(entry, flight, flight?.key === entry.key ? flight.tokens : NOTHING, []);
  }

  /** What a renewed entry is bound to. What it has been bound to before stays, and must still be so. */
  async rebind(
    entry: Storable & Pick<EntryFields, 'revision'>,
    flight: Flight | undefined,
    former: VariantNote & Pick<EntryFields, 'tags'>,
  ): Promise<Bound | undefined> {
    const isOwn = flight?.key === entry.key;
    const accepted = flight?.accepted.get(entry.revision);
    // Another record by now, though with the same body.
    if (isOwn && !isSameNote(accepted, former)) return undefined;
    const held = new Map<string, string>(isOwn ? flight.tokens : NOTHING);
    const names = namesOf(this.#names, { ...entry, tags: former.tags });
    names.forEach((name, index) => held.set(name, former.tokens[index] ?? ''));
    const bound = await this.#bind(entry, flight, held, names);
    return bound?.namespace === former.namespace ? bound : undefined;
  }

  /**
   * @param known the tokens that must still be what they were, where the entry needs them.
   * @param required the names of those that must be so although the entry needs them no more.
   */
  async #bind(
    entry: Storable,
    flight: Flight | undefined,
    known: ReadonlyMap<string, string>,
    required: readonly string[],
  ): Promise<Bound | undefined> {
    const { namespace, underWay } = this.#names;
    const needed = namesOf(this.#names, entry);
    const now = await this.#tokens.readAll(new Set([namespace, underWay, ...needed, ...required]));
    const isSame = (name: string, former: string | undefined): boolean =>
      former !== undefined && now.get(name) === former;
    if (flight !== undefined && ![namespace, underWay].every((name) => isSame(name, flight.clocks.get(name)))) {
      return undefined;
    }
    if ([...needed, ...required].some((name) => known.has(name) && !isSame(name, known.get(name)))) return undefined;
    const make = async (name: string, purgeAtMs: number): Promise<string | undefined> =>
      now.get(name) ?? (await this.#tokens.make(name, purgeAtMs));
    const current = await make(namespace, Infinity);
    const tokens = await Promise.all(needed.map((name) => make(name, entry.purgeAtMs)));
    if (current === undefined || !tokens.every((token) => token !== undefined)) return undefined;
    const unknown = needed.filter((name) => !known.has(name));
    if (flight !== undefined && !(await this.#stand(unknown, entry, flight))) return undefined;
    return { at: flight?.at ?? Date.now(), namespace: current, tokens };
  }

  /**
   * Whether nothing that concerns these tokens was invalidated since the look-up, which did not know them. The clocks
   * tell: that of the key and that of the resource where it was a look-up of this key, else that of everything.
   */
  async #stand(unknown: readonly string[], { key, resource }: Concerned, flight: Flight): Promise<boolean> {
    const names = this.#names;
    const own = new Map<string, string>(
      flight.key === key ? [[names.key(key), names.clock(key)], [names.resource(resource), names.clock(resource)]] : [],
    );
    const clocks = [...new Set(unknown.map((name) => own.get(name) ?? names.all))];
    const now = await this.#tokens.readAll(clocks);
    return clocks.every((name) => now.get(name) !== undefined && now.get(name) === flight.clocks.get(name));
  }
}

/** What one look-up reads, and what of it becomes its fence. */
export class Look {
  readonly #tokens: Tokens;
  readonly #names: Names;
  readonly #concerned: Concerned;
  /** What was read, by name. */
  readonly #read: Map<string, string | undefined>;
  readonly #accepted = new Map<string, VariantNote>();

  constructor(tokens: Tokens, names: Names, concerned: Concerned, read: Map<string, string | undefined>) {
    this.#tokens = tokens;
    this.#names = names;
    this.#concerned = concerned;
    this.#read = read;
  }

  /** Whether a variant counts, as far as can be told without its tags. */
  agreesSoFar({ namespace, tokens }: VariantNote): boolean {
    const [key, resource] = namesOf(this.#names, this.#concerned);
    const isSame = (name = '', token = ''): boolean => this.#read.get(name) === token;
    return isSame(this.#names.namespace, namespace) && isSame(key, tokens[0]) && isSame(resource, tokens[1]);
  }

  /** Whether it counts; tags that the caller did not know are read now. */
  async agrees({ tags }: Pick<EntryFields, 'tags'>, note: VariantNote): Promise<boolean> {
    if (!this.agreesSoFar(note) || note.tokens.length !== 2 + tags.length) return false;
    const names = tags.map(this.#names.tag);
    const others = await this.#tokens.readAll(names.filter((name) => !this.#read.has(name)));
    others.forEach((token, name) => this.#read.set(name, token));
    if (!names.every((name, index) => this.#read.get(name) === note.tokens[2 + index])) return false;
    this.#accepted.set(note.revision, note);
    return true;
  }

  /**
   * Gives what the fence stands for. Where the token of the key or the resource is not there, their clocks tell of
   * invalidations; the clocks are made where they are absent. It rejects where the store takes nothing, or does not
   * keep what it takes: nobody deletes a clock.
   */
  async complete(): Promise<Flight> {
    const { namespace, underWay, all } = this.#names;
    const { key, resource } = this.#concerned;
    const [ofKey = '', ofResource = ''] = namesOf(this.#names, this.#concerned);
    const isUnknown = (name: string): boolean => this.#read.get(name) === undefined;
    const clocks = [
      namespace, underWay, all,
      ...(isUnknown(ofKey) ? [this.#names.clock(key)] : []),
      ...(isUnknown(ofResource) ? [this.#names.clock(resource)] : []),
    ];
    const make = (name: string): Promise<string | undefined> => this.#tokens.make(name, Infinity);
    // A store may drop any record at any time, but hardly the same one twice in a row.
    const values = await Promise.all(
      clocks.map(async (name) => this.#read.get(name) ?? (await make(name)) ?? (await make(name))),
    );
    if (values.includes(undefined)) {
      throw new CacheError('ERR_CACHE_STORAGE', 'KeyValueStorage: what was written just now is not there to be read');
    }
    return {
      key,
      at: Date.now(),
      clocks: new Map(clocks.map((name, index) => [name, values[index] ?? ''])),
      tokens: new Map([...this.#read].flatMap(([name, token]) => (token === undefined ? [] : [[name, token]]))),
      accepted: this.#accepted,
    };
  }
}

/** The names of the tokens, in the order in which these are written with an entry. */
const namesOf = (names: Names, { key, resource, tags }: Concerned): readonly string[] => [
  names.key(key), names.resource(resource), ...tags.map(names.tag),
];

/** The same record, and not only the same body. */
const isSameNote = (one: VariantNote | undefined, other: VariantNote): boolean =>
  one?.namespace === other.namespace && one.tokens.join() === other.tokens.join();

const NOTHING: ReadonlyMap<string, string> = new Map();
