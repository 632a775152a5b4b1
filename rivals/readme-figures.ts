/** The figures of README.md outside its table of comparison: each is read where it holds, and put where it stands. */
import { DEFAULTS } from '../lib/options/resolve.js';
import { REMEDY } from '../lib/storage/sqlite/drivers.js';
import { MEMORY_DEFAULTS } from '../lib/storage/memory/memory.js';

/** What package.json says. */
export interface Manifest {
  readonly engines: { readonly node: string };
  readonly peerDependencies: { readonly axios: string };
}

/** Gives the version in a range such as `>=20.19.0`, without what ends in zero. */
const least = (range: string): string => range.replace(/^\D+/, '').replace(/\.0$/, '');
const MIB = 1024 * 1024;
const mib = (bytes: number): string => `${bytes / MIB} MiB`;
const versionIn = (text: string): string => /Node (\d+\.\d+)/.exec(text)?.[1] ?? '';

/** Sentences with figures in them: what stands in brackets is replaced, in its order. */
const SENTENCES: readonly (readonly [sentence: RegExp, figures: (manifest: Manifest) => readonly string[]])[] = [
  [
    /It needs axios (\S+) or newer, and Node (\S+) or newer/,
    ({ engines, peerDependencies }) => [least(peerDependencies.axios), least(engines.node)],
  ],
  [/`node:sqlite`, which Node has from (\S+) on/, () => [versionIn(REMEDY)]],
  [
    /`new MemoryStorage\({ maxEntries, maxBytes }\)` keeps (\S+) entries and (\S+ MiB) unless/,
    () => [MEMORY_DEFAULTS.maxEntries.toLocaleString('en'), mib(MEMORY_DEFAULTS.maxBytes)],
  ],
];

/** Shows a default as users write it. */
function shown(name: string, value: unknown): string {
  if (name === 'maxEntryBytes') return mib(value as number);
  const text = JSON.stringify(value) as string | undefined;
  const code = value === Infinity ? 'Infinity' : (text ?? String(value)).replaceAll('"', "'").replaceAll(',', ', ');
  return `\`${code}\``;
}

/** What these defaults come to is said in words. */
const IN_WORDS: readonly string[] = ['redactedParams', 'now'];

/**
 * Gives the text with the figures as they are.
 * @throws Error for a sentence or a row that the text does not have, and for a sentence that it has twice.
 */
export const withFigures = (text: string, manifest: Manifest): string =>
  withDefaults(SENTENCES.reduce((current, [sentence, figures]) => put(current, sentence, figures(manifest)), text));

function put(text: string, sentence: RegExp, figures: readonly string[]): string {
  const [match, ...others] = text.matchAll(new RegExp(sentence.source, 'dg'));
  if (match === undefined || others.length > 0) throw new Error(`README.md has to have once: ${sentence.source}`);
  return figures.reduceRight((current, figure, index) => {
    const [from, to] = match.indices?.[index + 1] ?? [0, 0];
    return current.slice(0, from) + figure + current.slice(to);
  }, text);
}

/** A cell of a table, in which code may have a bar. */
const CELL = '(?:[^|`\\n]|`[^`\\n]*`)*';

/** The name, the type and the default of an option. */
const ROW = new RegExp(`^(\\| \`(\\w+)\` \\| ${CELL}\\| )${CELL}(?= \\|)`, 'gm');

/** Fills the column of the defaults. A request and a session both have a `partition`; that of the session is meant. */
function withDefaults(text: string): string {
  const [before, ...rest] = text.split(/^(?=### For )/m);
  const tables = rest.map((table) => {
    if (table.startsWith('### For one request\n')) return table;
    return table.replaceAll(ROW, defaultIn);
  });
  for (const name of Object.keys(DEFAULTS)) {
    if (!tables.some((table) => table.includes(`\n| \`${name}\` | `))) throw new Error(`README.md has no row: ${name}`);
  }
  return [before, ...tables].join('');
}

function defaultIn(row: string, before: string, name: string): string {
  if (!Object.hasOwn(DEFAULTS, name) || IN_WORDS.includes(name)) return row;
  return before + shown(name, DEFAULTS[name as keyof typeof DEFAULTS]);
}

/** Numbers in prose that nothing measures: names of standards and statuses of HTTP. */
const NAMES = /\bRFC \d+|\b[2-5]\d\d\b|^\| \d\. /gm;

/** Gives the lines of prose in which there is a figure that no script has written. */
export function figuresByHand(text: string): string[] {
  const written = SENTENCES.map(([sentence]) => sentence);
  const prose = text
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/<!-- (\w+) -->[^]*?<!-- end of \1 -->/g, '')
    .replaceAll(ROW, '');
  const rest = written.reduce((left, sentence) => left.replace(sentence, ''), prose);
  return rest
    .replaceAll(/`[^`]*`|\]\([^)]*\)/g, '')
    .replaceAll(NAMES, '')
    .split('\n')
    .filter((line) => /\d/.test(line));
}
