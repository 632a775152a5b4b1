/** Arguments of the command line: a command that is run with what it may be given, or one line about the mistake. */
import fc from 'fast-check';
import { type Conditions, testOf } from '../../../lib/cli/listing.js';
import { UsageError } from '../../../lib/cli/faults.js';
import { readArguments } from '../../../lib/cli/main.js';
import { harmless } from '../../../lib/cli/output.js';
import { textNear } from '../mutate.js';
import { described, target } from '../target.js';

const WORDS = [
  'ls', 'show', 'why', 'stats', 'purge', 'copy', 'verify', 'export', 'import', 'diff', './cache.sqlite', 'redis://localhost',
  'https://api.test/a?b=1', 'a.har', '--json', '--namespace', '--host', '--url', '--tag', '--stale', '--older-than', '--sort',
  '--all', '--dry-run', '--yes', '--header', 'X-A: b', '--body', '--reveal', '--', '-', '--no-json', '--url=*a*b*', '5m',
  '--__proto__.polluted', '--constructor.prototype.polluted=1', '--host.x', '--json.json',
];

const HEAD = ['https://api.test/a?b=1', 'GET', 200] as const;
const listedEntry = {
  info: {
    key: 'k', resource: 'r', variant: '', revision: '1', tags: ['t'], createdAtMs: 0, expiresAtMs: 0, purgeAtMs: 0, head: '',
    bodyBytes: 1,
  },
  head: { url: HEAD[0], method: HEAD[1], status: HEAD[2] } as never,
};

/** Errors of the package that reads arguments, and our own, end in one line and exit code 2. */
const isMistake = (error: unknown): boolean =>
  error instanceof UsageError ||
  (error instanceof Error && (error.name === 'CACError' || error.message.startsWith('Cannot create property')));

/** Help and version would be printed a million times. */
function silently<T>(run: () => T): T {
  const { info } = console;
  console.info = () => undefined;
  try {
    return run();
  } finally {
    console.info = info;
  }
}

function faultOf(args: readonly string[]): string | undefined {
  let ran: readonly unknown[] | undefined;
  // Nothing is run: what it would do is not the question here.
  const program = (): ReturnType<typeof readArguments> =>
    readArguments(args, '0.0.0', () => (...given: unknown[]) => { ran = given; });
  try {
    silently(program)?.runMatchedCommand();
    const options = ran?.at(-1);
    if (ran !== undefined && (typeof options !== 'object' || options === null)) return 'a command has no options';
    if (ran !== undefined) testOf(options as Conditions, 0)(listedEntry);
    return undefined;
  } catch (error) {
    return isMistake(error) ? undefined : described(error);
  }
}

export const argumentsTarget = target<readonly string[]>({
  name: 'arguments',
  inputs: fc.array(textNear(WORDS, ['-', '--', '=', '.']), { maxLength: 6 }),
  faultOf,
  read(text) {
    faultOf(['ls', 'x', '--url', text]);
    testOf({ url: `*${'a*'.repeat(20)}b` }, 0)({ ...listedEntry, head: { url: `http://${text}` } as never });
    harmless(text);
    return faultOf(['purge', 'x', '--older-than', text]);
  },
  parts: ['a', '*', '*a', '.', '-', ' ', '1', '(a+)+', '\u001b[', '='],
});
