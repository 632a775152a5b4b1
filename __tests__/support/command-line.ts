/** The command line as a process of its own, made from source for one file of tests. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from './root.js';

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A command that goes on until it is ended. */
export interface Running {
  /** Its lines, as they come. */
  readonly lines: AsyncIterator<string, undefined>;
  /** Sends a signal, waits for the end, and gives the exit code. */
  readonly end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

export interface CommandLine {
  readonly program: string;
  /** Runs it in a folder; output goes to pipes, so that it has no colours and no width. */
  readonly run: (folder: string, ...args: string[]) => Promise<Ended>;
  readonly start: (folder: string, ...args: string[]) => Running;
}

const env = { ...process.env, NO_COLOR: '', REDIS_URL: '', MONGO_URL: '' };

/** Builds the program before the tests of a file, and deletes it after them; what a test has started is ended then. */
export function commandLine(): CommandLine {
  const program = join(root, `node_modules/.cache/axios-client-cache/cli-${process.pid}.cjs`);
  const running = new Set<Running>();
  beforeAll(() => {
    mkdirSync(dirname(program), { recursive: true });
    execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs'), program]);
  });
  afterEach(() => Promise.all([...running].map((each) => each.end())));
  afterAll(() => { rmSync(program, { force: true }); });
  return {
    program,
    run: (cwd, ...args) =>
      new Promise((resolve) => {
        execFile(process.execPath, [program, ...args], { cwd, env }, (error, out, err) => {
          resolve({ code: error === null ? 0 : Number(error.code), out, err });
        });
      }),
    start(cwd, ...args) {
      const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'close') as Promise<[code: number | null]>;
      const command: Running = {
        lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
        async end(signal = 'SIGTERM') {
          running.delete(command);
          child.kill(signal);
          return (await ended)[0];
        },
      };
      running.add(command);
      return command;
    },
  };
}
