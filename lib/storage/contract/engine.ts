/** Rules for storages with an engine that several instances and namespaces share: rule 6 of the port. */
import {
  type EngineRuleRow,
  expectEqual,
  expectListed,
  expectStored,
  FUTURE_MS,
  sample,
  samples,
  setAll,
  withoutBody,
} from './rule.js';

export const ENGINE_RULES: readonly EngineRuleRow[] = [
  ['What one instance does, another sees', 'reopen', async (first, openSecond) => {
    const second = await openSecond();
    const renewed = sample({ head: 'renewed', tags: ['new'] });
    await expectStored(second, 'key', [], 'before set, through the second instance');
    await first.set(sample({ tags: ['old'] }));
    await expectStored(second, 'key', [sample({ tags: ['old'] })], 'after set through the first instance');
    await second.touch(withoutBody(renewed));
    await expectStored(first, 'key', [renewed], 'after touch through the second instance');
    expectEqual(await first.delete({ tag: 'new' }), 1, 'delete by tag through the first instance');
    await expectStored(second, 'key', [], 'after delete through the first instance');
  }],
  ['Entries and meta values outlive the instance that wrote them', 'reopen', async (first, openSecond) => {
    const entries = samples(10, (index) => ({ variant: 'v', tags: ['tag'], body: new Uint8Array(index) }));
    await setAll(first, entries);
    await first.meta('a', () => 'first');
    await first.close();
    const second = await openSecond();
    await expectListed(second, entries, 'once the first instance is closed');
    for (const entry of entries) await expectStored(second, entry.key, [entry], 'once the first instance is closed');
    expectEqual(await second.meta('a', () => 'second'), 'first', 'meta once the first instance is closed');
    expectEqual(await second.delete({ tag: 'tag' }), entries.length, 'delete by tag');
  }],
  ['Instances that make a meta value at once agree on it', 'reopen', async (first, openSecond) => {
    const second = await openSecond();
    const storages = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? first : second));
    const values = await Promise.all(storages.map(async (storage, index) => storage.meta('a', () => `value ${index}`)));
    expectEqual(new Set(values).size, 1, 'how many different values two instances got');
  }],
  ['Closing one instance leaves the others open', 'reopen', async (first, openSecond) => {
    const second = await openSecond();
    await second.set(sample());
    await first.close();
    await expectStored(second, 'key', [sample()], 'once the first instance is closed');
    await second.set(sample({ variant: 'en' }));
  }],
  ['Namespaces do not see each other', 'openOtherNamespace', async (storage, openSecond) => {
    const other = await openSecond();
    const own = sample({ tags: ['tag'], purgeAtMs: FUTURE_MS });
    const others = sample({ head: 'other', tags: ['tag'], purgeAtMs: FUTURE_MS });
    const removals: readonly (readonly [string, () => unknown])[] = [
      ['delete by key', () => storage.delete({ key: 'key', resource: 'resource' })],
      ['delete by resource', () => storage.delete({ resource: 'resource' })],
      ['delete by tag', () => storage.delete({ tag: 'tag' })],
      ['deleteExpired', () => storage.deleteExpired(FUTURE_MS)],
      ['clear', () => storage.clear()],
    ];
    await other.set(others);
    for (const [removal, remove] of removals) {
      await storage.set(own);
      await expectListed(storage, [own], 'with an entry in each namespace');
      await expectStored(storage, 'key', [own], 'with an entry in each namespace');
      await remove();
      await expectStored(storage, 'key', [], `after ${removal}`);
      await expectStored(other, 'key', [others], `after ${removal} in the other namespace`);
    }
  }],
];
