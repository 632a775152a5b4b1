/** Rules about answers that were under way while something was invalidated: rules 5, 11 and 12 of the port. */
import type { CacheStorage, Fence, StorageSelector } from '../../api/storage.js';
import {
  type EngineRuleRow,
  expectEqual,
  expectStored,
  expectTrue,
  lookUp,
  ofKey,
  sample,
  setAll,
  withoutBody,
} from './rule.js';

type Invalidate = (storage: CacheStorage) => unknown;

const deletes = (selector: StorageSelector): Invalidate => (storage) => storage.delete(selector);

/** Each way to invalidate what `sample` makes with the tag `tag`. */
export const INVALIDATIONS: readonly (readonly [string, Invalidate])[] = [
  ['delete by resource', deletes({ resource: 'resource' })],
  ['delete by key', deletes(ofKey())],
  ['delete by a tag', deletes({ tag: 'tag' })],
  ['delete of what is under way', deletes({ underWay: true })],
  ['clear', (storage) => storage.clear()],
];

/** So much later a look-up is made that every clock tells it from the one before. */
const LATER_MS = 10;

export const FENCE_RULES: readonly EngineRuleRow[] = [
  ['What was looked up before an invalidation is not stored', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    for (const [name, invalidate] of INVALIDATIONS) {
      for (const [former, when] of [[[], 'with nothing stored'], [[sample()], 'with an entry stored']] as const) {
        await setAll(first, former);
        const fence = await fenceOf(first);
        await invalidate(second);
        const answer = sample({ tags: ['tag'], head: 'late', body: Uint8Array.of(9) });
        expectEqual(await first.set(answer, fence), false, `set after ${name}, ${when}`);
        await expectNotLate(first, `after ${name}, ${when}, in the instance that stored`);
        await expectNotLate(second, `after ${name}, ${when}, in the instance that deleted`);
        await first.clear();
      }
    }
  }],
  ['A tag that was known at the look-up counts as one that came with the answer', 'reopenFenced',
    async (first, openSecond) => {
      const second = await openSecond();
      const { fence } = await first.get('key', { resource: 'resource', tags: ['tag'] });
      await second.delete({ tag: 'tag' });
      expectEqual(await first.set(sample({ tags: ['tag'] }), fence), false, 'set after delete by the tag');
      await expectStored(second, 'key', [], 'after delete by the tag');
      const known = await first.get('key', { resource: 'resource', tags: ['tag'] });
      expectEqual(await first.set(sample({ tags: ['tag'] }), known.fence), true, 'set by a later look-up');
      await expectStored(second, 'key', [sample({ tags: ['tag'] })], 'after set by a later look-up');
    }],
  ['What is looked up after an invalidation is stored, and found', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    const entry = sample({ tags: ['tag'] });
    for (const [name, invalidate] of INVALIDATIONS) {
      await invalidate(second);
      expectEqual(await first.set(entry, await fenceOf(first)), true, `set by a look-up after ${name}`);
      await expectStored(first, 'key', [entry], `after ${name} and set, in the instance that stored`);
      await expectStored(second, 'key', [entry], `after ${name} and set, in the instance that deleted`);
    }
  }],
  ['An invalidation of other keys and resources hinders nothing', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    const fence = await fenceOf(first);
    await second.delete({ resource: 'another' });
    await second.delete(ofKey('another'));
    await second.deleteExpired(0);
    expectEqual(await first.set(sample(), fence), true, 'set after an invalidation of something else');
    await expectStored(second, 'key', [sample()], 'after an invalidation of something else');
  }],
  ['Delete of a variant or a revision says nothing of what is under way', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    await first.set(sample());
    const fence = await fenceOf(first);
    await second.delete({ ...ofKey(), variant: '' });
    await second.delete({ ...ofKey(), revision: 'another' });
    const answer = sample({ body: Uint8Array.of(9) });
    expectEqual(await first.set(answer, fence), true, 'set after a delete of the variant');
    await expectStored(second, 'key', [answer], 'after a delete of the variant');
  }],
  ['A fence serves for a key that is known only afterwards, unless that was invalidated', 'reopenFenced',
    async (first, openSecond) => {
      const second = await openSecond();
      const target = sample({ key: 'target', resource: 'target' });
      expectEqual(await first.set(target, await fenceOf(first)), true, 'set of another key');
      await expectStored(second, 'target', [target], 'after set of another key');
      const fence = await fenceOf(first);
      await second.delete({ resource: 'target' });
      expectEqual(await first.set(target, fence), false, 'set of another key that was invalidated');
      await expectStored(second, 'target', [], 'after the other key was invalidated', 'target');
    }],
  ['Touch by a fence from before an invalidation is false, and brings nothing back', 'reopenFenced',
    async (first, openSecond) => {
      const second = await openSecond();
      for (const [name, invalidate] of INVALIDATIONS) {
        await first.set(sample({ tags: ['tag'] }));
        const fence = await fenceOf(first);
        await invalidate(second);
        const renewed = withoutBody(sample({ tags: ['tag'], head: 'late' }));
        // Where the invalidation deletes nothing, the entry stands as it was.
        expectEqual(await first.touch(renewed, fence), false, `touch after ${name}`);
        await expectNotLate(second, `after ${name} and touch`);
      }
    }],
  ['Touch writes by a fence of now', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    await first.set(sample(), await fenceOf(first));
    const renewed = sample({ head: 'renewed', tags: ['new'] });
    expectEqual(await first.touch(withoutBody(renewed), await fenceOf(first)), true, 'touch by a fence');
    await expectStored(second, 'key', [renewed], 'after touch by a fence');
    await second.delete({ tag: 'new' });
    await expectStored(first, 'key', [], 'after delete by a tag that touch has brought');
  }],
  ['Set without a fence writes whatever was invalidated before', 'reopenFenced', async (first, openSecond) => {
    const second = await openSecond();
    for (const [name, invalidate] of INVALIDATIONS) {
      await invalidate(second);
      expectEqual(await first.set(sample({ tags: ['tag'] })), true, `set without a fence after ${name}`);
      await expectStored(second, 'key', [sample({ tags: ['tag'] })], `after ${name} and set without a fence`);
    }
  }],
  ['Of two answers that were looked up one after the other the later stays, whichever is stored first', 'reopenAtomic',
    async (first, openSecond) => {
      const second = await openSecond();
      const [older, newer] = [sample({ body: Uint8Array.of(1) }), sample({ body: Uint8Array.of(2) })];
      for (const [former, when] of [[[], 'nothing'], [[sample()], 'an entry']] as const) {
        for (const olderIsFirst of [true, false]) {
          await setAll(first, former);
          const ofOlder = await fenceOf(first);
          await later();
          const ofNewer = await fenceOf(second);
          if (olderIsFirst) await first.set(older, ofOlder);
          expectEqual(await second.set(newer, ofNewer), true, `set of the newer over ${when}`);
          if (!olderIsFirst) expectEqual(await first.set(older, ofOlder), false, `set of the older over ${when}`);
          await expectStored(first, 'key', [newer], `with the newer stored ${olderIsFirst ? 'last' : 'first'}`);
          await first.clear();
        }
      }
    }],
  ['Answers that are renewed at once by two instances keep one head and its body', 'reopenAtomic',
    async (first, openSecond) => {
      const second = await openSecond();
      for (let round = 0; round < 20; round += 1) {
        await first.set(sample());
        const [one, other] = [await fenceOf(first), await fenceOf(second)];
        const replaced = sample({ head: 'replaced', body: Uint8Array.of(round, 9) });
        const renewed = withoutBody(sample({ head: 'renewed' }));
        await Promise.all([first.touch(renewed, one), second.set(replaced, other)]);
        for (const { head, revision } of (await lookUp(first)).entries) {
          const isReplaced = head === 'replaced';
          expectEqual(revision === replaced.revision, isReplaced, `the head "${head}" stands with the other body`);
        }
        await first.clear();
      }
    }],
  ['What fences go by may be lost: nothing comes back by that', 'reopenWithoutTokens', async (first, openSecond) => {
    const fence = await fenceOf(first);
    await first.delete({ resource: 'resource' });
    await first.set(sample({ key: 'kept' }));
    const second = await openSecond();
    await first.set(sample({ head: 'late' }), fence);
    await expectNotLate(second, 'after a set by a fence of which nothing is left');
    await second.delete({ resource: 'resource' });
    await expectStored(second, 'kept', [], 'after a delete where no token was left');
    expectEqual(await second.set(sample(), await fenceOf(second)), true, 'set by a look-up after the loss');
    await expectStored(second, 'key', [sample()], 'after a set by a look-up after the loss');
  }],
];

export async function fenceOf(storage: CacheStorage, key?: string, resource?: string): Promise<Fence> {
  const { fence } = await lookUp(storage, key, resource);
  expectTrue(fence !== undefined, 'get gave no fence');
  return fence;
}

/** Nothing with the head `late` is found. */
export async function expectNotLate(storage: CacheStorage, when: string): Promise<void> {
  const { entries } = await lookUp(storage);
  expectEqual(entries.filter(({ head }) => head === 'late').length, 0, `late answers that are found ${when}`);
}

const later = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, LATER_MS); });
