/** All scenarios, in the order in which they are shown. */
import { hits, listeners, together } from './hits.js';
import { coldCallers, misses } from './misses.js';
import { renewals } from './renewals.js';
import type { Contestant, Group, Pace, Scenario } from './scenario.js';
import { growth, sqliteHits } from './stored-hits.js';
import { weight } from './weight.js';

export const groupsOf = (pace: Pace): readonly Group[] => [
  hits,
  listeners,
  together,
  misses,
  renewals,
  coldCallers,
  sqliteHits,
  growth(pace),
  weight(pace),
];

export const idOf = ({ candidate, entries }: Contestant): string =>
  entries === 0 ? candidate : `${candidate}@${entries}`;

/** Finds what a process was told to do. */
export function findTask(pace: Pace, scenarioName: string, contestantId: string): readonly [Scenario, Contestant] {
  const scenario = groupsOf(pace)
    .flatMap((group) => group.scenarios)
    .find(({ name }) => name === scenarioName);
  const contestant = scenario?.contestants.find((each) => idOf(each) === contestantId);
  if (scenario === undefined || contestant === undefined) throw new Error(`${scenarioName}, ${contestantId}: unknown`);
  return [scenario, contestant];
}
