/** Rules about writing and reading entries: rules 1 to 4 of the port. */
import type { StoredEntry } from '../../api/storage.js';
import {
  expectEach,
  expectEqual,
  expectGone,
  expectListed,
  expectSame,
  expectStored,
  expectTrue,
  FUTURE_MS,
  list,
  lookUp,
  ofKey,
  PAST_MS,
  type RuleRow,
  sample,
  setAll,
  withoutBody,
} from './rule.js';

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);
const LARGE_BYTES = 300_000;
const HUGE_BYTES = 10 * 1024 * 1024;

/** Texts that an engine may take for one another, or for a pattern. */
const SIMILAR_TEXTS = [
  'a', 'A', ' a', 'a ', 'a:', 'a:b', 'a:b:', 'a/b', 'a*', 'a?', 'a%', 'a_', 'a.b', 'a,b', 'ab', '[a]', "a'", 'a"',
  'a\\', 'a\u0000', '\u00e5', 'a\u030a', '1', '01', '__proto__', 'constructor',
];

/** As a Buffer of Node is: what `slice` gives is a view of the same bytes, which are those of others too. */
class Pooled extends Uint8Array<ArrayBuffer> {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end);
  }
}

export const STORING_RULES: readonly RuleRow[] = [
  ['An absent key reads as an empty list', async (storage) => {
    await expectStored(storage, 'absent', [], 'in an empty storage');
    await storage.set(sample());
    await expectStored(storage, 'absent', [], 'beside another key');
  }],
  ['Absence rejects in no method', async (storage) => {
    expectEqual(await storage.delete(ofKey('absent')), 0, 'delete by key');
    expectEqual(await storage.delete({ ...ofKey('absent'), variant: 'absent' }), 0, 'delete by variant');
    expectEqual(await storage.delete({ resource: 'absent' }), 0, 'delete by resource');
    expectEqual(await storage.delete({ tag: 'absent' }), 0, 'delete by tag');
    expectEqual(await storage.deleteExpired(FUTURE_MS), 0, 'deleteExpired');
    expectEqual(await list(storage), [], 'the listing');
    await storage.clear();
  }],
  ['What was set is read back, field by field', async (storage) => {
    const tags = ['b', 'a', ...Array.from({ length: 100 }, (_, index) => `tag ${index}`)];
    const entry = sample({ variant: 'v', tags, purgeAtMs: FUTURE_MS + 1, head: '{"a":[1]}' });
    await storage.set(entry);
    await expectStored(storage, entry.key, [entry], 'after set');
  }],
  ['The time "never" is read back as Infinity', async (storage) => {
    const entry = sample({ expiresAtMs: Infinity, purgeAtMs: Infinity });
    await storage.set(entry);
    await expectStored(storage, entry.key, [entry], 'after set');
    await expectListed(storage, [entry], 'after set');
  }],
  ['Variants of one key stand side by side', async (storage) => {
    const variants = ['', 'en', 'de'].map((variant) => sample({ variant, head: `"${variant}"` }));
    await setAll(storage, variants);
    await expectStored(storage, 'key', variants, 'after three sets');
  }],
  ['Keys and variants are compared whole and exactly', async (storage) => {
    const ofKeys = SIMILAR_TEXTS.map((key, index) => sample({ key, head: `${index}` }));
    await setAll(storage, ofKeys);
    await expectEach(storage, ofKeys, 'with similar keys');
    const ofVariants = SIMILAR_TEXTS.map((variant, index) => sample({ key: 'variants', variant, head: `${index}` }));
    await setAll(storage, ofVariants);
    await expectStored(storage, 'variants', ofVariants, 'with similar variants');
    const shifted = [sample({ key: 'x', variant: 'y:z' }), sample({ key: 'x:y', variant: 'z' })];
    await setAll(storage, shifted);
    await expectEach(storage, shifted, 'where key and variant run together to the same text');
  }],
  ['Set replaces the entry of the same key and variant whole, and no other', async (storage) => {
    const other = sample({ variant: 'other' });
    await setAll(storage, [sample({ tags: ['old'], body: new Uint8Array(1000).fill(7) }), other]);
    const replacement = sample({ tags: [], head: '{}', createdAtMs: FUTURE_MS, body: Uint8Array.of(9) });
    await storage.set(replacement);
    await expectStored(storage, 'key', [replacement, other], 'after the second set');
    await expectListed(storage, [replacement, other], 'after the second set');
  }],
  ['Every byte value is kept', async (storage) => {
    // A view: its buffer holds more than the body.
    const entry = sample({ body: Uint8Array.of(1, ...ALL_BYTES, 2).subarray(1, 257) });
    await storage.set(entry);
    await expectStored(storage, entry.key, [entry], 'a body of all 256 byte values');
    const pooled = sample({ body: new Pooled(new ArrayBuffer(300)).fill(7).subarray(100, 102) });
    await storage.set(pooled);
    await expectStored(storage, pooled.key, [pooled], 'a body with a slice of its own');
  }],
  ['An empty body is kept', async (storage) => {
    const entry = sample({ body: new Uint8Array(0) });
    await storage.set(entry);
    await expectStored(storage, entry.key, [entry], 'an empty body');
    await setAll(storage, [sample(), entry]);
    await expectStored(storage, entry.key, [entry], 'an empty body in place of another');
  }],
  ['A body of 300 kB is kept, one of 10 MB whole or not at all', async (storage) => {
    const large = sample({ body: patterned(LARGE_BYTES) });
    await storage.set(large);
    await expectStored(storage, large.key, [large], 'a body of 300 kB');
    const huge = sample({ key: 'huge', body: patterned(HUGE_BYTES) });
    await storage.set(huge);
    for (const stored of (await lookUp(storage, huge.key)).entries) expectSame(stored, huge, 'a body of 10 MB');
  }],
  ['Text of any language and keys of 8 kB are kept', async (storage) => {
    const text = '{"é":"日本語","🐛":"\\u0000\\n","rtl":"שלום"}';
    const [key, resource] = ['k'.repeat(8192), 'r'.repeat(8192)];
    const long = sample({ key, resource, variant: 'ü', tags: ['täg', '🏷'], head: text });
    const alike = sample({ ...long, key: `${key}k`, tags: [] });
    await setAll(storage, [long, alike]);
    await expectEach(storage, [long, alike], 'with keys of 8 kB');
    expectEqual(await storage.delete({ tag: '🏷' }), 1, 'delete by a tag that is no ASCII');
  }],
  ['What set was given is written into by nobody: neither its fields, nor its tags, nor its body', async (storage) => {
    const entry = () => sample({ tags: ['b', 'a'], body: Uint8Array.from(ALL_BYTES) });
    const [replaced, deleted] = [entry(), entry()];
    await storage.set(replaced);
    expectSame(replaced, entry(), 'after set');
    await storage.touch(withoutBody(sample({ head: 'touched', tags: ['c'] })));
    await storage.set(deleted);
    expectSame(replaced, entry(), 'after touch and another set');
    await storage.delete(ofKey());
    expectSame(deleted, entry(), 'after delete');
  }],
  ['What is done to the entries that get gave changes nothing stored', async (storage) => {
    await storage.set(sample({ tags: ['tag'] }));
    const returned = (await lookUp(storage)).entries;
    const sharesBytes = storage.inProcess === true;
    for (const entry of returned) spoil(entry, sharesBytes || entry.keepDerived !== undefined);
    attempt(() => (returned as StoredEntry[]).pop());
    await expectStored(storage, 'key', [sample({ tags: ['tag'] })], 'after a change of what was returned');
  }],
  ['What get gave stays as it is when the entry is overwritten, touched or deleted', async (storage) => {
    await storage.set(sample({ tags: ['tag'] }));
    const [first] = (await lookUp(storage)).entries;
    await storage.touch(withoutBody(sample({ head: 'touched', tags: [] })));
    await storage.set(sample({ head: 'overwritten', body: Uint8Array.of(8, 8, 8) }));
    await storage.delete(ofKey());
    expectTrue(first !== undefined, 'get gave nothing');
    expectSame(first, sample({ tags: ['tag'] }), 'the entry that was read first');
  }],
  ['Touch replaces head, tags and times of one variant, and neither its body nor another variant', async (storage) => {
    const other = sample({ variant: 'other' });
    await setAll(storage, [sample({ tags: ['old'], body: ALL_BYTES }), other]);
    const renewed = sample({
      tags: ['new'], head: '{"status":203}', createdAtMs: 1, expiresAtMs: 2, purgeAtMs: FUTURE_MS, body: ALL_BYTES,
    });
    expectEqual(await storage.touch(withoutBody(renewed)), true, 'touch of a stored entry');
    await expectStored(storage, 'key', [renewed, other], 'after touch');
    await expectListed(storage, [renewed, other], 'after touch');
  }],
  ['Touch of what is gone is false, and brings nothing back', async (storage) => {
    const entry = sample();
    expectEqual(await storage.touch(withoutBody(entry)), false, 'touch of an absent key');
    await storage.set(sample({ variant: 'other' }));
    expectEqual(await storage.touch(withoutBody(entry)), false, 'touch of an absent variant');
    await storage.delete(ofKey(entry.key));
    expectEqual(await storage.touch(withoutBody(entry)), false, 'touch of a deleted key');
    await expectGone(storage, [entry], 'after touch');
    await expectListed(storage, [], 'after touch');
  }],
  ['Touch of a revision that has been replaced meanwhile is false, and changes nothing', async (storage) => {
    const [former, newer] = [sample(), sample({ head: 'newer', body: ALL_BYTES })];
    await setAll(storage, [former, newer]);
    const renewed = withoutBody(sample({ head: 'renewed', tags: ['renewed'] }));
    expectEqual(await storage.touch(renewed), false, 'touch of a replaced revision');
    await expectStored(storage, former.key, [newer], 'after touch');
    const ofNewer = { ...renewed, revision: newer.revision };
    expectEqual(await storage.touch(ofNewer), true, 'touch of the stored revision');
    await expectStored(storage, former.key, [{ ...newer, ...ofNewer }], 'after touch of the stored revision');
  }],
  ['An entry past its purge time is no error', async (storage) => {
    const entry = sample({ purgeAtMs: PAST_MS });
    await storage.set(entry);
    for (const stored of (await lookUp(storage)).entries) expectSame(stored, entry, 'an entry past its purge time');
    await storage.deleteExpired(PAST_MS);
    await expectGone(storage, [entry], 'after deleteExpired');
  }],
];

function patterned(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) bytes[index] = index % 251;
  return bytes;
}

/** Changes all that can be changed; frozen objects may refuse. */
function spoil(entry: StoredEntry, sharesBytes: boolean): void {
  if (!sharesBytes) entry.body.fill(0);
  attempt(() => (entry.tags as string[]).push('later'));
  attempt(() => Object.assign(entry, { head: 'changed', body: new Uint8Array(0), purgeAtMs: PAST_MS }));
}

function attempt(change: () => unknown): void {
  try {
    change();
  } catch {
    // Refused is as good as without effect.
  }
}
