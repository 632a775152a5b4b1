/** The storage contract itself: correct storages keep every rule, and each rule finds the storages broken for it. */
import type { StorageEngine, StorageRule } from '../../../lib/storage/contract/rule.js';
import { STORAGE_RULES } from '../../../lib/storage/contract/rules.js';
import type { CacheStorage } from '../../../lib/api/storage.js';
import { type Mutant, MUTANTS } from './mutants.js';
import { REFERENCE_ENGINE, ReferenceStorage } from './reference-storage.js';
import { TOKEN_ENGINE, TokenStorage } from './token-storage.js';

const ruleOf = (title: string): StorageRule => named(STORAGE_RULES, (rule) => rule.title === title, title);
const mutantOf = (name: string): Mutant => named(MUTANTS, (mutant) => mutant.name === name, name);

function named<T>(list: readonly T[], matches: (each: T) => boolean, name: string): T {
  const found = list.find(matches);
  if (found === undefined) throw new Error(`nothing is called "${name}"`);
  return found;
}

async function breachBy({ breaks, create }: Pick<Mutant, 'breaks' | 'create'>): Promise<string> {
  const outcome: unknown = await ruleOf(breaks).check(create, TOKEN_ENGINE).catch((error: unknown) => error);
  return outcome instanceof Error ? outcome.message : `no breach: ${String(outcome)}`;
}

describe('the rules', () => {
  test('are numbered from 1, each with a title of its own', () => {
    expect(STORAGE_RULES.map(({ number }) => number)).toEqual(STORAGE_RULES.map((_rule, index) => index + 1));
    expect(new Set(STORAGE_RULES.map(({ title }) => title)).size).toBe(STORAGE_RULES.length);
  });

  test.each(STORAGE_RULES)('have a mutant: $title', ({ title }) => {
    expect(MUTANTS.map(({ breaks }) => breaks)).toContain(title);
  });

  test.each(STORAGE_RULES.filter(({ needs }) => needs !== undefined))('say what they need: $title', async (rule) => {
    await expect(rule.check(() => new ReferenceStorage())).rejects.toThrow(`needs an engine with ${rule.needs}()`);
  });

  test('say what was wrong, and where', async () => {
    const breach = await breachBy(mutantOf('the empty variant deletes all'));
    expect(breach).toMatch(/^storage rule \d+, "Delete by key and variant .*": delete of variant "": 2 instead of 1$/);
    expect(await breachBy(mutantOf('encrypts the body in place'))).toMatch(/: byte 0 of the body is 90 instead of 0$/);
  });

  test('show only where long listings differ', async () => {
    const message = await breachBy(mutantOf('lists the first 1000'));
    expect(message).toContain('with 1200 entries: the listing');
    expect(message.length).toBeLessThan(1000);
  });
});

describe('the rules close every storage that they opened, and', () => {
  const closed = new Map<ReferenceStorage, boolean>();
  const noted = (storage: ReferenceStorage): ReferenceStorage => {
    const close = storage.close.bind(storage);
    closed.set(storage, false);
    storage.close = () => {
      closed.set(storage, true);
      return close();
    };
    return storage;
  };
  const engine: StorageEngine = Object.fromEntries(
    Object.entries(TOKEN_ENGINE).map(([name, open]) => [
      name,
      (storage: CacheStorage) => noted(open(storage) as ReferenceStorage),
    ]),
  );

  const ofAll = STORAGE_RULES.filter(({ needs }) => needs === undefined || needs in REFERENCE_ENGINE);
  describe.each<[string, readonly StorageRule[], typeof ReferenceStorage]>([
    ['a storage that counts', ofAll, ReferenceStorage],
    ['a storage with tokens', STORAGE_RULES, TokenStorage],
  ])('%s', (_name, rules, Reference) => {
    test.each(rules)('keeps: $title', async (rule) => {
      closed.clear();
      await rule.check(() => noted(new Reference()), engine);
      const opened = rule.needs === undefined ? 1 : Math.max(2, closed.size);
      expect([...closed.values()]).toEqual(Array.from({ length: opened }, () => true));
    });
  });

  test.each(MUTANTS)('find: $name', async ({ breaks, create }) => {
    closed.clear();
    await expect(ruleOf(breaks).check(() => noted(create()), engine)).rejects.toThrow(`"${breaks}": `);
    expect(closed.size).toBeGreaterThan(0);
    expect([...closed.values()]).not.toContain(false);
  });
});
