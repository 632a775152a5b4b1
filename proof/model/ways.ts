/** By which URLs a request may have come to a resource. */
import { sourceIn } from '../world/redirects.js';
import { rulesOfSource } from '../world/resources.js';
import { mayLead } from './allowance.js';
import type { Asked, Played } from './played.js';
import { allowanceOf } from './settings.js';

/** Whether what was told of the source that was asked for, and of each on the way, leads to the resource. */
export function leadsTo(asked: Asked, resource: number, played: Played): boolean {
  const { via } = asked.step;
  if (via < 0) return resource === asked.step.resource;
  // A shared cache keeps the redirects that are nobody's in particular, for everybody.
  const { isShared } = allowanceOf(played.schedule);
  const anybody = isShared ? { ...asked, step: { ...asked.step, user: '' as const } } : asked;
  return isLed(anybody, via, resource, played, new Set());
}

function isLed(asked: Asked, source: number, resource: number, played: Played, passed: ReadonlySet<number>): boolean {
  const given = played.schedule.sources[source];
  if (given === undefined || passed.has(source)) return false;
  const rules = rulesOfSource(given);
  const leads = played.leads.filter((lead) => lead.source === source && mayLead(asked, lead, rules, played));
  return leads.some(({ to }) => {
    const next = sourceIn(to);
    if (next === undefined) return to === `/r${resource}`;
    return isLed(asked, next, resource, played, new Set([...passed, source]));
  });
}
