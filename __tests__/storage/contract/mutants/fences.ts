/** Storages whose fences hold too much or too little, by the rule that must find them. */
import type { Fence, RenewedEntry, StorageSelector, StoredEntry } from '../../../../lib/api/storage.js';
import { type Mutants, pause, ReferenceStorage } from '../reference-storage.js';

type Fields = Omit<StoredEntry, 'body'>;

export const FENCE_MUTANTS: Mutants = {
  'What was looked up before an invalidation is not stored': {
    'set does not look at the fence': class extends ReferenceStorage {
      override holds() {
        return true;
      }
    },
    'the fence is taken when the answer is stored': class extends ReferenceStorage {
      override placeOf() {
        return this.next();
      }
    },
    'a delete marks only what it finds': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        const found = this.find((entry) => this.selects(selector, entry)).length > 0;
        if (found) return super.delete(selector);
        return 0;
      }
    },
    'clear empties, and marks nothing': class extends ReferenceStorage {
      override async clear() {
        this.remove(this.find(() => true));
      }
    },
    'what is under way goes on': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        return 'underWay' in selector ? 0 : super.delete(selector);
      }
    },
    'invalidations are known to their own instance': class extends ReferenceStorage {
      readonly own: Fields[] = [];
      override invalidate(concerns: (entry: Fields) => boolean) {
        super.invalidate((entry) => !this.closed && this.own.includes(entry) && concerns(entry));
      }
    },
  },
  'A tag that was known at the look-up counts as one that came with the answer': {
    'tags count only where the answer brings them': class extends ReferenceStorage {
      readonly known = new Set<unknown>();
      override async get(key: string, scope = { resource: '', tags: [] as readonly string[] }) {
        const reading = await super.get(key);
        if (scope.tags.length > 0) this.known.add(reading.fence);
        return reading;
      }
      override async set(entry: StoredEntry, fence?: Fence) {
        if (!this.known.has(fence)) return super.set(entry, fence);
        await this.write(entry, this.next());
        return true;
      }
    },
  },
  'What is looked up after an invalidation is stored, and found': {
    'what was invalidated once stays so': class extends ReferenceStorage {
      override holds(entry: Fields) {
        return super.holds(entry, 0);
      }
    },
    'nothing is ever stored by a fence': class extends ReferenceStorage {
      override async set(entry: StoredEntry, fence?: Fence) {
        return fence === undefined && super.set(entry);
      }
    },
  },
  'An invalidation of other keys and resources hinders nothing': {
    'each invalidation concerns everything': class extends ReferenceStorage {
      override invalidate() {
        super.invalidate(() => true);
      }
    },
    'deleteExpired invalidates': class extends ReferenceStorage {
      override async deleteExpired(nowMs: number) {
        this.invalidate(() => true);
        return super.deleteExpired(nowMs);
      }
    },
  },
  'Delete of a variant or a revision says nothing of what is under way': {
    'delete of a variant marks the key': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        if ('key' in selector) this.invalidate((entry) => entry.key === selector.key);
        return super.delete(selector);
      }
    },
  },
  'A fence serves for a key that is known only afterwards, unless that was invalidated': {
    'a fence serves for the key that was looked up only': class extends ReferenceStorage {
      readonly keys = new Map<unknown, string>();
      override async get(key: string) {
        const reading = await super.get(key);
        this.keys.set(reading.fence, key);
        return reading;
      }
      override async set(entry: StoredEntry, fence?: Fence) {
        const isOwn = fence === undefined || this.keys.get(fence) === entry.key;
        return isOwn && super.set(entry, fence);
      }
    },
    'another key is not looked after': class extends ReferenceStorage {
      override holds(entry: Fields, at: number) {
        return entry.key === 'target' || super.holds(entry, at);
      }
    },
  },
  'Touch by a fence from before an invalidation is false, and brings nothing back': {
    'touch does not look at the fence': class extends ReferenceStorage {
      override async touch(fields: RenewedEntry) {
        return super.touch(fields);
      }
    },
  },
  'Touch writes by a fence of now': {
    'touch takes no fence': class extends ReferenceStorage {
      override async touch(fields: RenewedEntry, fence?: Fence) {
        return fence === undefined && super.touch(fields);
      }
    },
  },
  'Set without a fence writes whatever was invalidated before': {
    'no fence is the oldest one': class extends ReferenceStorage {
      override placeOf(fence: Fence | undefined) {
        return fence === undefined ? 0 : super.placeOf(fence);
      }
    },
  },
  'Of two answers that were looked up one after the other the later stays, whichever is stored first': {
    'the last write wins': class extends ReferenceStorage {
      override put(entry: StoredEntry) {
        super.put(entry, 0);
      }
    },
    'the first write wins': class extends ReferenceStorage {
      override async set(entry: StoredEntry, fence?: Fence) {
        const [former] = this.find((each) => this.sameAddress(each, entry));
        const isLate = former !== undefined && fence !== undefined && (former.lookedUpAt ?? 0) > 0;
        return !isLate && super.set(entry, fence);
      }
    },
  },
  'Answers that are renewed at once by two instances keep one head and its body': {
    'touch looks, waits, and writes the head over whatever is there': class extends ReferenceStorage {
      override async touch(fields: RenewedEntry, fence?: Fence) {
        const [former] = this.find((entry) => this.sameAddress(entry, fields));
        if (former?.entry.revision !== fields.revision || !this.holds(fields, this.placeOf(fence))) return false;
        await pause();
        const [present] = this.find((entry) => this.sameAddress(entry, fields));
        if (present === undefined) return false;
        const { body, revision } = present.entry;
        this.put({ ...fields, revision, body });
        return true;
      }
    },
  },
  'What fences go by may be lost: nothing comes back by that': {
    'what is lost was never invalidated': class extends ReferenceStorage {
      override holds(entry: Fields, at: number) {
        this.engine.floor = 0;
        return super.holds(entry, at);
      }
    },
    'a delete without tokens deletes nothing': class extends ReferenceStorage {
      override async delete(selector: StorageSelector) {
        return this.engine.floor > 0 ? 0 : super.delete(selector);
      }
    },
  },
};
