/** Rules for storages that tell without bodies what they have: the method `revisions` of the port. */
import type { CacheStorage, StorageRevisions, StorageSelector } from '../../api/storage.js';
import { expectNotLate, INVALIDATIONS } from './fences.js';
import {
  type EngineRuleRow,
  expectEqual,
  expectSameFields,
  expectStored,
  expectTrue,
  infoOf,
  lookUp,
  ofKey,
  sample,
  setAll,
  withoutBody,
} from './rule.js';

export const REVISION_RULES: readonly EngineRuleRow[] = [
  ['Revisions give what get gives, but for the bodies', 'reopenWithRevisions', async (first, openSecond) => {
    const second = await openSecond();
    await expectSameAsGet(second, 0, 'where nothing is stored');
    const plain = sample({ tags: ['tag'] });
    const other = sample({ variant: 'en', tags: ['other'], body: new Uint8Array(20_000).fill(7) });
    const last = sample({ variant: 'fr', body: new Uint8Array(0) });
    await setAll(first, [plain, other, last, sample({ key: 'another' })]);
    await expectSameAsGet(second, 3, 'after set');
    await first.touch(withoutBody({ ...other, head: 'renewed', tags: ['new'], expiresAtMs: 1 }));
    await expectSameAsGet(second, 3, 'after touch');
    await first.set(sample({ tags: ['tag'], head: 'replaced', body: Uint8Array.of(9) }));
    await expectSameAsGet(second, 3, 'after a set of another body');
    const removals: readonly (readonly [string, StorageSelector, number])[] = [
      ['a variant', { ...ofKey(), variant: 'fr' }, 2],
      ['a tag', { tag: 'new' }, 1],
      ['another tag', { tag: 'other' }, 1],
      ['the key', ofKey(), 0],
    ];
    for (const [what, selector, left] of removals) {
      await first.delete(selector);
      await expectSameAsGet(second, left, `after delete of ${what}`);
    }
    await setAll(first, [plain, other]);
    await first.delete({ resource: 'resource' });
    await expectSameAsGet(second, 0, 'after delete of the resource');
    await setAll(first, [plain, other]);
    await first.clear();
    await expectSameAsGet(second, 0, 'after clear');
  }],
  ['A fence of revisions holds as much as one of get', 'reopenWithRevisions', async (first, openSecond) => {
    const second = await openSecond();
    const tagged = sample({ tags: ['tag'] });
    for (const [name, invalidate] of INVALIDATIONS) {
      await first.set(tagged);
      const { fence } = await revisionsOf(first);
      expectTrue(fence !== undefined, 'revisions gave no fence');
      await invalidate(second);
      const late = sample({ tags: ['tag'], head: 'late', body: Uint8Array.of(9) });
      expectEqual(await first.set(late, fence), false, `set by a fence of revisions after ${name}`);
      expectEqual(await first.touch(withoutBody({ ...tagged, head: 'late' }), fence), false, `touch after ${name}`);
      await expectNotLate(second, `after ${name}`);
    }
    await first.set(tagged);
    const renewed = sample({ tags: ['tag'], head: 'renewed' });
    const ofTouch = (await revisionsOf(first)).fence;
    expectEqual(await first.touch(withoutBody(renewed), ofTouch), true, 'touch by a fence of now');
    await expectStored(second, 'key', [renewed], 'after touch by a fence of revisions');
    const replaced = sample({ tags: ['tag'], body: Uint8Array.of(9) });
    expectEqual(await first.set(replaced, (await revisionsOf(first)).fence), true, 'set by a fence of now');
    await expectStored(second, 'key', [replaced], 'after set by a fence of revisions');
  }],
];

async function revisionsOf(storage: CacheStorage): Promise<StorageRevisions> {
  const revisions = await storage.revisions?.('key', { resource: 'resource', tags: [] });
  expectTrue(revisions !== undefined, 'there is no method revisions');
  return revisions;
}

async function expectSameAsGet(storage: CacheStorage, count: number, when: string): Promise<void> {
  const { entries } = await revisionsOf(storage);
  const whole = (await lookUp(storage)).entries.map(infoOf);
  expectEqual(whole.length, count, `${when}: how many variants get gave`);
  expectSameFields(entries, whole, `${when}: what revisions gave`);
}
