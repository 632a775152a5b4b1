/** The storage contract as jest tests: one a rule. */
import type { CreateStorage, StorageEngine } from '../../../lib/storage/contract/rule.js';
import { STORAGE_RULES } from '../../../lib/storage/contract/rules.js';

/** Rules that need what `engine` does not offer are left out. */
export function describeStorage(name: string, create: CreateStorage, engine: StorageEngine = {}): void {
  const applicable = STORAGE_RULES.filter(({ needs }) => needs === undefined || engine[needs] !== undefined);
  describe(`storage contract: ${name}`, () => {
    test.each(applicable)('rule $number, $title', async (rule) => {
      await rule.check(create, engine);
    });
  });
}
