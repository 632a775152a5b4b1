/** Cache groups (RFC 9875): which a response belongs to, and which an answer invalidates. */
import { isSuccessfulChange } from './decide-invalidation.js';
import { fieldValue } from './fields.js';
import type { HeaderFields, RequestHead, ResponseHead } from './model.js';
import { parseList } from './structured-fields.js';

/** Section 2 asks for 32 at least; each costs the storage an index entry or a delete, so that some bound there must be. */
const MAX_GROUPS = 128;

/** The groups that a response says it belongs to (section 2). */
export const groupsOf = (headers: HeaderFields): readonly string[] => namesIn(headers, 'cache-groups');

/** The groups to invalidate after a request that has changed something (section 3); none after a safe or failed one. */
export function decideGroupInvalidation(request: RequestHead, response: ResponseHead): readonly string[] {
  if (!isSuccessfulChange(request, response)) return [];
  return namesIn(response.headers, 'cache-group-invalidation');
}

/** Each string of a list once, parameters ignored; none of a list that does not parse or holds anything else. */
function namesIn(headers: HeaderFields, name: string): readonly string[] {
  const field = fieldValue(headers, name);
  const members = field === undefined ? undefined : parseList(field);
  const names = new Set<string>();
  for (const member of members ?? []) {
    if (member.kind !== 'string') return [];
    names.add(member.text);
  }
  return [...names].slice(0, MAX_GROUPS);
}
