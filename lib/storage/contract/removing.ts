/** Rules about deleting, expiry and clearing: rule 5 of the port. */
import {
  expectEach,
  expectEqual,
  expectGone,
  expectListed,
  expectStored,
  FUTURE_MS,
  ofKey,
  type RuleRow,
  sample,
  samples,
  setAll,
  withoutBody,
} from './rule.js';

export const REMOVING_RULES: readonly RuleRow[] = [
  ['Delete by key takes every variant of it, counts them, and takes nothing else', async (storage) => {
    const other = sample({ key: 'other' });
    await setAll(storage, [sample(), sample({ variant: 'en' }), sample({ variant: 'de' }), other]);
    expectEqual(await storage.delete(ofKey()), 3, 'delete of a key with three variants');
    await expectGone(storage, [sample()], 'after delete');
    await expectListed(storage, [other], 'after delete');
    expectEqual(await storage.delete(ofKey()), 0, 'the same delete again');
  }],
  ['Delete by key and variant takes that variant only, also where it is the empty one', async (storage) => {
    const [plain, german] = [sample({ variant: '' }), sample({ variant: 'de' })];
    await setAll(storage, [plain, sample({ variant: 'en' }), german]);
    expectEqual(await storage.delete({ ...ofKey(), variant: 'en' }), 1, 'delete of variant "en"');
    await expectStored(storage, 'key', [plain, german], 'after delete of "en"');
    expectEqual(await storage.delete({ ...ofKey(), variant: '' }), 1, 'delete of variant ""');
    await expectStored(storage, 'key', [german], 'after delete of ""');
    expectEqual(await storage.delete({ ...ofKey(), variant: undefined }), 1, 'delete with the variant undefined');
    await expectStored(storage, 'key', [], 'after delete of all');
  }],
  ['Delete by resource takes every key and variant of it, and counts them', async (storage) => {
    const other = sample({ key: 'other', resource: 'other' });
    await setAll(storage, [sample(), sample({ variant: 'en' }), sample({ key: 'key 2' }), other]);
    expectEqual(await storage.delete({ resource: 'resource' }), 3, 'delete of a resource with three entries');
    await expectGone(storage, [sample(), sample({ key: 'key 2' })], 'after delete');
    await expectListed(storage, [other], 'after delete');
  }],
  ['Delete by tag takes every entry that has it, and counts each once', async (storage) => {
    const other = sample({ key: 'other', tags: ['b'] });
    await setAll(storage, [sample({ tags: ['b', 'a'] }), sample({ variant: 'en', tags: ['a'] }), other]);
    expectEqual(await storage.delete({ tag: 'a' }), 2, 'delete of a tag with two entries');
    await expectGone(storage, [sample()], 'after delete');
    expectEqual(await storage.delete({ tag: 'b' }), 1, 'delete of the other tag');
    await expectListed(storage, [], 'after both deletes');
  }],
  ['Resources and tags are compared whole and exactly', async (storage) => {
    const texts = ['a', 'A', 'ab', 'a%', 'a*', 'a_', 'a,b', 'b', '["a"]', '', 'a ', '__proto__'];
    const entries = texts.map((text, index) => sample({ key: `${index}`, resource: text, tags: [text] }));
    await setAll(storage, entries);
    for (const entry of entries) {
      const others = entries.filter((each) => each !== entry);
      for (const selector of [{ resource: entry.resource }, { tag: entry.resource }]) {
        expectEqual(await storage.delete(selector), 1, `delete by ${JSON.stringify(selector)}`);
        await expectEach(storage, others, `after delete by ${JSON.stringify(selector)}`);
        await storage.set(entry);
      }
    }
  }],
  ['Delete by revision takes that body only, with or without the variant', async (storage) => {
    const [plain, german] = [sample(), sample({ variant: 'de', body: Uint8Array.of(4) })];
    await setAll(storage, [plain, german]);
    const selector = { ...ofKey(), revision: german.revision };
    expectEqual(await storage.delete({ ...selector, variant: '' }), 0, 'delete of a revision of another variant');
    await expectStored(storage, 'key', [plain, german], 'after delete of a revision of another variant');
    expectEqual(await storage.delete({ ...selector, variant: 'de' }), 1, 'delete of a variant and its revision');
    await expectStored(storage, 'key', [plain], 'after delete of a variant and its revision');
    expectEqual(await storage.delete(selector), 0, 'delete of a revision that is gone');
    expectEqual(await storage.delete({ ...selector, revision: plain.revision }), 1, 'delete of a revision alone');
    await expectStored(storage, 'key', [], 'after delete of a revision alone');
  }],
  ['Tags follow the entry: those it no longer has do not reach it', async (storage) => {
    const entry = sample({ tags: ['touched'] });
    await setAll(storage, [sample({ tags: ['first'] }), sample({ tags: ['second'] })]);
    expectEqual(await storage.delete({ tag: 'first' }), 0, 'delete by a tag from before the overwrite');
    await storage.touch(withoutBody(entry));
    expectEqual(await storage.delete({ tag: 'second' }), 0, 'delete by a tag from before the touch');
    await expectStored(storage, 'key', [entry], 'after these deletes');
    expectEqual(await storage.delete({ tag: 'touched' }), 1, 'delete by the tag that it has now');
  }],
  ['What was deleted can be set again, with nothing left of what it was', async (storage) => {
    await storage.set(sample({ tags: ['old'] }));
    await storage.delete(ofKey());
    const again = sample({ tags: ['new'], body: Uint8Array.of(4) });
    await storage.set(again);
    expectEqual(await storage.delete({ tag: 'old' }), 0, 'delete by the tag that it had');
    await expectStored(storage, 'key', [again], 'after the second set');
  }],
  ['deleteExpired takes what has a purge time up to the given one, to the millisecond, and counts', async (storage) => {
    const at = (offset: number) => sample({ key: `${offset}`, purgeAtMs: FUTURE_MS + offset });
    const due = [at(-86_400_000), at(-1), at(0)];
    const kept = [at(1), at(999), at(86_400_000)];
    await setAll(storage, [...due, ...kept]);
    expectEqual(await storage.deleteExpired(FUTURE_MS), due.length, 'deleteExpired');
    await expectGone(storage, due, 'after deleteExpired');
    await expectEach(storage, kept, 'after deleteExpired');
    expectEqual(await storage.deleteExpired(FUTURE_MS + 998), 1, 'deleteExpired 998 ms later');
    await expectEach(storage, kept.slice(1), 'after deleteExpired 998 ms later');
  }],
  ['deleteExpired goes by the purge time, never by the expiry', async (storage) => {
    const stale = sample({ expiresAtMs: 1, purgeAtMs: FUTURE_MS });
    await storage.set(stale);
    expectEqual(await storage.deleteExpired(FUTURE_MS - 1), 0, 'deleteExpired');
    await expectStored(storage, 'key', [stale], 'after deleteExpired');
  }],
  ['deleteExpired goes by the purge time that touch gave', async (storage) => {
    const longer = sample({ purgeAtMs: FUTURE_MS + 10 });
    await storage.set(sample({ purgeAtMs: FUTURE_MS }));
    await storage.touch(withoutBody(longer));
    expectEqual(await storage.deleteExpired(FUTURE_MS), 0, 'deleteExpired at the former purge time');
    await expectStored(storage, 'key', [longer], 'after deleteExpired');
    expectEqual(await storage.deleteExpired(FUTURE_MS + 10), 1, 'deleteExpired at the new purge time');
  }],
  ['Entries without a purge time stay', async (storage) => {
    const never = sample();
    await storage.set(never);
    expectEqual(await storage.deleteExpired(FUTURE_MS * 2), 0, 'deleteExpired');
    await expectStored(storage, 'key', [never], 'after deleteExpired');
  }],
  ['Clear takes every entry and whatever would still find one', async (storage) => {
    const entries = samples(20, (index) => ({ tags: ['tag'], purgeAtMs: FUTURE_MS + index }));
    await setAll(storage, entries);
    await storage.clear();
    await expectGone(storage, entries, 'after clear');
    await expectListed(storage, [], 'after clear');
    expectEqual(await storage.delete({ tag: 'tag' }), 0, 'delete by tag after clear');
    expectEqual(await storage.delete({ resource: 'resource' }), 0, 'delete by resource after clear');
    await storage.set(sample());
    await expectStored(storage, 'key', [sample()], 'after clear and set');
  }],
];
