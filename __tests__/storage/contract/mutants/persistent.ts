/** Storages that treat other writers, versions, damage, limits or clients wrongly, by the rule that must find them. */
import type { StoredEntry } from '../../../../lib/api/storage.js';
import { type Mutants, pause, ReferenceStorage, type Row } from '../reference-storage.js';

export const PERSISTENT_MUTANTS: Mutants = {
  'Times are kept to the last digit: nothing expires early, never is never': {
    'purge times are rounded down': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...super.copyIn(entry), purgeAtMs: Math.floor(entry.purgeAtMs) };
      }
    },
    'never is the end of 32 bits of seconds': class extends ReferenceStorage {
      override copyOut(entry: StoredEntry) {
        return { ...super.copyOut(entry), purgeAtMs: Math.min(entry.purgeAtMs, (2 ** 32 - 1) * 1000) };
      }
    },
  },
  '100 sets at once in each of two instances lose nothing': {
    'sets read all, then write all': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        const { rows } = this.engine;
        await pause();
        this.engine.rows = rows;
        await super.write(entry, at);
      }
    },
  },
  'Entries of another format version are absent, and can be written anew': {
    'reads every format as its own': class extends ReferenceStorage {
      override find(matches: (entry: StoredEntry) => boolean) {
        return this.engine.rows.filter(({ entry }) => matches(entry));
      }
    },
    'lists every format': class extends ReferenceStorage {
      override async *entries() {
        for (const { entry } of this.engine.rows) yield this.describe(entry);
      }
    },
    'touch takes another format for its own': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        this.engine.rows = this.engine.rows.map((row): Row => ({ ...row, readable: true }));
        return super.touch(fields);
      }
    },
  },
  'Damaged entries are absent and no error, and can be written anew': {
    'damage is an error': class extends ReferenceStorage {
      override async entriesOf(key: string) {
        const damaged = this.engine.rows.some(({ entry, readable }) => entry.key === key && readable === false);
        if (damaged) throw new Error('damaged');
        return super.entriesOf(key);
      }
    },
    'damage ends the listing with an error': class extends ReferenceStorage {
      override async *entries() {
        if (this.engine.rows.some(({ readable }) => readable === false)) throw new Error('damaged');
        yield* super.entries();
      }
    },
    'what is damaged stays so': class extends ReferenceStorage {
      override put(entry: StoredEntry) {
        const damaged = this.engine.rows.some((row) => this.sameAddress(row.entry, entry) && row.readable === false);
        if (!damaged) super.put(entry);
      }
    },
  },
  'What is too large for the engine is left out, with what it would have replaced, and nothing else': {
    'what is too large is an error': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.body.byteLength > this.maxBodyBytes) throw new Error('too large');
        await super.write(entry, at);
      }
    },
    'what is too large leaves the former entry': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.body.byteLength <= this.maxBodyBytes) await super.write(entry, at);
      }
    },
    'what is too large empties the storage': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.body.byteLength > this.maxBodyBytes) this.engine.rows = [];
        await super.write(entry, at);
      }
    },
  },
  'A client that the caller gave stays open': {
    'close closes the client': class extends ReferenceStorage {
      override async close() {
        this.engine.meta.set('client closed', 'yes');
      }
      override assertOpen() {
        if (this.engine.meta.has('client closed')) throw new Error('the client is closed');
      }
    },
  },
};
