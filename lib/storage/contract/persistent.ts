/** Rules for storages whose engine outlives them: other writers and versions, damage, limits, clients of the user's. */
import {
  type EngineRuleRow,
  expectEach,
  expectEqual,
  expectGone,
  expectListed,
  expectStored,
  FUTURE_MS,
  ofKey,
  sample,
  samples,
  setAll,
  withoutBody,
} from './rule.js';

const WRITES = 100;

export const PERSISTENT_RULES: readonly EngineRuleRow[] = [
  ['Times are kept to the last digit: nothing expires early, never is never', 'reopen', async (first, openSecond) => {
    const soon = sample({ key: 'soon', expiresAtMs: FUTURE_MS + 0.25, purgeAtMs: FUTURE_MS + 0.5 });
    const never = sample({ key: 'never', expiresAtMs: Infinity, purgeAtMs: Infinity });
    const far = sample({ key: 'far', purgeAtMs: Number.MAX_SAFE_INTEGER });
    await setAll(first, [soon, never, far]);
    const second = await openSecond();
    expectEqual(await second.deleteExpired(FUTURE_MS + 0.25), 0, 'deleteExpired a quarter of a millisecond early');
    await expectEach(second, [soon, never, far], 'after deleteExpired');
    await expectListed(second, [soon, never, far], 'after deleteExpired');
    expectEqual(await second.deleteExpired(FUTURE_MS + 0.5), 1, 'deleteExpired in time');
    await expectEach(second, [never, far], 'after the second deleteExpired');
  }],
  [`${WRITES} sets at once in each of two instances lose nothing`, 'reopen', async (first, openSecond) => {
    const second = await openSecond();
    const ofFirst = samples(WRITES, (index) => ({ key: `first ${index}`, tags: [`${index}`] }));
    const ofSecond = samples(WRITES, (index) => ({ key: `second ${index}`, tags: [`${index}`] }));
    const all = [...ofFirst, ...ofSecond];
    await Promise.all([
      ...ofFirst.map(async (entry) => first.set(entry)),
      ...ofSecond.map(async (entry) => second.set(entry)),
    ]);
    await expectListed(first, all, 'through the first instance');
    await expectEach(second, all, 'through the second instance');
    expectEqual(await second.delete({ tag: '7' }), 2, 'delete by a tag that each has set once');
  }],
  ['Entries of another format version are absent, and can be written anew', 'reopenInOtherFormat',
    async (first, openSecond) => {
      const entries = samples(3, (index) => ({ tags: [`${index}`] }));
      await setAll(first, entries);
      const second = await openSecond();
      await expectGone(second, entries, 'in another format');
      await expectListed(second, [], 'in another format');
      for (const entry of entries) expectEqual(await second.touch(withoutBody(entry)), false, 'touch of one of them');
      await expectGone(second, entries, 'after touch');
      await setAll(second, entries);
      await expectEach(second, entries, 'written anew');
    }],
  ['Damaged entries are absent and no error, and can be written anew', 'reopenDamaged', async (first, openSecond) => {
    const entries = samples(3, (index) => ({ body: new Uint8Array(1000 * index) }));
    await setAll(first, entries);
    const second = await openSecond();
    await expectStored(second, 'key 0', [], 'damaged');
    await expectListed(second, [], 'damaged');
    await expectGone(second, entries, 'damaged');
    await setAll(second, entries);
    await expectEach(second, entries, 'written anew');
  }],
  ['What is too large for the engine is left out, with what it would have replaced, and nothing else', 'reopenLimited',
    async (first, openSecond) => {
      const small = samples(3, () => ({ body: new Uint8Array(1000) }));
      const large = sample({ key: 'key 0', body: new Uint8Array(100_000) });
      await setAll(first, small);
      const second = await openSecond();
      await second.set(large);
      await expectStored(second, large.key, [], 'after a set of what is too large');
      await expectListed(second, small.slice(1), 'after a set of what is too large');
      await setAll(second, small);
      await expectEach(second, small, 'set again');
    }],
  ['A client that the caller gave stays open', 'openOnSameClient', async (first, openSecond) => {
    await first.set(sample());
    const second = await openSecond();
    await expectStored(second, 'key', [sample()], 'through the second instance');
    await first.close();
    await expectStored(second, 'key', [sample()], 'once the first instance is closed');
    await second.set(sample({ variant: 'en' }));
    expectEqual(await second.delete(ofKey()), 2, 'delete once the first instance is closed');
  }],
];
