/** The result of one scenario as text for a terminal. */
import { formatTable } from '../../demo/table.js';
import type { Places } from '../profile.js';
import type { ScenarioResult } from '../results.js';
import type { Scenario } from '../scenarios/scenario.js';
import { notesOf, tableOf } from './rows.js';

export function textOf(scenario: ScenarioResult): string {
  const { head, rows } = tableOf(scenario);
  return [`${scenario.name}: ${scenario.title}\n`, formatTable(head, rows), ...notesOf(scenario)].join('\n');
}

/** Where the time of a request goes; the places that take most of the last contestant's time come first. */
export function profileText({ name, title }: Scenario, found: ReadonlyMap<string, Places>): string {
  const all = [...found.values()];
  const last = all.at(-1) ?? {};
  const totals = all.map((places) => Object.values(places).reduce((sum, each) => sum + each, 0));
  const names = [...new Set(all.flatMap(Object.keys))].sort((one, two) => (last[two] ?? 0) - (last[one] ?? 0));
  const rows = names.map((place) => [place, ...all.map((places) => (places[place] ?? 0).toFixed(1))]);
  const head = ['microseconds a request', ...found.keys()];
  return [`${name}: ${title}\n`, formatTable(head, [...rows, ['all', ...totals.map((sum) => sum.toFixed(1))]])].join('\n');
}
