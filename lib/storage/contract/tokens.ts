/**
 * Rules for storages whose fences are tokens, records beside the entries: an entry counts by the tokens that it names,
 * whatever of the records is lost, and whether or not anybody has removed the entry itself.
 */
import type { CacheStorage, Fence, StoredEntry } from '../../api/storage.js';
import { expectNotLate, fenceOf, INVALIDATIONS } from './fences.js';
import { type EngineRuleRow, expectEqual, expectStored, sample, withoutBody } from './rule.js';

/** What of one kind is deleted in these rules; each has a key, a resource and a tag of its own. */
type Deleted = 'key' | 'resource' | 'tag';
const KINDS: readonly Deleted[] = ['key', 'resource', 'tag'];

const named = (name: string, fields: Partial<StoredEntry> = {}): StoredEntry =>
  sample({ key: `key ${name}`, resource: `resource ${name}`, tags: [`tag ${name}`], ...fields });

async function deleteOf(storage: CacheStorage, kind: Deleted, name: string): Promise<void> {
  const { key, resource } = named(name);
  if (kind === 'key') await storage.delete({ key, resource });
  else if (kind === 'resource') await storage.delete({ resource });
  else await storage.delete({ tag: `tag ${name}` });
}

const entriesOf = async (storage: CacheStorage, { key, resource }: StoredEntry, tags: readonly string[]) =>
  (await storage.get(key, { resource, tags })).entries;

/** Nothing is found, whether the look-up names the tags of the entry or leaves them to be found out. */
async function expectAbsent(storage: CacheStorage, entry: StoredEntry, when: string): Promise<void> {
  for (const tags of [[], entry.tags]) {
    const found = await entriesOf(storage, entry, tags);
    expectEqual(found.length, 0, `${when}, entries that a look-up by ${tags.length} tags found`);
  }
}

/** A look-up after everything is stored by, and found. */
async function expectUsable(storage: CacheStorage, entry: StoredEntry, when: string): Promise<void> {
  const fence = await fenceOf(storage, entry.key, entry.resource);
  expectEqual(await storage.set(entry, fence), true, `${when}, set by a look-up of now`);
  await expectStored(storage, entry.key, [entry], `${when}, after a set by a look-up of now`);
}

/** A flight is lost: its answer is neither stored nor found. */
async function expectLost(storage: CacheStorage, name: string, fence: Fence, when: string): Promise<void> {
  const late = named(name, { head: 'late', body: Uint8Array.of(9) });
  expectEqual(await storage.set(late, fence), false, `${when}, set by a look-up from before`);
  const found = await entriesOf(storage, late, late.tags);
  expectEqual(found.filter(({ head }) => head === 'late').length, 0, `${when}, late answers that are found`);
}

/**
 * Deletes by key, resource and tag, before and after the records of one kind are lost, and with a look-up of another
 * process between the loss and the store, which makes the records anew.
 */
const losing = (what: string): EngineRuleRow[2] => async (first, openSecond) => {
  const before = KINDS.map((kind) => [kind, `${kind} that was deleted before the loss`] as const);
  const after = KINDS.map((kind) => [kind, `${kind} that was deleted after the loss`] as const);
  // Counts that began at nothing again would be below those of now.
  for (let times = 0; times < 5; times += 1) await first.delete({ tag: 'another' });
  const fences = new Map<string, Fence>();
  for (const [, name] of [...before, ...after]) {
    await first.set(named(name));
    fences.set(name, await fenceOf(first, named(name).key, named(name).resource));
  }
  for (const [kind, name] of before) await deleteOf(first, kind, name);
  const second = await openSecond();
  for (const [kind, name] of after) await deleteOf(second, kind, name);
  for (const [, name] of [...before, ...after]) {
    await expectAbsent(second, named(name), `after the loss of ${what}, of the ${name}`);
    const fence = fences.get(name);
    if (fence !== undefined) await expectLost(first, name, fence, `after the loss of ${what}, of the ${name}`);
    await expectUsable(second, named(name), `after the loss of ${what}, of the ${name}`);
  }
};

export const TOKEN_RULES: readonly EngineRuleRow[] = [
  ['What was deleted counts as absent before anybody has removed it', 'reopenUnswept', async (first, openSecond) => {
    const second = await openSecond();
    for (const [name, invalidate] of INVALIDATIONS) {
      if (name === 'delete of what is under way') continue;
      const entry = sample({ tags: ['tag'] });
      expectEqual(await first.set(entry, await fenceOf(first)), true, `set before ${name}`);
      await invalidate(second);
      await expectAbsent(first, entry, `after ${name} that removed nothing`);
      await expectUsable(first, sample({ tags: ['tag'], body: Uint8Array.of(8) }), `after ${name} that removed nothing`);
      await first.clear();
    }
  }],
  ['A renewal keeps the tokens by which its entry counted', 'reopenUnswept', async (first, openSecond) => {
    const second = await openSecond();
    for (const [name, invalidate] of INVALIDATIONS) {
      if (name === 'delete of what is under way') continue;
      for (const [tags, when] of [[[], 'that names no tag'], [['tag'], 'that names the tag']] as const) {
        await first.set(sample({ tags: ['tag'] }));
        const { fence } = await first.get('key', { resource: 'resource', tags });
        await invalidate(second);
        const renewed = withoutBody(sample({ tags: ['tag'], head: 'late' }));
        expectEqual(await first.touch(renewed, fence), false, `touch by a look-up ${when}, after ${name}`);
        expectEqual(await first.touch(renewed), false, `touch without a fence, after ${name}`);
        await expectNotLate(second, `after ${name} that removed nothing, and touch`);
        await first.clear();
      }
    }
  }],
  ['A key that was deleted stays so where its entries are lost', 'reopenWithoutEntries', async (first, openSecond) => {
    await first.set(named('key'));
    const fence = await fenceOf(first, 'key key', 'resource key');
    await deleteOf(first, 'key', 'key');
    await first.set(named('key', { variant: 'another' }));
    const second = await openSecond();
    await expectLost(second, 'key', fence, 'after the loss of the entries');
    await expectUsable(second, named('key'), 'after the loss of the entries');
  }],
  ['The tokens of resources may be lost: nothing comes back by that', 'reopenWithoutResourceTokens',
    losing('tokens of resources')],
  ['The token of the namespace may be lost: nothing comes back by that', 'reopenWithoutNamespaceToken',
    async (first, openSecond) => {
      const kept = named('kept');
      await first.set(kept);
      const [void1, void2] = [await fenceOf(first, kept.key, kept.resource), await fenceOf(first)];
      const second = await openSecond();
      await expectAbsent(second, kept, 'after the loss of the token of the namespace');
      await expectLost(first, 'kept', void1, 'after the loss of the token of the namespace');
      expectEqual(await first.set(sample(), void2), false, 'set by a look-up from before the loss');
      await losing('the token of the namespace')(second, openSecond);
    }],
  ['The tokens of tags may be lost: nothing comes back by that', 'reopenWithoutTagTokens', losing('tokens of tags')],
  ['Of two deletes by one tag the slower does not take back what the quicker has changed', 'reopenFenced',
    async (first, openSecond) => {
      const second = await openSecond();
      for (let round = 0; round < 10; round += 1) {
        await fenceOf(first);
        const slow = first.delete({ tag: 'tag' });
        const fence = await fenceOf(second);
        await second.delete({ tag: 'tag' });
        await slow;
        const late = sample({ tags: ['tag'], head: 'late' });
        expectEqual(await second.set(late, fence), false, 'set after two deletes, the second from after the look-up');
        await expectNotLate(first, 'after two deletes by one tag');
      }
    }],
];
