/** Storages that delete, expire or clear wrongly, by the rule that must find them. */
import type { StorageSelector, StoredEntry } from '../../../../lib/api/storage.js';
import { type Mutants, ReferenceStorage, type Row } from '../reference-storage.js';

export const REMOVING_MUTANTS: Mutants = {
  'deleteExpired goes by the purge time that touch gave': {
    'touch leaves the purge time that deleteExpired goes by': class extends ReferenceStorage {
      readonly purgeTimes = new Map<string, number>();
      override async write(entry: StoredEntry, at: number) {
        await super.write(entry, at);
        this.purgeTimes.set(JSON.stringify([entry.key, entry.variant]), entry.purgeAtMs);
      }
      override async deleteExpired(nowMs: number) {
        this.assertOpen();
        const timeOf = ({ key, variant }: StoredEntry) => this.purgeTimes.get(JSON.stringify([key, variant]));
        return this.remove(this.find((entry) => (timeOf(entry) ?? Infinity) <= nowMs));
      }
    },
  },
  'Delete by key takes every variant of it, counts them, and takes nothing else': {
    'delete does nothing': class extends ReferenceStorage {
      override remove() {
        return 0;
      }
    },
    'delete counts nothing': class extends ReferenceStorage {
      override remove(rows: readonly Row[]) {
        super.remove(rows);
        return 0;
      }
    },
    'delete by key takes one variant': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        return 'key' in selector ? super.delete({ variant: '', ...selector }) : super.delete(selector);
      }
    },
  },
  'Delete by key and variant takes that variant only, also where it is the empty one': {
    'the empty variant deletes all': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        const all = 'key' in selector && selector.variant === '';
        return super.selects(all ? { key: selector.key, resource: selector.resource } : selector, entry);
      }
    },
    'delete of one variant deletes the key': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        return 'key' in selector ? selector.key === entry.key : super.selects(selector, entry);
      }
    },
  },
  'Delete by resource takes every key and variant of it, and counts them': {
    'delete by resource leaves variants': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        return super.selects(selector, entry) && !('resource' in selector && entry.variant !== '');
      }
    },
  },
  'Delete by tag takes every entry that has it, and counts each once': {
    'delete by tag goes by the first tag': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        return 'tag' in selector ? entry.tags[0] === selector.tag : super.selects(selector, entry);
      }
    },
  },
  'Resources and tags are compared whole and exactly': {
    'tags are a comma-separated text': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        if ('tag' in selector) return entry.tags.join(',').split(',').includes(selector.tag);
        return super.selects(selector, entry);
      }
    },
    'resources are LIKE patterns': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        if (!('resource' in selector)) return super.selects(selector, entry);
        return selector.resource.endsWith('%')
          ? entry.resource.startsWith(selector.resource.slice(0, -1))
          : entry.resource === selector.resource;
      }
    },
  },
  'Delete by revision takes that body only, with or without the variant': {
    'delete by revision takes whatever is there': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        return super.selects('key' in selector ? { ...selector, revision: undefined } : selector, entry);
      }
    },
    'delete by revision goes by the revision alone': class extends ReferenceStorage {
      override selects(selector: StorageSelector, entry: StoredEntry) {
        const isOfBody = 'key' in selector && selector.revision !== undefined;
        return super.selects(isOfBody ? { ...selector, variant: undefined } : selector, entry);
      }
    },
    'a revision without a variant means the empty variant': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        const isOfBody = 'key' in selector && selector.revision !== undefined;
        return super.delete(isOfBody ? { variant: 'en', ...selector } : selector);
      }
    },
  },
  'Tags follow the entry: those it no longer has do not reach it': {
    'the tag index is stale after an overwrite': class extends ReferenceStorage {
      readonly indexed = new Map<string, Set<string>>();
      override async write(entry: StoredEntry, at: number) {
        await super.write(entry, at);
        const known = this.indexed.get(entry.key) ?? new Set();
        this.indexed.set(entry.key, new Set([...known, ...entry.tags]));
      }
      override selects(selector: StorageSelector, entry: StoredEntry) {
        if ('tag' in selector) return this.indexed.get(entry.key)?.has(selector.tag) ?? false;
        return super.selects(selector, entry);
      }
    },
    'the tag index is stale after a touch': class extends ReferenceStorage {
      readonly indexed = new Map<string, readonly string[]>();
      override async write(entry: StoredEntry, at: number) {
        await super.write(entry, at);
        this.indexed.set(JSON.stringify([entry.key, entry.variant]), [...entry.tags]);
      }
      override selects(selector: StorageSelector, entry: StoredEntry) {
        const indexed = this.indexed.get(JSON.stringify([entry.key, entry.variant])) ?? [];
        return 'tag' in selector ? indexed.includes(selector.tag) : super.selects(selector, entry);
      }
    },
  },
  'What was deleted can be set again, with nothing left of what it was': {
    'a deleted entry leaves its tags behind': class extends ReferenceStorage {
      readonly tags = new Map<string, readonly string[]>();
      override async write(entry: StoredEntry, at: number) {
        if (!this.tags.has(entry.key)) this.tags.set(entry.key, entry.tags);
        await super.write(entry, at);
      }
      override selects(selector: StorageSelector, entry: StoredEntry) {
        return super.selects(selector, { ...entry, tags: this.tags.get(entry.key) ?? entry.tags });
      }
    },
    'leaves a tombstone': class extends ReferenceStorage {
      readonly dead = new Set<string>();
      override async delete(selector: StorageSelector) {
        if ('key' in selector) this.dead.add(selector.key);
        return super.delete(selector);
      }
      override find(matches: (entry: StoredEntry) => boolean) {
        return super.find((entry) => !this.dead.has(entry.key) && matches(entry));
      }
    },
  },
  'deleteExpired takes what has a purge time up to the given one, to the millisecond, and counts': {
    'expiry is off by one': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        return super.deleteExpired(nowMs - 1);
      }
    },
    'purge times are rounded down to seconds': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        this.assertOpen();
        return this.remove(this.find(({ purgeAtMs }) => Math.floor(purgeAtMs / 1000) * 1000 <= nowMs));
      }
    },
    'expiry counts nothing': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        await super.deleteExpired(nowMs);
        return 0;
      }
    },
  },
  'deleteExpired goes by the purge time, never by the expiry': {
    'what is stale is deleted': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        this.assertOpen();
        return this.remove(this.find(({ expiresAtMs, purgeAtMs }) => Math.min(expiresAtMs, purgeAtMs) <= nowMs));
      }
    },
  },
  'Entries without a purge time stay': {
    '"never" is a date that passes': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        this.assertOpen();
        const never = Date.UTC(2200, 0);
        return this.remove(this.find(({ purgeAtMs }) => Math.min(purgeAtMs, never) <= nowMs));
      }
    },
  },
  'Clear takes every entry and whatever would still find one': {
    'clear leaves the tag index': class extends ReferenceStorage {
      readonly counts = new Map<string, number>();
      override async write(entry: StoredEntry, at: number) {
        await super.write(entry, at);
        for (const tag of entry.tags) this.counts.set(tag, (this.counts.get(tag) ?? 0) + 1);
      }
      override async delete(selector: StorageSelector) {
        const count = await super.delete(selector);
        return 'tag' in selector ? (this.counts.get(selector.tag) ?? count) : count;
      }
    },
    'clear takes one page': class extends ReferenceStorage {
      override async clear() {
        this.remove(this.find(() => true).slice(0, 10));
      }
    },
  },
};
