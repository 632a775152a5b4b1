/** Whether what was measured is what was aimed at. */
import { formatNumber, formatSpread } from '../report/numbers.js';
import type { Quartiles } from '../statistics.js';
import { type Aim, type GroupResult, OURS } from './scenario.js';

export interface JudgedAim {
  readonly scenario: string;
  readonly title: string;
  readonly contestant: string;
  /** What it is a multiple of. */
  readonly base: string;
  readonly aim: Aim;
  readonly found: Quartiles;
  /** The median decides. */
  readonly isMet: boolean;
}

export const aimsIn = ({ scenarios }: GroupResult): readonly JudgedAim[] =>
  scenarios.flatMap(({ name: scenario, title, aim, contestants }) => {
    const ours = contestants.find(({ id }) => id === OURS);
    if (aim === undefined || ours?.outcome.kind !== 'measured') return [];
    const { ratio, clock } = ours.outcome;
    const found = aim.by === 'clock' ? clock?.ratio : ratio;
    if (found === undefined) return [];
    const base = contestants[0]?.title ?? '';
    const isMet = Number(found.median.toFixed(2)) <= aim.atMost;
    return [{ scenario, title, contestant: ours.title, base, aim, found, isMet }];
  });

export const sentenceOf = ({ scenario, base, contestant, aim: { atMost, by }, found, isMet }: JudgedAim): string =>
  `${isMet ? 'MET    ' : 'NOT MET'} ${scenario}: ${contestant} takes ${formatNumber(found.median)} times ${base} ` +
  `(${formatSpread(found)}), by the ${by}; the aim is ${formatNumber(atMost)}`;
