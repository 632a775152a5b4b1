/** A server that is a process of its own on this machine, with its files in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import type { OwnService } from './service.js';
import { until } from './until.js';

export interface DaemonPlan {
  readonly name: string;
  readonly version: string;
  readonly command: string;
  /** What the command is given for a server on this port of 127.0.0.1 with its files in this folder. */
  readonly args: (port: number, folder: string) => readonly string[];
  readonly urlAt: (port: number) => string;
  /** Resolves where the server at this URL answers, rejects where it does not yet. */
  readonly answers: (url: string) => Promise<unknown>;
}

/** Another program may take a port between its choice and its use. */
const ATTEMPTS = 3;
const LIMIT_MS = 60_000;
/** How long a server may take to end in good order before it is killed. */
const PATIENCE_MS = 3000;

/** Resolves when the server answers. */
export async function startDaemon(plan: DaemonPlan): Promise<OwnService> {
  for (let attempt = 1; ; attempt += 1) {
    const daemon = new Daemon(plan, await freePort());
    try {
      await daemon.start();
      return daemon;
    } catch (error) {
      await daemon.stop();
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

class Daemon implements OwnService {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  readonly #plan: DaemonPlan;
  readonly #port: number;
  readonly #folder: string;
  #child: ChildProcess | undefined;
  #guard: ChildProcess | undefined;
  #gone: Promise<void> = Promise.resolve();

  constructor(plan: DaemonPlan, port: number) {
    this.name = plan.name;
    this.version = plan.version;
    this.url = plan.urlAt(port);
    this.#plan = plan;
    this.#port = port;
    this.#folder = mkdtempSync(join(tmpdir(), `service-${plan.name}-`));
  }

  async start(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`${this.name} runs already`);
    const child = this.#spawn();
    let failure: string | undefined;
    this.#child = child;
    this.#guard = endWithThisProcess(child.pid, this.#folder);
    this.#gone = new Promise((resolve) => {
      const end = (reason: string): void => {
        failure ??= reason;
        this.#guard?.kill('SIGKILL');
        this.#child = undefined;
        resolve();
      };
      child.once('error', ({ message }) => end(message));
      child.once('exit', (code, signal) => end(`it ended with ${signal ?? `code ${code ?? '?'}`}`));
    });
    await until(() => this.#plan.answers(this.url), {
      limitMs: LIMIT_MS,
      hopeless: () => failure,
    }).catch((error: unknown) => {
      throw new Error(`${this.name} does not start: ${String(error)}\n${this.#log()}`, { cause: error });
    });
  }

  async pause(): Promise<void> {
    const pid = this.#child?.pid;
    this.#signal('SIGSTOP');
    if (pid !== undefined) await until(() => isFrozen(pid), { limitMs: PATIENCE_MS });
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#signal('SIGKILL');
    await this.#gone;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async stop(): Promise<void> {
    // Who waits for its end stays until then.
    this.#child?.ref();
    this.#signal('SIGCONT');
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), PATIENCE_MS);
    await this.#gone;
    clearTimeout(timer);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #spawn(): ChildProcess {
    const data = join(this.#folder, 'data');
    mkdirSync(data, { recursive: true });
    const log = openSync(join(this.#folder, 'log'), 'a');
    try {
      const args = this.#plan.args(this.#port, data);
      const child = spawn(this.#plan.command, args, { stdio: ['ignore', log, log], cwd: data });
      // A server that a test forgot does not keep the tests from ending.
      child.unref();
      return child;
    } finally {
      closeSync(log);
    }
  }

  #signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  #log(): string {
    return readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2000);
  }
}

/** A signal stops one thread after the other. Rejects while one runs; systems without /proc are taken at their word. */
async function isFrozen(pid: number): Promise<void> {
  const threads = `/proc/${pid}/task`;
  if (!existsSync(threads)) return;
  for (const thread of readdirSync(threads)) {
    // The state follows the name, which stands in brackets.
    const state = /\) (\w)/.exec(readFileSync(join(threads, thread, 'stat'), 'utf8'))?.[1];
    if (state !== 'T') throw new Error(`a thread of ${pid} goes on: ${state ?? '?'}`);
  }
}

/**
 * Starts a process that waits for the end of this one, however that comes about, and then ends the server and removes
 * its folder. It hears of the end by its standard input, which this process holds open.
 */
function endWithThisProcess(pid: number | undefined, folder: string): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const script = 'cat >/dev/null; kill -9 "$0" 2>/dev/null; rm -rf -- "$1"';
  const guard = spawn('sh', ['-c', script, String(pid), folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.once('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
  return guard;
}
