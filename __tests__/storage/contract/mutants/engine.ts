/** Storages that share an engine wrongly, by the rule that must find them. */
import type { StoredEntry } from '../../../../lib/api/storage.js';
import { type Mutants, ReferenceStorage, type Row } from '../reference-storage.js';

export const ENGINE_MUTANTS: Mutants = {
  'What one instance does, another sees': {
    'each instance remembers what it read': class extends ReferenceStorage {
      readonly read = new Map<string, readonly StoredEntry[]>();
      override async entriesOf(key: string) {
        const entries = this.read.get(key) ?? (await super.entriesOf(key));
        this.read.set(key, entries);
        return entries;
      }
    },
  },
  'Entries and meta values outlive the instance that wrote them': {
    'close drops the entries': class extends ReferenceStorage {
      override async close() {
        this.engine.rows = [];
        await super.close();
      }
    },
    'meta values live in the instance': class extends ReferenceStorage {
      readonly values = new Map<string, string>();
      override async meta(name: string, makeIfAbsent: () => string) {
        const value = this.values.get(name) ?? makeIfAbsent();
        this.values.set(name, value);
        return value;
      }
    },
  },
  'Instances that make a meta value at once agree on it': {
    'meta values are agreed on within an instance': class extends ReferenceStorage {
      making: Promise<string> | undefined;
      override async meta(name: string, makeIfAbsent: () => string) {
        this.making ??= Promise.resolve(makeIfAbsent());
        const value = await this.making;
        this.engine.meta.set(name, value);
        return value;
      }
    },
  },
  'Closing one instance leaves the others open': {
    'close closes the engine': class extends ReferenceStorage {
      override async close() {
        this.engine.meta.set('closed', 'yes');
      }
      override assertOpen() {
        if (this.engine.meta.has('closed')) throw new Error('closed');
      }
    },
  },
  'Namespaces do not see each other': {
    'clear clears the engine': class extends ReferenceStorage {
      override async clear() {
        this.engine.rows = [];
      }
    },
    'the tag index has no namespace': class extends ReferenceStorage {
      override remove(rows: readonly Row[]) {
        const tagged = new Set(rows.flatMap(({ entry }) => entry.tags));
        const isTagged = ({ entry }: Row) => entry.tags.some((tag) => tagged.has(tag));
        return super.remove(this.engine.rows.filter((row) => rows.includes(row) || isTagged(row)));
      }
    },
    'a namespace is a prefix': class extends ReferenceStorage {
      override find(matches: (entry: StoredEntry) => boolean) {
        return this.engine.rows.filter((row) => row.namespace.startsWith(this.namespace) && matches(row.entry));
      }
    },
  },
};
