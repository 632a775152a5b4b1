/** The storage contract as data: every rule, numbered, checked on storages that the caller creates. */
import type { CacheStorage } from '../../api/storage.js';
import { ENGINE_RULES } from './engine.js';
import { FENCE_RULES } from './fences.js';
import { CLOSING_RULES, CONCURRENCY_RULES, LISTING_RULES, META_RULES } from './living.js';
import { PERSISTENT_RULES } from './persistent.js';
import { REMOVING_RULES } from './removing.js';
import { REVISION_RULES } from './revisions.js';
import { type EngineRuleRow, expectTrue, type RuleRow, type StorageRule } from './rule.js';
import { STORING_RULES } from './storing.js';
import { TOKEN_RULES } from './tokens.js';

type UnnumberedRule = Omit<StorageRule, 'number'>;

const ofOneStorage = ([title, check]: RuleRow): UnnumberedRule => ({
  title,
  needs: undefined,
  async check(create) {
    const storage = await create();
    await closingAfterwards([storage], () => check(storage));
  },
});

const ofTwoStorages = ([title, needs, check]: EngineRuleRow): UnnumberedRule => ({
  title,
  needs,
  async check(create, engine) {
    const open = engine?.[needs];
    expectTrue(open !== undefined, `the rule "${title}" needs an engine with ${needs}()`);
    const storages = [await create()] as [CacheStorage, ...CacheStorage[]];
    const openSecond = async (): Promise<CacheStorage> => {
      const second = await open(storages[0]);
      storages.push(second);
      return second;
    };
    await closingAfterwards(storages, () => check(storages[0], openSecond));
  },
});

/** A storage that does not close says so by the rules about closing; here it must not hide what `check` found. */
async function closingAfterwards(storages: readonly CacheStorage[], check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } finally {
    await Promise.allSettled(storages.map(async (storage) => storage.close()));
  }
}

const numbered = ({ title, needs, check }: UnnumberedRule, number: number): StorageRule => ({
  number,
  title,
  needs,
  async check(create, engine) {
    try {
      await check(create, engine);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`storage rule ${number}, "${title}": ${message}`, { cause });
    }
  },
});

/**
 * What every storage must do. Run each on its own: `await rule.check(() => new YourStorage())` rejects with what was
 * wrong. Rules with `needs` are for storages whose engine can do that; pass it as the second argument.
 */
export const STORAGE_RULES: readonly StorageRule[] = [
  ...STORING_RULES.map(ofOneStorage),
  ...REMOVING_RULES.map(ofOneStorage),
  ...LISTING_RULES.map(ofOneStorage),
  ...META_RULES.map(ofOneStorage),
  ...CONCURRENCY_RULES.map(ofOneStorage),
  ...CLOSING_RULES.map(ofOneStorage),
  ...ENGINE_RULES.map(ofTwoStorages),
  ...FENCE_RULES.map(ofTwoStorages),
  ...PERSISTENT_RULES.map(ofTwoStorages),
  ...REVISION_RULES.map(ofTwoStorages),
  ...TOKEN_RULES.map(ofTwoStorages),
].map((rule, index) => numbered(rule, index + 1));
