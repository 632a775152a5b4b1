/** The process of one group, so that no group runs in code that another one has warmed up. */
import { Absent } from '../candidates/candidate.js';
import type { Pace } from '../scenarios/scenario.js';
import { GROUPS } from './groups.js';
import { measure } from './measure.js';
import type { GroupResult, StorageResult } from './scenario.js';

/** What it is started for; it is its only argument, as JSON. */
export interface Task {
  readonly group: string;
  readonly pace: Pace;
  /** Only scenarios whose names begin with one of these words; all where there is none. */
  readonly scenarios: readonly string[];
}

/** What it says at its end. */
export type Report =
  | ({ readonly kind: 'measured' } & GroupResult)
  | { readonly kind: 'absent' | 'failed'; readonly reason: string };

async function run({ group: name, pace, scenarios: wanted }: Task): Promise<Report> {
  const group = GROUPS.find((each) => each.name === name);
  if (group === undefined) throw new Error(`there is no group "${name}"`);
  const { engine, scenarios, close } = await group.open();
  try {
    const results: StorageResult[] = [];
    for (const scenario of scenarios) {
      const isWanted = wanted.length === 0 || wanted.some((word) => scenario.name.startsWith(word));
      if (isWanted) results.push(await measure(scenario, pace));
    }
    return { kind: 'measured', group: name, engine, scenarios: results };
  } finally {
    await close();
  }
}

function excuse(error: unknown): Report {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof Absent ? 'absent' : 'failed', reason };
}

// While it is connected, it stays for what it waits for, and no longer.
process.on('disconnect', () => process.exit());
const report = await run(JSON.parse(process.argv[2] ?? '{}') as Task).catch(excuse);
process.send?.(report, undefined, undefined, () => process.disconnect());
