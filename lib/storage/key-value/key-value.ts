/** The storage over any key-value store. */
import type {
  CacheStorage,
  Fence,
  ProblemListener,
  RenewedEntry,
  StorageOperation,
  StorageReading,
  StorageScope,
  StorageSelector,
  StoredEntry,
  StoredEntryInfo,
} from '../../api/storage.js';
import { Calls } from '../calls.js';
import { ClosableStorage } from '../closed.js';
import { Reports } from '../reports.js';
import { Binding, type Bound } from './binding.js';
import { type BoundedDriver, boundedDriver, type KeyValueDriver } from './driver.js';
import { fences } from './flight.js';
import { type Names, namesIn } from './names.js';
import { inBatches, type IsKept, Records } from './records.js';
import { Tokens } from './tokens.js';
import { noteOf, type Variant } from './variants.js';
import type { RecordCodec } from '../record/codec.js';
import { checkOptionNames, type RecordOptions, resolveRecordOptions } from '../record/options.js';
import { CLOCK_STEP_MS } from '../../rfc9111/freshness.js';
import { hashAddress } from '../../support/digest.js';
import { decoder, encoder } from '../../support/utf8.js';
import { owns } from '../../support/owns.js';

const CLASS = 'KeyValueStorage';
/** How many records an invalidation looks through before it ends; the others are looked through afterwards. */
const COUNTED = 1000;

/**
 * Keeps entries in a key-value store: any that can get, set and delete bytes or texts, for which a bridge makes a
 * driver. Several processes may share the store. What one of them invalidates, the others neither return nor store by a
 * look-up from before.
 *
 * A key-value store cannot compare and write in one step. Where two processes write variants of one key at the same
 * moment, one of them may be lost, which is a miss later on.
 *
 * @throws CacheError `ERR_CACHE_OPTION` from the constructor: an option is unknown or wrong, or the driver is none.
 */
export class KeyValueStorage extends ClosableStorage implements CacheStorage {
  readonly name = 'key-value';
  readonly #driver: BoundedDriver;
  readonly #codec: RecordCodec;
  readonly #names: Names;
  readonly #tokens: Tokens;
  readonly #binding: Binding;
  readonly #records: Records;
  readonly #reports = new Reports(CLASS);
  readonly #calls = new Calls(this.name, this.#reports);

  constructor(driver: KeyValueDriver, options: RecordOptions = {}) {
    super();
    checkOptionNames(options, [], CLASS);
    const { namespace, codec } = resolveRecordOptions(options, CLASS);
    this.#driver = boundedDriver(driver, (error) => { this.#reports.problem('get', error); });
    this.#codec = codec;
    this.#names = namesIn(namespace);
    this.#tokens = new Tokens(this.#driver);
    this.#binding = new Binding(this.#tokens, this.#names);
    const { names, calls, reports } = { names: this.#names, calls: this.#calls, reports: this.#reports };
    this.#records = new Records({ driver: this.#driver, codec, names, calls, reports });
  }

  get(key: string, scope: StorageScope): Promise<StorageReading> {
    return this.#calls.run(async () => {
      const name = this.#names.entry(key, scope.resource);
      const [variants, look] = await Promise.all([this.#records.read('get', name), this.#binding.look(key, scope)]);
      const entries: StoredEntry[] = [];
      for (const variant of variants) {
        if (!look.agreesSoFar(variant.note)) continue;
        const entry = await this.#records.readEntry('get', name, variant, key);
        if (entry !== undefined && (await look.agrees(entry, variant.note))) entries.push(entry);
      }
      // What is stored is read also where nothing can be written.
      const fence = await look.complete().then(
        (flight) => fences.make(flight),
        (cause: unknown) => fences.failed(cause),
      );
      return { entries, fence };
    });
  }

  set(entry: StoredEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const flight = fences.seenBy(fence);
      if (flight === 'nothing') return false;
      const [fields, body] = await Promise.all([this.#codec.encodeFields(entry), this.#codec.encodeBody(entry)]);
      const name = this.#names.entry(entry.key, entry.resource);
      return this.#records.inTurn(name, async () => {
        const bound = await this.#binding.bind(entry, flight);
        if (bound === undefined) return false;
        const note = noteOf(entry, entry.body.byteLength, bound);
        const living = (await this.#records.read('set', name)).filter((each) => isBoundAlike(each, bound));
        const former = living.find((each) => each.note.variant === note.variant);
        const isLater = former !== undefined && former.note.at > note.at;
        if (isLater && flight?.accepted.has(former.note.revision) === false) return false;
        await this.#records.write(name, [{ note, fields, body }, ...living.filter((each) => each !== former)]);
        return true;
      });
    });
  }

  touch(entry: RenewedEntry, fence?: Fence): Promise<boolean> {
    return this.#calls.run(async () => {
      const flight = fences.seenBy(fence);
      if (flight === 'nothing') return false;
      const name = this.#names.entry(entry.key, entry.resource);
      return this.#records.inTurn(name, async () => {
        const variants = await this.#records.read('touch', name);
        const former = variants.find(isOf(entry));
        if (former === undefined) return false;
        const reading = await this.#codec.readFields(former.fields);
        if (reading.kind !== 'read') return false;
        const bound = await this.#binding.rebind(entry, flight, { ...former.note, tags: reading.value.tags });
        if (bound === undefined) return false;
        const note = noteOf(entry, former.note.bodyBytes, bound);
        const renewed = { note, fields: await this.#codec.encodeFields(entry), body: former.body };
        await this.#records.write(name, variants.map((each) => (each === former ? renewed : each)));
        return true;
      });
    });
  }

  delete(selector: StorageSelector): Promise<number> {
    return this.#calls.run(() => {
      if (owns(selector, 'underWay')) return this.#tokens.change(this.#names.underWay).then(() => 0);
      if (owns(selector, 'tag')) return this.#deleteTag(selector.tag);
      if (!owns(selector, 'key')) return this.#deleteResource(selector.resource);
      const { key, resource, variant, revision } = selector;
      const name = this.#names.entry(key, resource);
      if (variant === undefined && revision === undefined) return this.#deleteKey(key, name);
      const isMeant = isOf(selector);
      return this.#records.keepOnly('delete', name, (each) => !isMeant(each));
    });
  }

  async #deleteKey(key: string, name: string): Promise<number> {
    const token = this.#names.key(key);
    await this.#invalidate(token, this.#names.clock(key));
    const current = await this.#tokens.read(token);
    return this.#records.keepOnly('delete', name, ({ note }) => note.tokens[0] === current);
  }

  async #deleteResource(resource: string): Promise<number> {
    const token = this.#names.resource(resource);
    await this.#invalidate(token, this.#names.clock(resource));
    const current = await this.#tokens.read(token);
    return this.#sweep('delete', this.#names.entriesOf(resource), ({ note }) => note.tokens[1] === current);
  }

  async #deleteTag(tag: string): Promise<number> {
    const token = this.#names.tag(tag);
    await this.#invalidate(token);
    const current = await this.#tokens.read(token);
    return this.#sweep('delete', this.#names.entries, async ({ note, fields }) => {
      const reading = await this.#codec.readFields(fields);
      const index = reading.kind === 'read' ? reading.value.tags.indexOf(tag) : -1;
      return index === -1 || note.tokens[2 + index] === current;
    });
  }

  /**
   * Clocks first: who stores meanwhile reads or makes the token, and looks at the clocks afterwards. So either the
   * token that is taken away here is the one that was stored with, or a clock has changed.
   */
  async #invalidate(token: string, ...clocks: readonly string[]): Promise<void> {
    await Promise.all([this.#names.all, ...clocks].map((name) => this.#tokens.change(name)));
    await this.#tokens.remove(token);
  }

  /** Deletes what is under a prefix and is not kept, so that what is unusable takes no place. */
  async #sweep(operation: StorageOperation, prefix: string, isKept: IsKept): Promise<number> {
    const names = await this.#driver.keys(prefix);
    const count = await this.#records.keepOnlyIn(operation, names.slice(0, COUNTED), isKept);
    const others = names.slice(COUNTED);
    if (others.length > 0) {
      this.#calls.goOn(operation, 'not all could be removed', () =>
        this.#records.keepOnlyIn(operation, others, isKept));
    }
    return count;
  }

  /** In batches of records: between two of them nothing is held. */
  async *entries(): AsyncIterable<StoredEntryInfo> {
    const names = await this.#calls.run(() => this.#driver.keys(this.#names.entries));
    for await (const infos of inBatches(names, (name) => this.#calls.run(() => this.#describe(name)))) {
      yield* infos.flat();
    }
  }

  async #describe(name: string): Promise<StoredEntryInfo[]> {
    const infos: StoredEntryInfo[] = [];
    for (const { note, fields } of await this.#records.read('entries', name)) {
      const reading = await this.#codec.readFields(fields);
      if (reading.kind !== 'read') this.#records.noteDamage('entries', name, reading);
      else if (await this.#binding.isCurrent(reading.value, note)) {
        infos.push({ ...reading.value, bodyBytes: note.bodyBytes });
      }
    }
    return infos;
  }

  deleteExpired(nowMs: number): Promise<number> {
    return this.#calls.run(async () => {
      const count = await this.#records.keepOnlyIn(
        'deleteExpired',
        await this.#driver.keys(this.#names.entries),
        ({ note }) => note.purgeAtMs > nowMs && note.createdAtMs <= nowMs + CLOCK_STEP_MS,
      );
      await this.#forgetTokens();
      return count;
    });
  }

  /**
   * Deletes tokens that have ended, and those of keys and resources without an entry. What is under way by them is not
   * stored then.
   */
  async #forgetTokens(): Promise<void> {
    const names = await this.#driver.keys(this.#names.prefix);
    const entries = names.filter((name) => name.startsWith(this.#names.entries));
    const needed = new Set(entries.flatMap((name) => this.#names.tokensOf(name)));
    const forget = async (name: string): Promise<void> => {
      const isNeeded = this.#names.isOfTag(name) || needed.has(name);
      if (!isNeeded || (await this.#tokens.read(name)) === undefined) await this.#tokens.remove(name);
    };
    for await (const _forgotten of inBatches(names.filter(this.#names.isToken), forget));
  }

  clear(): Promise<void> {
    return this.#calls.run(async () => {
      await this.#tokens.change(this.#names.namespace);
      const current = await this.#tokens.read(this.#names.namespace);
      await this.#sweep('clear', this.#names.entries, ({ note }) => note.namespace === current);
    });
  }

  /** Where two processes make one at the same moment, each may keep its own until it starts again. */
  meta(name: string, makeIfAbsent: () => string): Promise<string> {
    const address = this.#names.meta(name);
    const owner = { key: '', variant: name, revision: '' };
    const read = async (): Promise<string | undefined> => {
      const part = await this.#driver.get(address);
      const reading = part && (await this.#codec.readBody(part, owner));
      return reading?.kind === 'read' ? decoder.decode(reading.value) : undefined;
    };
    const make = async (): Promise<string> => {
      const known = await read();
      if (known !== undefined) return known;
      const made = makeIfAbsent();
      const part = await this.#codec.encodeBody({ ...owner, body: encoder.encode(made) });
      await this.#driver.set(address, part, undefined);
      // Another process may have been faster. A store that does not give at once what it was given has what was made.
      return (await read()) ?? made;
    };
    return this.#calls.run(() => this.#records.inTurn(address, make));
  }

  onProblem(listener: ProblemListener): () => void {
    return this.#reports.onProblem(listener);
  }

  /** Waits for what is under way, and closes the driver where it can be closed. */
  close(): Promise<void> {
    return this.#calls.end(() => this.#driver.close());
  }
}

const isOf =
  ({ variant, revision }: { readonly variant?: string | undefined; readonly revision?: string | undefined }) =>
  ({ note }: Variant): boolean =>
    (variant === undefined || note.variant === hashAddress(variant)) &&
    (revision === undefined || note.revision === revision);

/** The tokens of tags are looked at when a variant is read. */
const isBoundAlike = ({ note }: Variant, { namespace, tokens }: Bound): boolean =>
  note.namespace === namespace && note.tokens[0] === tokens[0] && note.tokens[1] === tokens[1];
