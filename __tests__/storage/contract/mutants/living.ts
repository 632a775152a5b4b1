/** Storages that list, make meta values, serve many callers or close wrongly, by the rule that must find them. */
import type { StoredEntry, StoredEntryInfo } from '../../../../lib/api/storage.js';
import { sample } from '../../../../lib/storage/contract/rule.js';
import { type Mutants, copyOf, pause, ReferenceStorage } from '../reference-storage.js';

export const LIVING_MUTANTS: Mutants = {
  'Meta values survive clear': {
    'clear drops the meta values': class extends ReferenceStorage {
      override async clear() {
        await super.clear();
        this.engine.meta.clear();
      }
    },
  },
  'The listing has every entry, its size in place of its body': {
    'the listing holds bodies': class extends ReferenceStorage {
      override describe(entry: StoredEntry) {
        return { ...entry, bodyBytes: entry.body.byteLength };
      }
    },
    'the listing counts characters': class extends ReferenceStorage {
      override describe(entry: StoredEntry) {
        return { ...super.describe(entry), bodyBytes: entry.head.length };
      }
    },
    'lists nothing': class extends ReferenceStorage {
      override async *entries(): AsyncIterable<StoredEntryInfo> {
        this.assertOpen();
        yield* [];
      }
    },
  },
  'The listing is of now: sets, touches and deletes are seen': {
    'the listing is of an earlier time': class extends ReferenceStorage {
      listed: StoredEntryInfo[] | undefined;
      override async *entries() {
        this.assertOpen();
        this.listed ??= this.find(() => true).map(({ entry }) => this.describe(entry));
        yield* this.listed;
      }
    },
  },
  'A listing is complete, however many entries there are': {
    'lists the first 1000': class extends ReferenceStorage {
      override async *entries() {
        this.assertOpen();
        for (const { entry } of this.find(() => true).slice(0, 1000)) yield this.describe(entry);
      }
    },
  },
  'A listing goes on while entries are written and deleted: each that stays is listed once': {
    'pages by offset': class extends ReferenceStorage {
      override async *entries() {
        this.assertOpen();
        for (let offset = 0; ; offset += 1) {
          const row = this.find(() => true)[offset];
          if (row === undefined) return;
          yield this.describe(row.entry);
        }
      }
    },
    'a write during a listing is an error': class extends ReferenceStorage {
      override async *entries() {
        this.assertOpen();
        const { rows } = this.engine;
        for (const { entry } of this.find(() => true)) {
          if (rows !== this.engine.rows) throw new Error('modified while iterating');
          yield this.describe(entry);
        }
      }
    },
  },
  'A listing that is left early holds nothing up': {
    'a listing locks until its end': class extends ReferenceStorage {
      locked = false;
      override async *entries() {
        this.assertOpen();
        this.locked = true;
        for (const { entry } of this.find(() => true)) yield this.describe(entry);
        this.locked = false;
      }
      override async write(entry: StoredEntry, at: number) {
        if (this.locked) throw new Error('locked');
        await super.write(entry, at);
      }
    },
  },
  'A meta value is made once, each name its own': {
    'a meta value is made anew': class extends ReferenceStorage {
      override async meta(_name: string, makeIfAbsent: () => string) {
        this.assertOpen();
        return makeIfAbsent();
      }
    },
    'a meta value has no more than 255 characters': class extends ReferenceStorage {
      override async meta(name: string, makeIfAbsent: () => string) {
        return super.meta(name, () => makeIfAbsent().slice(0, 255));
      }
    },
    'there is one meta value': class extends ReferenceStorage {
      override async meta(_name: string, makeIfAbsent: () => string) {
        return super.meta('', makeIfAbsent);
      }
    },
  },
  'Callers who make a meta value at once agree on it': {
    'meta reads, then writes': class extends ReferenceStorage {
      override async meta(name: string, makeIfAbsent: () => string) {
        this.assertOpen();
        const known = this.engine.meta.get(name);
        await pause();
        const value = known ?? makeIfAbsent();
        this.engine.meta.set(name, value);
        return value;
      }
    },
  },
  'Meta values are no entries': {
    'meta values are kept as entries': class extends ReferenceStorage {
      override async meta(name: string, makeIfAbsent: () => string) {
        const [known] = await this.entriesOf(name);
        const head = known?.head ?? makeIfAbsent();
        this.put(sample({ key: name, head }));
        return head;
      }
    },
  },
  '500 sets and gets at once do not mix': {
    'sets share a buffer': class extends ReferenceStorage {
      body = new Uint8Array(0);
      override async write(entry: StoredEntry) {
        this.body = new Uint8Array(entry.body);
        const { head, ...fields } = copyOf(entry);
        await pause();
        this.put({ ...fields, head, body: this.body });
      }
    },
  },
  'A reader sees an entry whole or not at all': {
    'writes the head before the body': class extends ReferenceStorage {
      override async write(entry: StoredEntry) {
        const { body, ...fields } = copyOf(entry);
        const [former] = this.find((each) => this.sameAddress(each, entry));
        this.put({ ...fields, body: former?.entry.body ?? body });
        await pause();
        this.put({ ...fields, body });
      }
    },
  },
  'Close twice is once': {
    'a second close is an error': class extends ReferenceStorage {
      override async close() {
        this.assertOpen();
        await super.close();
      }
    },
  },
  'Close waits for the calls under way, which end well': {
    'close does not wait for a write': class extends ReferenceStorage {
      writes = 0;
      override async write(entry: StoredEntry, at: number) {
        this.writes += 1;
        // The second one is under way for ever.
        if (this.writes === 2) await new Promise(() => undefined);
        await super.write(entry, at);
      }
    },
    'close fails what is under way': class extends ReferenceStorage {
      override async get(key: string) {
        this.assertOpen();
        await pause();
        this.assertOpen();
        return super.get(key);
      }
    },
  },
  'After close every other method rejects with the code ERR_CACHE_CLOSED': {
    'rejects with an Error without a code after close': class extends ReferenceStorage {
      override assertOpen() {
        if (this.closed) throw new Error('closed');
      }
    },
    'get works after close': class extends ReferenceStorage {
      override async get(key: string) {
        return { entries: await this.entriesOf(key) };
      }
    },
    'the listing is empty after close': class extends ReferenceStorage {
      override async *entries() {
        if (!this.closed) yield* super.entries();
      }
    },
    'rejects with a text after close': class extends ReferenceStorage {
      override assertOpen() {
        const text: unknown = 'closed';
        if (this.closed) throw text;
      }
    },
  },
};
