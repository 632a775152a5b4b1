/** This file has the part of a key that stands for header fields: those that `includeHeaders` names. */
import type { RequestPolicy } from '../../options/policy.js';
import { comparableValue } from '../../rfc9111/vary.js';
import type { HeaderFields } from '../../rfc9111/model.js';
import type { Digest } from '../../support/digest.js';

/** axios sends this Accept where nobody gives another one. */
const USUAL_ACCEPT = 'application/json, text/plain, */*';
const COMPARABLE_ACCEPT = 'application/json,text/plain,*/*';

/**
 * Returns a line for each field, with a break before it, in their order: a JSON list of the name and a digest of its
 * value, or of each of its values; `null` where the field is absent. Most requests have none.
 */
export function includedLines(
  fields: HeaderFields,
  { includeHeaders, ignoredParams }: Pick<RequestPolicy, 'includeHeaders' | 'ignoredParams'>,
  digest: Digest,
): string {
  const lines: string[] = [];
  for (const name of includeHeaders === true ? Object.keys(fields) : includeHeaders) {
    if (isUsual(fields, name) || (ignoredParams.size > 0 && isIgnored(name, ignoredParams))) continue;
    lines.push(`\n${JSON.stringify([name, digestsOf(fields, name, digest)])}`);
  }
  return lines.length > 1 ? lines.sort().join('') : (lines[0] ?? '');
}

/** What is as axios has it by itself makes no difference to the key. */
function isUsual(fields: HeaderFields, name: string): boolean {
  const value = fields[name];
  if (name !== 'accept') return value === undefined;
  return value === USUAL_ACCEPT || comparableValue(name, fields) === COMPARABLE_ACCEPT;
}

/** These have spellings that mean the same, and are told apart by what they mean. Others count to the letter. */
const COMPARED: ReadonlySet<string> = new Set(['accept', 'accept-language', 'accept-encoding']);

function digestsOf(fields: HeaderFields, name: string, digest: Digest): string | readonly string[] | null {
  const value = COMPARED.has(name) ? comparableValue(name, fields) : (fields[name] ?? null);
  if (value === null) return null;
  return typeof value === 'string' ? digest.text(value) : value.map((each) => digest.text(each));
}

/** The lower-case forms of a set of names, by that set, which is the same for all requests of a policy. */
const lowered = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

function isIgnored(name: string, ignored: ReadonlySet<string>): boolean {
  const known = lowered.get(ignored) ?? new Set([...ignored].map((each) => each.toLowerCase()));
  lowered.set(ignored, known);
  return known.has(name);
}
