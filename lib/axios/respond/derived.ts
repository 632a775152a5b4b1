/** What is made of a stored response once and handed out many times: its headers, and its data as parsed JSON. */
import type { Dialect } from '../native/dialect.js';
import { type HeaderPattern, headerPattern } from '../native/headers.js';
import type { Entry } from '../../entries/entry.js';
import { copyableTree, type CopyableTree, copyOfTree } from '../../support/copy-tree.js';

const patterns = new WeakMap<object, HeaderPattern>();

/** The headers that each caller gets a copy of. */
export function patternOf(entry: Entry): HeaderPattern {
  const known = patterns.get(entry);
  if (known !== undefined) return known;
  const pattern = headerPattern({ fields: entry.headers, headerCase: entry.headerCase });
  patterns.set(entry, pattern);
  return pattern;
}

/** JSON as it was parsed; `'none'`: the text is no JSON of an object or list, and not to be tried again. */
interface Parsed {
  readonly dialect: Dialect | undefined;
  readonly tree: CopyableTree | 'none';
  /** For those who asked for data that nobody can change. */
  frozen: object | undefined;
}

const parsed = new WeakMap<object, Parsed>();

/**
 * The data in what `source` holds, for one caller: a copy, or one deep-frozen object for all. `undefined`: it is no JSON
 * of an object or list.
 */
export function ownCopyOfJson(
  source: object,
  _memo: unknown,
  dialect: Dialect | undefined,
  form: 'copy' | 'frozen',
  text: () => string | undefined,
): object | undefined {
  let known = parsed.get(source);
  if (known === undefined || known.dialect !== dialect) {
    known = { dialect, tree: parse(text()), frozen: undefined };
    parsed.set(source, known);
  }
  const { tree } = known;
  if (tree === 'none') return undefined;
  if (form === 'copy') return copyOfTree(tree) as object;
  known.frozen ??= deepFrozen(copyOfTree(tree) as object);
  return known.frozen;
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}

function parse(text: string | undefined): CopyableTree | 'none' {
  if (text === undefined || text === '') return 'none';
  try {
    return copyableTree(JSON.parse(text)) ?? 'none';
  } catch {
    return 'none';
  }
}
