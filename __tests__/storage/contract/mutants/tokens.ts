/** Storages whose tokens say too little, each by one rule of contributing/fences.md that it leaves out. */
import type { RenewedEntry } from '../../../../lib/api/storage.js';
import { type Mutants, pause } from '../reference-storage.js';
import { newToken, type TokenRow, TokenStorage } from '../token-storage.js';

type Addressed = Parameters<TokenStorage['stampOf']>[0];

export const TOKEN_MUTANTS: Mutants = {
  'What was deleted counts as absent before anybody has removed it': {
    'only tags that the look-up names are compared': class extends TokenStorage {
      override isValid(row: TokenRow, named?: readonly string[]) {
        const tags = new Map([...row.stamp.tags].filter(([tag]) => named?.includes(tag) ?? true));
        return super.isValid({ ...row, stamp: { ...row.stamp, tags } });
      }
    },
    'clear removes what it finds, and leaves the token': class extends TokenStorage {
      override async clear() {
        const record = this.namespaceRecord();
        const { token } = record;
        await super.clear();
        record.token = token;
      }
    },
    'a deleted key has no mark': class extends TokenStorage {
      override markKey() {}
    },
  },
  'A renewal keeps the tokens by which its entry counted': {
    'a renewal takes the tokens of now': class extends TokenStorage {
      override async touch(fields: RenewedEntry) {
        const [former] = this.rowsOf((each) => this.sameAddress(each, fields));
        if (former?.entry.revision !== fields.revision) return false;
        this.writeStamped({ ...fields, body: former.entry.body }, this.stampOf(fields), former.lookedUpAt ?? 0);
        return true;
      }
    },
    'a renewal takes the tokens of now of its tags': class extends TokenStorage {
      override async touch(fields: RenewedEntry) {
        const [former] = this.rowsOf((each) => this.sameAddress(each, fields));
        if (former?.entry.revision !== fields.revision) return false;
        const withTagsOfNow = { ...former, stamp: { ...former.stamp, tags: this.stampOf(fields).tags } };
        if (!this.isValid(withTagsOfNow)) return false;
        this.writeStamped({ ...fields, body: former.entry.body }, withTagsOfNow.stamp, former.lookedUpAt ?? 0);
        return true;
      }
    },
  },
  'A key that was deleted stays so where its entries are lost': {
    'the mark of a key stands with its entries': class extends TokenStorage {
      override loseEntries() {
        super.loseEntries();
        for (const { marks } of this.engine.resources.values()) marks.clear();
      }
    },
  },
  'The tokens of resources may be lost: nothing comes back by that': {
    'the token of a resource is its name': class extends TokenStorage {
      override stampOf(fields: Addressed) {
        this.ensureResource(fields.resource, fields.resource);
        return super.stampOf(fields);
      }
    },
    'tokens are counted': class extends TokenStorage {
      override changeResource(resource: string) {
        const name = this.resourceName(resource);
        const { token = '0' } = this.engine.resources.get(name) ?? {};
        this.engine.resources.set(name, { token: String(Number(token) + 1), marks: new Map() });
      }
      override stampOf(fields: Addressed) {
        this.ensureResource(fields.resource, '0');
        return super.stampOf(fields);
      }
    },
  },
  'The token of the namespace may be lost: nothing comes back by that': {
    'the count of the namespace is lost without its token': class extends TokenStorage {
      override loseNamespaceToken() {
        const zero = { tags: 0, listings: 0, changes: 0 };
        for (const record of this.engine.namespaces.values()) Object.assign(record, zero);
      }
    },
    'the token of a namespace is its name': class extends TokenStorage {
      override namespaceRecord() {
        return this.ensureNamespace(this.namespace);
      }
    },
  },
  'The tokens of tags may be lost: nothing comes back by that': {
    'a tag without a token is one that nobody has deleted': class extends TokenStorage {
      override newTag() {
        return { ...super.newTag(), number: 0 };
      }
    },
  },
  'Of two deletes by one tag the slower does not take back what the quicker has changed': {
    'the number of a tag and its token change one after the other': class extends TokenStorage {
      override async changeTag(tag: string) {
        const record = this.namespaceRecord();
        record.tags += 1;
        const token = { namespace: record.token, number: record.tags, random: newToken() };
        if (this.engine.tagRecords.get(this.tagName(tag))?.number === record.tags - 1) await pause();
        this.engine.tagRecords.set(this.tagName(tag), token);
      }
    },
  },
};
