/** Storages that write or read entries wrongly, by the rule that must find them. */
import type { RenewedEntry, StorageSelector, StoredEntry } from '../../../../lib/api/storage.js';
import { type Mutants, copyOf, ReferenceStorage, type Row } from '../reference-storage.js';

export const STORING_MUTANTS: Mutants = {
  'An absent key reads as an empty list': {
    'get of an absent key gives undefined in a list': class extends ReferenceStorage {
      override async entriesOf(key: string) {
        const entries = await super.entriesOf(key);
        return entries.length > 0 ? entries : ([undefined] as unknown as StoredEntry[]);
      }
    },
  },
  'Absence rejects in no method': {
    'delete of an absent key rejects': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        const count = await super.delete(selector);
        if (count === 0) throw new Error('not found');
        return count;
      }
    },
  },
  'What was set is read back, field by field': {
    'keeps sixteen tags': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), tags: entry.tags.slice(0, 16) };
      }
    },
    'tags are sorted': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), tags: [...entry.tags].sort() };
      }
    },
  },
  'The time "never" is read back as Infinity': {
    'times go through JSON': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        const { expiresAtMs, purgeAtMs } = JSON.parse(JSON.stringify(entry)) as StoredEntry;
        return { ...copyOf(entry), expiresAtMs, purgeAtMs };
      }
    },
  },
  'Variants of one key stand side by side': {
    'ignores the variant': class extends ReferenceStorage {
      override sameAddress(one: { key: string }, other: { key: string }) {
        return one.key === other.key;
      }
    },
  },
  'Keys and variants are compared whole and exactly': {
    'joins key and variant with a colon': class extends ReferenceStorage {
      override sameAddress(one: { key: string; variant: string }, other: { key: string; variant: string }) {
        return `${one.key}:${one.variant}` === `${other.key}:${other.variant}`;
      }
    },
    'keys in a collation that ignores case': class extends ReferenceStorage {
      override async entriesOf(key: string) {
        return this.find((entry) => entry.key.toLowerCase() === key.toLowerCase()).map(({ entry }) => copyOf(entry));
      }
    },
    'keys in a composed Unicode form': class extends ReferenceStorage {
      override sameAddress(one: { key: string; variant: string }, other: { key: string; variant: string }) {
        return one.key.normalize() === other.key.normalize() && one.variant === other.variant;
      }
    },
  },
  'Set replaces the entry of the same key and variant whole, and no other': {
    'an overwrite keeps the longer body': class extends ReferenceStorage {
      override put(entry: StoredEntry) {
        const [former] = this.find((each) => this.sameAddress(each, entry));
        const body = new Uint8Array(former?.entry.body ?? []);
        super.put({ ...entry, body: body.length > entry.body.length ? body : entry.body });
      }
    },
    'an overwrite keeps the old tags': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        const [former] = this.find((each) => this.sameAddress(each, entry));
        await super.write({ ...entry, tags: [...(former?.entry.tags ?? []), ...entry.tags] }, at);
      }
    },
  },
  'Every byte value is kept': {
    'bodies are UTF-8 text': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), body: new TextEncoder().encode(new TextDecoder().decode(entry.body)) };
      }
    },
    'stores the buffer under a view': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), body: new Uint8Array(entry.body.buffer.slice(0)) };
      }
    },
    'stores the buffer that a slice has': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), body: new Uint8Array(entry.body.slice().buffer) };
      }
    },
  },
  'An empty body is kept': {
    'an empty body is no entry': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.body.byteLength > 0) await super.write(entry, at);
      }
    },
    'an empty body leaves the former one': class extends ReferenceStorage {
      override put(entry: StoredEntry) {
        const [former] = this.find((each) => this.sameAddress(each, entry));
        super.put(entry.body.byteLength === 0 && former !== undefined ? { ...entry, body: former.entry.body } : entry);
      }
    },
  },
  'A body of 300 kB is kept, one of 10 MB whole or not at all': {
    'cuts bodies at 1 MB': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), body: entry.body.slice(0, 1024 * 1024) };
      }
    },
    'drops bodies of 256 kB': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.body.byteLength < 256 * 1024) await super.write(entry, at);
      }
    },
  },
  'Text of any language and keys of 8 kB are kept': {
    'heads are latin1': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), head: Buffer.from(entry.head, 'latin1').toString('latin1') };
      }
    },
    'keys are cut at 2 kB': class extends ReferenceStorage {
      override sameAddress(one: { key: string; variant: string }, other: { key: string; variant: string }) {
        return one.key.slice(0, 2048) === other.key.slice(0, 2048) && one.variant === other.variant;
      }
    },
  },
  'What set was given is written into by nobody: neither its fields, nor its tags, nor its body': {
    'encrypts the body in place': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        const copy = copyOf(entry);
        entry.body.forEach((byte, index) => { entry.body[index] = byte ^ 0x5a; });
        return copy;
      }
    },
    'sorts the tags in place': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        (entry.tags as string[]).sort();
        return copyOf(entry);
      }
    },
    'touch writes into the entry that set was given': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return entry;
      }
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const [former] = this.find((entry) => this.sameAddress(entry, fields));
        if (former !== undefined) Object.assign(former.entry, fields);
        return former !== undefined;
      }
    },
    'wipes the bytes of what it deletes': class extends ReferenceStorage {
      override copyIn(entry: StoredEntry) {
        return { ...copyOf(entry), body: entry.body };
      }
      override remove(rows: readonly Row[]) {
        for (const { entry } of rows) entry.body.fill(0);
        return super.remove(rows);
      }
    },
  },
  'What is done to the entries that get gave changes nothing stored': {
    'hands out the body that it keeps': class extends ReferenceStorage {
      override copyOut(entry: StoredEntry) {
        return { ...copyOf(entry), body: entry.body };
      }
    },
    'hands out the entry that it keeps': class extends ReferenceStorage {
      readonly inProcess = true;
      override copyOut(entry: StoredEntry) {
        return entry;
      }
    },
  },
  'What get gave stays as it is when the entry is overwritten, touched or deleted': {
    'touch writes into what was handed out': class extends ReferenceStorage {
      override copyOut(entry: StoredEntry) {
        return entry;
      }
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const [former] = this.find((entry) => this.sameAddress(entry, fields));
        if (former !== undefined) Object.assign(former.entry, fields);
        return former !== undefined;
      }
    },
  },
  'Touch replaces head, tags and times of one variant, and neither its body nor another variant': {
    'touch empties the body': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const touched = await super.touch(fields);
        if (touched) this.put({ ...fields, body: new Uint8Array(0) });
        return touched;
      }
    },
    'touch changes every variant': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const rows = this.find((entry) => entry.key === fields.key);
        for (const { entry } of rows) this.put({ ...fields, variant: entry.variant, body: entry.body });
        return rows.some(({ entry }) => entry.variant === fields.variant);
      }
    },
    'touch leaves the purge time': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const [former] = this.find((entry) => this.sameAddress(entry, fields));
        return super.touch({ ...fields, purgeAtMs: former?.entry.purgeAtMs ?? fields.purgeAtMs });
      }
    },
  },
  'Touch of what is gone is false, and brings nothing back': {
    'touch brings back what is gone': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        const touched = await super.touch(fields);
        if (!touched) this.put({ ...fields, body: new Uint8Array(0) });
        return touched;
      }
    },
    'touch is always true': class extends ReferenceStorage {
      override async touch(fields: Omit<StoredEntry, 'body'>) {
        await super.touch(fields);
        return true;
      }
    },
  },
  'Touch of a revision that has been replaced meanwhile is false, and changes nothing': {
    'touch renews whatever is there': class extends ReferenceStorage {
      override async touch(fields: RenewedEntry) {
        const [former] = this.find((entry) => this.sameAddress(entry, fields));
        return super.touch({ ...fields, revision: former?.entry.revision ?? '' });
      }
    },
  },
  'An entry past its purge time is no error': {
    'a time to live of less than nothing is an error': class extends ReferenceStorage {
      override async write(entry: StoredEntry, at: number) {
        if (entry.purgeAtMs <= Date.now()) throw new Error('invalid expire time');
        await super.write(entry, at);
      }
    },
  },
};
