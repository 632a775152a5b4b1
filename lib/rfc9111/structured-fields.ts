/** This file parses lists and dictionaries of structured fields (RFC 9651), strictly or not at all. */

/** This is a member of a list or dictionary, less its parameters. No field here takes one of type `other`. */
export type StructuredValue =
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'inner-list'; readonly members: readonly StructuredValue[] }
  | { readonly kind: 'other' };

const OTHER: StructuredValue = { kind: 'other' };
const TRUE: StructuredValue = { kind: 'boolean', value: true };

interface BareItem {
  readonly pattern: RegExp;
  /** The result is `undefined` where the text only looks like such an item. */
  readonly read: (text: string) => StructuredValue | undefined;
}

/** Each row reads one type (section 4.2.3.1). What a pattern leaves of a longer text is no separator: that fails. */
const BARE_ITEMS: readonly BareItem[] = [
  { pattern: /"(?:[ !#-[\]-~]|\\["\\])*"/y, read: (text) => ({ kind: 'string', text: unescape(text) }) },
  { pattern: /\?[01]/y, read: (text) => ({ kind: 'boolean', value: text === '?1' }) },
  { pattern: /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})/y, read: () => OTHER },
  { pattern: /[A-Za-z*][!#$%&'*+\-.^_`|~\w:/]*/y, read: () => OTHER },
  { pattern: /:[A-Za-z\d+/=]*:/y, read: () => OTHER },
  { pattern: /@-?\d{1,15}/y, read: () => OTHER },
  { pattern: /%"(?:[ !#$&-~]|%[\da-f]{2})*"/y, read: (text) => (isUtf8(text.slice(2, -1)) ? OTHER : undefined) },
];

const KEY = /[a-z*][a-z\d_\-.*]*/y;
const SPACES = / */y;
const OWS = /[ \t]*/y;

const unescape = (quoted: string): string => quoted.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');

function isUtf8(percentEncoded: string): boolean {
  try {
    decodeURIComponent(percentEncoded);
    return true;
  } catch {
    return false;
  }
}

/** Gives the members of a list (section 4.2.1). Where it does not parse, the whole field counts as absent. */
export function parseList(field: string): readonly StructuredValue[] | undefined {
  const members: StructuredValue[] = [];
  const complete = new Cursor(field).commaSeparated((cursor) => {
    const member = cursor.member();
    if (member !== undefined) members.push(member);
    return member !== undefined;
  });
  return complete ? members : undefined;
}

/** Gives the members of a dictionary, the last of each key (section 4.2.2). The same holds where it does not parse. */
export function parseDictionary(field: string): ReadonlyMap<string, StructuredValue> | undefined {
  const members = new Map<string, StructuredValue>();
  const complete = new Cursor(field).commaSeparated((cursor) => {
    const key = cursor.take(KEY);
    if (key === undefined) return false;
    const value = cursor.skip('=') ? cursor.member() : cursor.withParameters(TRUE);
    if (value !== undefined) members.set(key, value);
    return value !== undefined;
  });
  return complete ? members : undefined;
}

/** A cursor takes parts of a field from where it stands. Each method that fails gives `undefined` or false. */
class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** True where the whole text is `member` after `member`, or empty. */
  commaSeparated(member: (cursor: this) => boolean): boolean {
    this.take(SPACES);
    if (this.#ended) return true;
    while (member(this)) {
      this.take(OWS);
      if (this.#ended) return true;
      if (!this.skip(',')) return false;
      this.take(OWS);
    }
    return false;
  }

  /** Reads an item or an inner list, with its parameters. */
  member(): StructuredValue | undefined {
    return this.withParameters(this.skip('(') ? this.#innerList() : this.#bareItem());
  }

  /** Gives `value` if only parameters follow it, or nothing (section 4.2.3.2). */
  withParameters(value: StructuredValue | undefined): StructuredValue | undefined {
    while (this.skip(';')) {
      this.take(SPACES);
      const hasKey = this.take(KEY) !== undefined;
      if (!hasKey || (this.skip('=') && this.#bareItem() === undefined)) return undefined;
    }
    return value;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  skip(character: string): boolean {
    const isNext = this.#text[this.#at] === character;
    if (isNext) this.#at += 1;
    return isNext;
  }

  get #ended(): boolean {
    return this.#at === this.#text.length;
  }

  /** Reads an inner list from behind its opening parenthesis (section 4.2.1.2). */
  #innerList(): StructuredValue | undefined {
    const members: StructuredValue[] = [];
    for (;;) {
      const spaces = this.take(SPACES);
      if (this.skip(')')) return { kind: 'inner-list', members };
      if (members.length > 0 && spaces === '') return undefined;
      const item = this.withParameters(this.#bareItem());
      if (item === undefined) return undefined;
      members.push(item);
    }
  }

  #bareItem(): StructuredValue | undefined {
    for (const { pattern, read } of BARE_ITEMS) {
      const text = this.take(pattern);
      if (text !== undefined) return read(text);
    }
    return undefined;
  }
}
