/** This file parses lists and dictionaries of structured fields (RFC 9651), strictly or not at all. */

/**
 * This is a member of a list or dictionary, less its parameters: a string, a boolean, or an inner list as an array. No
 * field here takes one of the other types, which are all `null`.
 */
export type StructuredValue = string | boolean | null | readonly StructuredValue[];

/** Each row is the pattern of one type. The grammar is regular (RFC 9651 section 4.2), so patterns are all it takes. */
const BARE_ITEM = [
  String.raw`"(?:[ !#-[\]-~]|\\["\\])*"`,
  String.raw`\?[01]`,
  String.raw`-?(?:\d{1,12}\.\d{1,3}|\d{1,15})`,
  "[A-Za-z*][!#$%&'*+\\-.^_`|~\\w:/]*",
  String.raw`:[A-Za-z\d+/=]*:`,
  String.raw`@-?\d{1,15}`,
  String.raw`%"(?:[ !#$&-~]|%[\da-f]{2})*"`,
].join('|');
const KEY = String.raw`[a-z*][a-z\d_\-.*]*`;
const PARAMETERS = `(?:; *${KEY}(?:=(?:${BARE_ITEM}))?)*`;
const ITEM = `(?:${BARE_ITEM})${PARAMETERS}`;
const MEMBER = String.raw`(?:\( *(?:${ITEM}(?: +${ITEM})*)? *\)${PARAMETERS}|${ITEM})`;
const ENTRY = `${KEY}(?:=${MEMBER}|${PARAMETERS})`;

const commaSeparated = (member: string): RegExp =>
  new RegExp(String.raw`^ *(?:${member}(?:[ \t]*,[ \t]*${member})*[ \t]*)?$`);
const LIST = commaSeparated(MEMBER);
const DICTIONARY = commaSeparated(ENTRY);

const EACH_MEMBER = new RegExp(MEMBER, 'g');
const EACH_ENTRY = new RegExp(ENTRY, 'g');
const EACH_ITEM = new RegExp(ITEM, 'g');
/** Strings are matched too, as what looks like a display string may stand in one. */
const EACH_DISPLAY_STRING = /"(?:[^"\\]|\\.)*"|%"([^"]*)"/g;

/** Gives the members of a list (section 4.2.1). Where it does not parse, the whole field counts as absent. */
export const parseList = (field: string): readonly StructuredValue[] | undefined =>
  isWhole(field, LIST) ? valuesIn(field, EACH_MEMBER) : undefined;

/** Gives the members of a dictionary, the last of each key (section 4.2.2). The same holds where it does not parse. */
export function parseDictionary(field: string): ReadonlyMap<string, StructuredValue> | undefined {
  if (!isWhole(field, DICTIONARY)) return undefined;
  const members = new Map<string, StructuredValue>();
  for (const entry of field.match(EACH_ENTRY) ?? []) {
    const [key = ''] = entry.split(/[=;]/, 1);
    members.set(key, entry[key.length] === '=' ? valueOf(entry.slice(key.length + 1)) : true);
  }
  return members;
}

/** True where the whole field fits, and each display string in it is UTF-8. */
function isWhole(field: string, pattern: RegExp): boolean {
  if (!pattern.test(field)) return false;
  if (!field.includes('%"')) return true;
  try {
    for (const [, encoded = ''] of field.matchAll(EACH_DISPLAY_STRING)) decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

const valuesIn = (text: string, each: RegExp): readonly StructuredValue[] => (text.match(each) ?? []).map(valueOf);

function valueOf(member: string): StructuredValue {
  if (member.startsWith('(')) return valuesIn(member.slice(1, member.lastIndexOf(')')), EACH_ITEM);
  if (member.startsWith('?')) return member[1] === '1';
  const [, text] = /^"((?:[^"\\]|\\.)*)"/.exec(member) ?? [];
  return text?.replaceAll(/\\(.)/g, '$1') ?? null;
}
