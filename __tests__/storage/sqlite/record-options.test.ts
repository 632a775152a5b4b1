/** Compression, signatures and encryption of what SqliteStorage keeps. */
import { readFileSync, statSync } from 'node:fs';
import { sample, withoutBody } from '../../../lib/storage/contract/rule.js';
import type { SqliteStorageOptions } from '../../../lib/storage/sqlite/options.js';
import { DRIVERS, engineOf, found, newPath, openStorage, problemsOf } from '../../support/sqlite.js';
import { describeStorage } from '../contract/describe-storage.js';

const [FIRST, SECOND] = ['the first key of this test', 'the second key of this test'];
const ENTRY = sample({
  head: '{"secret":"of the head"}',
  body: new TextEncoder().encode('secret of the body '.repeat(9)),
});

describe.each(DRIVERS)('by %s', (driver) => {
  const { create, engine } = engineOf(driver, { encryptionKeys: [FIRST], compress: { from: 0 } });
  // What is too large for others is not, once it is compressed.
  const { reopenLimited: _reopenLimited, ...fitting } = engine;
  describeStorage('encrypted and compressed', create, fitting);

  const open = (path: string, options: SqliteStorageOptions) => openStorage({ path, driver, ...options });

  test('what is encrypted is not to be read in the file', async () => {
    const path = newPath();
    const storage = open(path, { encryptionKeys: [FIRST] });
    await storage.set(ENTRY);
    expect(await found(storage, 'key')).toEqual([ENTRY]);
    await storage.close();
    expect(readFileSync(path).includes('secret of the')).toBe(false);
  });

  test.each(['signingKeys', 'encryptionKeys'] as const)(
    '%s: what has another key or none is absent; a former key still reads, and a renewal writes by the new one',
    async (option) => {
      const path = newPath();
      await open(path, { [option]: [FIRST] }).set(ENTRY);
      for (const others of [{}, { [option]: [SECOND] }]) {
        const storage = open(path, others);
        expect(await found(storage, 'key')).toEqual([]);
        await storage.close();
      }
      await open(path, { [option]: [FIRST] }).set(ENTRY);
      const rotated = open(path, { [option]: [SECOND, FIRST] });
      expect(await found(rotated, 'key')).toEqual([ENTRY]);
      expect(await rotated.touch(withoutBody({ ...ENTRY, head: 'renewed' }))).toBe(true);
      expect(await found(rotated, 'key')).toEqual([{ ...ENTRY, head: 'renewed' }]);
    },
  );

  test('compressed bodies take less room, count less towards maxBytes, and are read without the option too', async () => {
    const body = new Uint8Array(400_000).fill(7);
    const path = newPath();
    const storage = open(path, { compress: true, maxBytes: 100_000 });
    const problems = problemsOf(storage);
    expect(await storage.set(sample({ body }))).toBe(true);
    await storage.close();
    expect(statSync(path).size).toBeLessThan(200_000);
    expect(await found(open(path, {}), 'key')).toEqual([sample({ body })]);
    expect(problems).toEqual([]);
  });
});
