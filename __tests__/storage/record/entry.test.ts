/** Entries as bytes, for authors of storages. */
import { bodyOf, KEY, LAYERS, OTHER_KEY } from './samples.js';
import { decodeEntry, encodeEntry, type StoredEntry } from '../../../lib/storage.js';

const BODY = new TextEncoder().encode('{"id":1,"name":"Ann"},'.repeat(1000));

const recordError = (message: string): Error =>
  expect.objectContaining({ code: 'ERR_CACHE_RECORD', message: expect.stringContaining(message) as string }) as Error;

test.each(LAYERS)('an entry is read back with %s', async (_layers, options) => {
  for (const body of [new Uint8Array(0), BODY]) {
    const entry = bodyOf(body, { tags: ['a', 'b'], variant: 'en' });
    const record = await encodeEntry(entry, options);
    expect(await decodeEntry(record, options)).toEqual(entry);
    expect(await decodeEntry(Buffer.from(record), options)).toEqual(entry);
  }
});

test('an entry that is cut short or changed at any place is an error', async () => {
  const record = await encodeEntry(bodyOf(Uint8Array.of(1, 2, 3)));
  for (let at = 0; at < record.byteLength; at += 1) {
    await expect(decodeEntry(record.subarray(0, at))).rejects.toEqual(recordError('damaged'));
    const changed = record.map((byte, index) => (index === at ? byte ^ 1 : byte));
    await expect(decodeEntry(changed)).rejects.toEqual(recordError('a record'));
  }
});

test.each([
  [0, 'it ends within its fields'],
  [3, 'it ends within its fields'],
  [20, 'it ends within its fields'],
])('an entry of which only %i bytes are there: %s', async (bytes, problem) => {
  const record = await encodeEntry(bodyOf(BODY));
  await expect(decodeEntry(record.subarray(0, bytes))).rejects.toEqual(recordError(problem));
});

test('an entry that has fields and no body, or neither', async () => {
  const record = await encodeEntry(bodyOf(BODY));
  const fieldsEnd = 4 + new DataView(record.buffer).getUint32(0);
  for (const cut of [record.subarray(0, fieldsEnd), new Uint8Array(4)]) {
    await expect(decodeEntry(cut)).rejects.toEqual(recordError('it is shorter than a head'));
  }
});

test('what was written with other options is an error that says so', async () => {
  const record = await encodeEntry(bodyOf(BODY), { signingKeys: [KEY] });
  await expect(decodeEntry(record)).rejects.toEqual(recordError('with these options'));
  await expect(decodeEntry(record, { signingKeys: [OTHER_KEY] })).rejects.toEqual(recordError('signature'));
});

test('what is no entry, and what is no option, is an error', async () => {
  const entry = { ...bodyOf(BODY), head: 5 } as unknown as StoredEntry;
  await expect(encodeEntry(entry)).rejects.toEqual(recordError('head'));
  await expect(encodeEntry(bodyOf(BODY), { compres: true } as object)).rejects.toMatchObject({
    code: 'ERR_CACHE_OPTION',
    option: 'compres',
  });
  const takes = 'takes an object with namespace, compress, signingKeys, encryptionKeys. Got 5.';
  const five = 5 as unknown as object;
  await expect(encodeEntry(bodyOf(BODY), five)).rejects.toThrow(`encodeEntry ${takes}`);
  await expect(decodeEntry(BODY, five)).rejects.toThrow(`decodeEntry ${takes}`);
});
