/** Storages whose `revisions` tell something else than `get` does, by the rule that must find them. */
import type { Fence, RenewedEntry, StoredEntry, StoredEntryInfo } from '../../../../lib/api/storage.js';
import { infoOf } from '../../../../lib/storage/contract/rule.js';
import { type Mutants, ReferenceStorage } from '../reference-storage.js';

/** It knows which fences `revisions` gave. */
class Noting extends ReferenceStorage {
  readonly ofRevisions = new Set<unknown>();
  override async revisions(key: string) {
    const revisions = await super.revisions(key);
    this.ofRevisions.add(revisions.fence);
    return revisions;
  }
}

export const REVISION_MUTANTS: Mutants = {
  'Revisions give what get gives, but for the bodies': {
    'revisions are remembered': class extends ReferenceStorage {
      readonly known = new Map<string, readonly StoredEntryInfo[]>();
      override async revisions(key: string) {
        const { entries, fence } = await super.revisions(key);
        const known = this.known.get(key) ?? entries;
        if (entries.length > 0) this.known.set(key, known);
        return { entries: known, fence };
      }
    },
    'revisions tell of one variant': class extends ReferenceStorage {
      override async revisions(key: string) {
        const { entries, fence } = await super.revisions(key);
        return { entries: entries.slice(0, 1), fence };
      }
    },
    'a head is read once for each revision': class extends ReferenceStorage {
      readonly heads = new Map<string, StoredEntryInfo>();
      override async revisions(key: string) {
        const { entries, fence } = await super.revisions(key);
        for (const each of entries) if (!this.heads.has(each.revision)) this.heads.set(each.revision, each);
        return { entries: entries.map((each) => this.heads.get(each.revision) ?? each), fence };
      }
    },
    'what was deleted is still told': class extends ReferenceStorage {
      readonly all: StoredEntryInfo[] = [];
      override put(entry: StoredEntry, lookedUpAt?: number) {
        this.all.push(infoOf(entry));
        super.put(entry, lookedUpAt);
      }
      override async revisions(key: string) {
        const { fence } = await super.revisions(key);
        return { entries: this.all.filter((each) => each.key === key), fence };
      }
    },
  },
  'A fence of revisions holds as much as one of get': {
    'revisions give no fence': class extends ReferenceStorage {
      override async revisions(key: string) {
        const { entries } = await super.revisions(key);
        return { entries };
      }
    },
    'a fence of revisions is taken when the answer is stored': class extends Noting {
      override placeOf(fence: Fence | undefined) {
        return this.ofRevisions.has(fence) ? this.next() : super.placeOf(fence);
      }
    },
    'nothing is stored by a fence of revisions': class extends Noting {
      override async set(entry: StoredEntry, fence?: Fence) {
        return !this.ofRevisions.has(fence) && super.set(entry, fence);
      }
    },
    'nothing is renewed by a fence of revisions': class extends Noting {
      override async touch(fields: RenewedEntry, fence?: Fence) {
        return !this.ofRevisions.has(fence) && super.touch(fields, fence);
      }
    },
  },
};
