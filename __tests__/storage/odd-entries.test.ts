/** Entries at the edge of what their fields may be are stored, found, renewed and deleted by every storage. */
import { lookUp, sample, withoutBody } from '../../lib/storage/contract/rule.js';
import type { StoredEntry } from '../../lib/index.js';
import { describeEachStorage } from '../support/storages.js';

const ODD: readonly (readonly [string, Partial<StoredEntry>])[] = [
  ['nothing but empty texts', { key: '', resource: '', variant: '', revision: '', head: '', tags: [''] }],
  ['halves of surrogate pairs', {
    key: '\ud800', resource: '\udfff', variant: '\ud801', revision: '\ud802', head: '\ud803',
    tags: ['\ud804', '\ufffd'],
  }],
  ['characters of no width', { key: 'a\0b', resource: '\0', variant: '\0', revision: '\0', head: '\0', tags: ['\0'] }],
  ['names of every object', { key: '__proto__', resource: 'constructor', variant: 'toString', tags: ['__proto__'] }],
  ['a tag that is named twice', { tags: ['a', 'b', 'a'] }],
  ['tags with the signs of engines', { tags: ['a=b', 'a|b', 'a.b', 'a#b', 'a:b', '*', '?', '[', '$where', 'a\nb'] }],
  ['parts of a millisecond', { createdAtMs: 1.5, purgeAtMs: 4102444800000.987 }],
  ['the largest times', { createdAtMs: 1, expiresAtMs: Number.MAX_VALUE, purgeAtMs: Number.MAX_VALUE }],
  ['the earliest times', { createdAtMs: -Number.MAX_VALUE, expiresAtMs: -Number.MAX_VALUE }],
  ['what no date can say', { purgeAtMs: 8.64e15 + 1000 }],
];

describeEachStorage((create) => {
  test.each(ODD)('%s', async (_what, fields) => {
    const storage = create();
    const entry = sample(fields);
    const found = async () => (await lookUp(storage, entry.key, entry.resource)).entries;
    const { fence } = await lookUp(storage, entry.key, entry.resource);
    expect(await storage.set(entry, fence)).toBe(true);
    expect(await found()).toEqual([expect.objectContaining(entry)]);
    const reading = await lookUp(storage, entry.key, entry.resource);
    const renewed = { ...withoutBody(entry), head: `${entry.head} renewed` };
    expect(await storage.touch(renewed, reading.fence)).toBe(true);
    expect(await found()).toEqual([expect.objectContaining(renewed)]);
    const [tag] = entry.tags.slice(-1);
    await storage.delete(tag === undefined ? { key: entry.key, resource: entry.resource } : { tag });
    expect(await found()).toEqual([]);
    expect(await storage.set(entry, reading.fence)).toBe(false);
    await storage.close();
  });
});
