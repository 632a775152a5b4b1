/** Broken storages, each broken as a real one has been or could be. */
import { ENGINE_MUTANTS } from './mutants/engine.js';
import { FENCE_MUTANTS } from './mutants/fences.js';
import { LIVING_MUTANTS } from './mutants/living.js';
import { PERSISTENT_MUTANTS } from './mutants/persistent.js';
import { REMOVING_MUTANTS } from './mutants/removing.js';
import { REVISION_MUTANTS } from './mutants/revisions.js';
import { STORING_MUTANTS } from './mutants/storing.js';
import { TOKEN_MUTANTS } from './mutants/tokens.js';
import type { ReferenceStorage } from './reference-storage.js';

export interface Mutant {
  readonly name: string;
  /** The title of the rule that must find it. */
  readonly breaks: string;
  readonly create: () => ReferenceStorage;
}

const GROUPS = [
  STORING_MUTANTS,
  REMOVING_MUTANTS,
  LIVING_MUTANTS,
  ENGINE_MUTANTS,
  FENCE_MUTANTS,
  PERSISTENT_MUTANTS,
  REVISION_MUTANTS,
  TOKEN_MUTANTS,
];

export const MUTANTS: readonly Mutant[] = GROUPS
  .flatMap((group) => Object.entries(group))
  .flatMap(([breaks, mutants]) =>
    Object.entries(mutants).map(([name, Broken]) => ({ name, breaks, create: () => new Broken() })),
  );
