/** The result of one scenario as text for a terminal. */
import { formatTable } from '../../demo/table.js';
import type { ScenarioResult } from '../results.js';
import { notesOf, tableOf } from './rows.js';

export function textOf(scenario: ScenarioResult): string {
  const { head, rows } = tableOf(scenario);
  return [`${scenario.name}: ${scenario.title}\n`, formatTable(head, rows), ...notesOf(scenario)].join('\n');
}
