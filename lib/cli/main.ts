/** The command line: reads arguments, runs one command, and ends with its exit code. */
import { cac } from 'cac';
import { lineOf, UsageError, inTime } from './faults.js';
import { diff } from './commands/diff.js';
import { ls, type LsOptions, ORDERS } from './commands/ls.js';
import { purge, type PurgeOptions } from './commands/purge.js';
import { show, type ShowOptions } from './commands/show.js';
import { stats, type StatsOptions } from './commands/stats.js';
import { copy, exportTo, importFrom } from './commands/transfer.js';
import { ui, type UiOptions } from './commands/ui.js';
import { verify } from './commands/verify.js';
import { why, type WhyOptions } from './commands/why.js';
import { findStorages, type Opened, openStorage, type OpenOptions } from './open.js';
import { Output } from './output.js';
import { findBy } from './transfer.js';

const NAME = 'axios-client-cache';

interface CommonOptions extends OpenOptions {
  readonly json?: boolean | undefined;
}

/** Opens a storage for one command, and closes it whatever becomes of the command. */
async function withStorage(
  given: string | undefined,
  options: CommonOptions,
  run: (opened: Opened, output: Output) => Promise<number>,
  { writes = false } = {},
): Promise<number> {
  const output = new Output(options.json === true);
  if (given === undefined) return suggest(output);
  const opened = await openStorage(String(given), { namespace: options.namespace });
  let isDone = false;
  try {
    await inTime(findBy(opened.storage));
    const code = await run(opened, output);
    isDone = true;
    return code;
  } finally {
    await opened.close({ finish: writes && isDone });
  }
}

/** Without arguments the program says what it could look at. */
function suggest(output: Output): number {
  const found = findStorages();
  for (const place of found) {
    if (output.isJson) output.json({ storage: place });
    else output.line(place);
  }
  if (found.length === 0) throw new UsageError('no cache in the usual places: name one, as in "ls ./http-cache.sqlite".');
  return 0;
}

function checkOrder({ sort }: LsOptions): void {
  if (sort === undefined || sort in ORDERS) return;
  throw new UsageError(`--sort takes ${Object.keys(ORDERS).join(', ')}.`);
}

type Run = (...given: never[]) => Promise<number>;
/** Makes what is called where the arguments ask for a command. */
type Start = (run: Run) => (...given: never[]) => void;
let running: Promise<number> | undefined;
const started: Start = (run) => (...given) => { running = run(...given); };

function createProgram(start: Start) {
  const program = cac(NAME);
  const command = (usage: string, about: string, run: Run) =>
    program
      .command(usage, about)
      .option('--json', 'One JSON object a line')
      .option('--namespace <name>', 'Of the storage')
      .action(start(run));
  const conditional = (usage: string, about: string, run: Run) =>
    command(usage, about, run)
      .option('--host <host>', 'Of this host: a.test takes every port, a.test:8080 that one')
      .option('--url <url>', 'Of this URL, in which * stands for anything')
      .option('--tag <tag>', 'With this tag')
      .option('--method <method>', 'Of this method')
      .option('--status <status>', 'Of this status: 404, or 4xx for all of that class')
      .option('--fresh', 'Whose lifetime is not over')
      .option('--stale', 'Whose lifetime is over')
      .option('--expired', 'That nothing can use any more')
      .option('--older-than <time>', 'Stored longer ago than this: 90s, 5m, 2h, 3d');
  program.command('', 'List the caches in the usual places').option('--json', 'One JSON object a line')
    .action(start((options: CommonOptions) => withStorage(undefined, options, () => Promise.resolve(0))));
  conditional('ls [storage]', 'List what is stored; exit code 1 where nothing matches', (
    storage: string | undefined, options: CommonOptions & LsOptions,
  ) => {
    checkOrder(options);
    return withStorage(storage, options, (opened, output) => ls(opened, options, output));
  }).option('--sort <by>', 'By size, age, left, status or url');
  command('show <storage> <url>', 'Show what is stored of a URL', (
    storage: string, url: string, options: CommonOptions & ShowOptions,
  ) => withStorage(storage, options, (opened, output) => show(opened, url, options, output)))
    .option('--body', 'Write the exact bytes of the body, and nothing else')
    .option('--reveal', 'Show what is secret in headers');
  program.command('why <url>', 'Ask a server, and tell whether and why its answer may be cached')
    .option('--json', 'One JSON object')
    .option('--method <method>', 'GET where it is left out')
    .option('--header <line>', '"Name: value", also several times')
    .action(start((url: string, options: CommonOptions & WhyOptions) =>
      why(url, options, new Output(options.json === true))));
  command('stats <storage>', 'Count what is stored: hosts, ages, sizes', (
    storage: string, options: CommonOptions & StatsOptions,
  ) => withStorage(storage, options, (opened, output) => stats(opened, options, output)))
    .option('--watch [seconds]', 'Count again every 2 seconds, or as many as are given, until it is interrupted');
  conditional('purge <storage>', 'Delete what matches all conditions', (
    storage: string, options: CommonOptions & PurgeOptions,
  ) => withStorage(storage, options, (opened, output) => purge(opened, options, output), { writes: true }))
    .option('--all', 'Delete everything')
    .option('--dry-run', 'Delete nothing, and tell what would be deleted')
    .option('--yes', 'Do not ask');
  command('copy <from> <to>', 'Copy entries from one storage to another', (
    from: string, to: string, options: CommonOptions,
  ) => copy(from, to, options, new Output(options.json === true)));
  command('verify <storage>', 'Read every entry whole; exit code 1 where one is damaged', (
    storage: string, options: CommonOptions,
  ) => withStorage(storage, options, verify));
  command('export <storage> <file>', 'Write entries to a .har or .ndjson file', (
    storage: string, file: string, options: CommonOptions,
  ) => exportTo(storage, file, options, new Output(options.json === true)));
  command('import <file> <storage>', 'Read entries from a .har or .ndjson file', (
    file: string, storage: string, options: CommonOptions,
  ) => importFrom(file, storage, options, new Output(options.json === true)));
  command('diff <one> <other>', 'Compare two storages; exit code 1 where they differ', (
    one: string, other: string, options: CommonOptions,
  ) => diff(one, other, options, new Output(options.json === true)));
  command('ui <storage>', 'Show it on a local page, until the command is ended', (
    storage: string, options: CommonOptions & UiOptions,
  ) => ui(storage, options, new Output(options.json === true)))
    .option('--port <port>', 'Any free one where it is left out')
    .option('--open', 'Open the page in a browser')
    .option('--read-only', 'Nothing can be deleted or made stale');
  return program.usage('<command> [arguments]').help();
}

/**
 * Reads arguments; `undefined` where they ask for help or the version, which is printed.
 * @throws UsageError, or the parser's own error from `runMatchedCommand`, where the program was used wrongly.
 */
export function readArguments(args: readonly string[], version: string, start = started) {
  const program = createProgram(start).version(version);
  const { options } = program.parse(['node', NAME, ...args], { run: false });
  if (options['help'] === true || options['version'] === true) return undefined;
  // What is no command is taken for an argument of the nameless one.
  if (program.matchedCommand === undefined || (program.matchedCommand.name === '' && program.args.length > 0)) {
    throw new UsageError(`there is no command ${String(program.args[0])}; see --help.`);
  }
  return program;
}

/** Runs the program; the exit code is 2 where it was used wrongly, or there is no such storage. */
export async function main(args: readonly string[], version: string): Promise<number> {
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => { process.exit(error.code === 'EPIPE' ? 0 : 2); });
  try {
    const program = readArguments(args, version);
    if (program === undefined) return 0;
    await (program.runMatchedCommand() as unknown);
    return (await running) ?? 2;
  } catch (error) {
    process.stderr.write(`${NAME}: ${lineOf(error)}\n`);
    return 2;
  }
}
