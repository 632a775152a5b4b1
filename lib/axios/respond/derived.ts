/**
 * This file keeps what is derived from a stored response, that is made of it once and handed out many times: its
 * headers, and its data as parsed JSON.
 */
import type { Dialect } from '../native/dialect.js';
import { type HeaderPattern, headerPattern } from '../native/headers.js';
import type { StoredEntry } from '../../api/storage.js';
import { derivedFrom, keepDerived } from '../../entries/derived.js';
import type { Entry } from '../../entries/entry.js';
import { copyableTree, type CopyableTree, copyOfTree } from '../../support/copy-tree.js';

/** Returns the headers that each caller gets a copy of. */
export function patternOf(entry: Entry): HeaderPattern {
  entry.answerHeaders ??= headerPattern(entry);
  return entry.answerHeaders as HeaderPattern;
}

/** Either each caller gets a copy of the data, or all of them get one object that is frozen at every depth. */
export type DataForm = 'copy' | 'frozen';

/**
 * This is a JSON object or list as it was parsed from the text that one dialect, which is an adapter of axios, makes of
 * the bytes. It holds `undefined` for a body that is none, so that it is not parsed again.
 */
class Parsed {
  readonly dialect: Dialect | undefined;
  /** This many characters of text were parsed. */
  readonly length: number;
  readonly #value: object | undefined;
  #tree: CopyableTree | undefined;
  #isFrozen = false;

  constructor(dialect: Dialect | undefined, text: string | undefined) {
    this.dialect = dialect;
    this.length = text?.length ?? 0;
    this.#value = parse(text);
  }

  /** Returns the data itself, for a caller beside whom there is no other. */
  get own(): object | undefined {
    return this.#value;
  }

  /** Returns the data for one caller; it is `undefined` where there is none, or it is too deep to be copied. */
  for(form: DataForm): object | undefined {
    if (this.#value === undefined) return undefined;
    // The copies that other callers get of the one frozen object are not frozen.
    if (form === 'frozen' && !this.#isFrozen) deepFrozen(this.#value);
    if (form === 'frozen') {
      this.#isFrozen = true;
      return this.#value;
    }
    this.#tree ??= copyableTree(this.#value, this.length);
    return this.#tree && copyOfTree(this.#tree);
  }
}

/** Parsed JSON takes about this many bytes of memory for each character of its text, by estimate. */
const BYTES_A_CHARACTER = 3;

/**
 * Returns the JSON data of the body in `raw` for one caller. It is `undefined` where the caller is to be given text,
 * because the body is no JSON object or list, or because no parsed data could be kept for the next caller.
 */
export function storedJson(
  raw: StoredEntry,
  dialect: Dialect | undefined,
  form: DataForm,
  text: () => string | undefined,
): object | undefined {
  const known = derivedFrom(raw, 'body') as Parsed | undefined;
  if (known !== undefined && known.dialect === dialect) return known.for(form);
  if (raw.keepDerived === undefined) return form === 'frozen' ? frozenJson(text()) : undefined;
  const parsed = new Parsed(dialect, text());
  keepDerived(raw, 'body', parsed, parsed.own === undefined ? 0 : BYTES_A_CHARACTER * parsed.length);
  // Where there was no room nobody else has it, so that it need not be copied.
  return derivedFrom(raw, 'body') === parsed || form === 'frozen' ? parsed.for(form) : parsed.own;
}

const shared = new WeakMap<object, Parsed>();

/** Does what `storedJson` does for an answer that several callers wait for: it is parsed once for all of them. */
export function sharedJson(
  answer: object,
  dialect: Dialect | undefined,
  form: DataForm,
  text: () => string | undefined,
): object | undefined {
  const known = shared.get(answer) ?? new Parsed(dialect, text());
  shared.set(answer, known);
  return known.dialect === dialect ? known.for(form) : undefined;
}

/** Parses and freezes a text; it returns `undefined` where that is no JSON object or list. */
export function frozenJson(text: string | undefined): object | undefined {
  const value = parse(text);
  return value === undefined ? undefined : deepFrozen(value);
}

function parse(text: string | undefined): object | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Freezes an object at every depth. It uses no recursion, as data may be nested deeply. */
function deepFrozen<T extends object>(value: T): T {
  const open: object[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    Object.freeze(next);
    for (const member of Object.values(next) as unknown[]) {
      if (typeof member === 'object' && member !== null) open.push(member);
    }
  }
  return value;
}
