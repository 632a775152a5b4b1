/** What `npm run bench -- …` takes. */
import { parseArgs } from 'node:util';
import { CANDIDATE_NAMES, type CandidateName } from './candidates/candidates.js';
import type { Contestant, Group, Pace, Scenario } from './scenarios/scenario.js';
import { groupsOf } from './scenarios/scenarios.js';

export const HELP = `npm run bench -- [options]

  --quick               few short rounds, about a minute for everything; the numbers are coarse
  --only NAMES          scenarios whose names begin so, e.g. hit,miss-200B
  --candidates NAMES    e.g. ours,interceptor; what the others are compared with is always there
  --json FILE           writes what was found
  --profile             instead of the times shows where they go, by folder of lib/ and by package
  --docs                writes docs/performance.md and its charts from what was found
  --from FILES          measures nothing, but takes what --json wrote; with several files, the first one is the main one
  --list                names of scenarios and candidates`;

export interface Options {
  readonly pace: Pace;
  readonly groups: readonly Group[];
  readonly takesPart: (contestant: Contestant) => boolean;
  readonly json: string | undefined;
  readonly docs: boolean;
  readonly from: readonly string[];
  readonly task: 'measure' | 'profile' | 'list' | 'help';
}

const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').map((each) => each.trim()).filter((each) => each !== '');

/** `hit` names `hit-200B` and `hit-10kB` too, but not `hitherto`. */
const isNamedBy = (name: string, words: readonly string[]): boolean =>
  words.some((word) => name === word || name.startsWith(`${word}-`));

/** @throws Error that says what is wrong with them */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      candidates: { type: 'string' },
      json: { type: 'string' },
      profile: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      from: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const pace = values.quick ? 'quick' : 'full';
  const candidates = selectCandidates(listOf(values.candidates));
  return {
    pace,
    groups: selectGroups(groupsOf(pace), listOf(values.only), pace),
    takesPart: ({ candidate }) => candidates.includes(candidate),
    json: values.json,
    docs: values.docs,
    from: listOf(values.from),
    task: values.help ? 'help' : values.list ? 'list' : values.profile ? 'profile' : 'measure',
  };
}

function selectCandidates(words: readonly string[]): readonly CandidateName[] {
  if (words.length === 0) return CANDIDATE_NAMES;
  assertKnown(words, CANDIDATE_NAMES, 'candidate');
  return CANDIDATE_NAMES.filter((name) => isNamedBy(name, words));
}

function selectGroups(groups: readonly Group[], words: readonly string[], pace: Pace): readonly Group[] {
  assertKnown(words, groups.flatMap(({ scenarios }) => scenarios).map(({ name }) => name), 'scenario');
  const select = ({ name, fullOnly = false }: Scenario): boolean =>
    words.length > 0 ? isNamedBy(name, words) : pace === 'full' || !fullOnly;
  return groups
    .map((group) => ({ ...group, scenarios: group.scenarios.filter(select) }))
    .filter(({ scenarios }) => scenarios.length > 0);
}

function assertKnown(words: readonly string[], names: readonly string[], what: string): void {
  const unknown = words.find((word) => !names.some((name) => isNamedBy(name, [word])));
  if (unknown !== undefined) throw new Error(`there is no ${what} "${unknown}"; --list names them all`);
}
