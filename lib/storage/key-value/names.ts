/**
 * The keys under which KeyValueStorage keeps its records. All begin with the namespace and a letter:
 *
 * | key                       | what                                                                           |
 * | ------------------------- | ------------------------------------------------------------------------------ |
 * | `<ns>:e:<resource>:<key>` | the entry: all variants of one key                                             |
 * | `<ns>:k:<key>`            | the token of a key                                                             |
 * | `<ns>:r:<resource>`       | the token of a resource                                                        |
 * | `<ns>:t:<tag>`            | the token of a tag                                                             |
 * | `<ns>:c:<letter>`         | a clock: changes with each key and resource of this letter that is invalidated |
 * | `<ns>:s:namespace`        | the token of the namespace, which `clear` changes                              |
 * | `<ns>:s:underway`         | a clock: changes where nothing that is under way may be stored                 |
 * | `<ns>:s:all`              | a clock: changes with each invalidation                                        |
 * | `<ns>:m:<name>`           | a meta value                                                                   |
 *
 * Texts stand in them as digests, so that they may be of any length and language and a key shows nothing.
 */
import { hashAddress } from '../../support/digest.js';

export type Names = ReturnType<typeof namesIn>;

export function namesIn(namespace: string) {
  const prefix = `${escaped(namespace)}:`;
  const named = (kind: string) => (text: string): string => `${prefix}${kind}:${hashAddress(text)}`;
  return {
    /** How all of them begin. */
    prefix,
    entries: `${prefix}e:`,
    entriesOf: (resource: string): string => `${prefix}e:${hashAddress(resource)}:`,
    entry: (key: string, resource: string): string => `${prefix}e:${hashAddress(resource)}:${hashAddress(key)}`,
    key: named('k'),
    resource: named('r'),
    tag: named('t'),
    /** There are 64: as many as a digest has first letters. */
    clock: (text: string): string => `${prefix}c:${hashAddress(text).slice(0, 1)}`,
    namespace: `${prefix}s:namespace`,
    underWay: `${prefix}s:underway`,
    all: `${prefix}s:all`,
    meta: named('m'),
    /** The names of the tokens of the key and the resource that the name of an entry tells. */
    tokensOf(entry: string): readonly [key: string, resource: string] {
      const [resource = '', key = ''] = entry.slice(`${prefix}e:`.length).split(':');
      return [`${prefix}k:${key}`, `${prefix}r:${resource}`];
    },
    isOfTag: (name: string): boolean => name.startsWith(`${prefix}t:`),
    /** True for the token of a key, a resource or a tag. */
    isToken: (name: string): boolean => /^[krt]:/.test(name.slice(prefix.length)),
  };
}

/** Any text without what ends a namespace, and without what some stores give a meaning (`/`, `?`, `*`, `.`, spaces). */
const escaped = (namespace: string): string =>
  /^[A-Za-z0-9_-]+$/.test(namespace) ? namespace : `%${hashAddress(namespace)}`;
