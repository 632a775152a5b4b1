/** What `npm run bench:storages -- …` takes. */
import { parseArgs } from 'node:util';
import type { Pace } from '../scenarios/scenario.js';

export const helpOf = (names: readonly string[]): string => `npm run bench:storages -- [options]

  --quick          few short rounds, a minute for everything; the numbers are coarse
  --only NAMES     groups, and scenarios whose names begin so: redis,mongo-hit
                   groups: ${names.join(', ')}
  --json FILE      writes what was found
  --docs           writes docs/storages/performance.md, and figures in docs/storages.md
  --from FILES     measures nothing, but takes what --json wrote; of several files the first one is the main one,
                   and the others add what it has not: node:sqlite, measured on a newer Node`;

export interface Options {
  readonly pace: Pace;
  readonly groups: readonly { readonly name: string; readonly scenarios: readonly string[] }[];
  readonly json: string | undefined;
  readonly docs: boolean;
  readonly from: readonly string[];
  readonly task: 'measure' | 'help';
}

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '');

/**
 * @param names of all groups.
 * @throws Error that says what is wrong with the options
 */
export function parseOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      json: { type: 'string' },
      docs: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    pace: values.quick ? 'quick' : 'full',
    groups: selectGroups(listOf(values.only), names),
    json: values.json,
    docs: values.docs,
    from: listOf(values.from),
    task: values.help ? 'help' : 'measure',
  };
}

function selectGroups(words: readonly string[], names: readonly string[]): Options['groups'] {
  if (words.length === 0) return names.map((name) => ({ name, scenarios: [] }));
  const meant = words.map((word) => ({ word, group: groupMeantBy(word, names) }));
  return names.flatMap((name) => {
    const own = meant.filter(({ group }) => group === name).map(({ word }) => word);
    return own.length === 0 ? [] : [{ name, scenarios: own.includes(name) ? [] : own }];
  });
}

/** The group of that name, else the one with the longest name that the word begins with. */
function groupMeantBy(word: string, names: readonly string[]): string {
  const [longest] = names
    .filter((name) => word === name || word.startsWith(`${name}-`))
    .sort((one, other) => other.length - one.length);
  if (longest === undefined) throw new Error(`there is no group "${word}"; there are ${names.join(', ')}`);
  return longest;
}
