/** What a run found, as `--json` writes it. */
import type { Run } from '../results.js';
import type { GroupResult } from './scenario.js';

export interface StorageRun extends Omit<Run, 'versions' | 'scenarios'> {
  /** How many processes wanted a processor at the end, over a minute. */
  readonly load: number;
  readonly groups: readonly GroupResult[];
}
