/** The coordinator's side of one contestant: its process, and its origin if that is behind a socket. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CANDIDATES } from './candidates/candidates.js';
import type { Order, Report, Round, Tally, Task, WarmUp } from './messages.js';
import { type LoopbackOrigin, startLoopbackOrigin } from './origins.js';
import type { Places } from './profile.js';
import type { Excuse } from './results.js';
import type { Contestant, Pace, Scenario } from './scenarios/scenario.js';
import { idOf } from './scenarios/scenarios.js';

export class ContestantProcess {
  readonly contestant: Contestant;
  readonly rounds: Round[] = [];
  places: Places | undefined;
  excuse: Excuse | undefined;
  readonly #process: ChildProcess;
  readonly #origin: LoopbackOrigin | undefined;
  readonly #folder: string;

  private constructor(contestant: Contestant, child: ChildProcess, origin: LoopbackOrigin | undefined, folder: string) {
    this.contestant = contestant;
    this.#process = child;
    this.#origin = origin;
    this.#folder = folder;
  }

  /** Resolves when it is ready for its first turn, or has an excuse. */
  static async start(file: string, pace: Pace, scenario: Scenario, contestant: Contestant): Promise<ContestantProcess> {
    const { needsServer } = CANDIDATES[contestant.candidate];
    const { name, payload, lifetime, origin: place, execArgv = [] } = scenario;
    const origin = place === 'loopback' || needsServer ? await startLoopbackOrigin(payload, lifetime) : undefined;
    const folder = mkdtempSync(join(dirname(file), 'candidate-'));
    const task: Task = { pace, scenario: name, contestant: idOf(contestant), url: origin?.url, folder };
    const child = fork(file, [JSON.stringify(task)], { execArgv: ['--no-warnings', ...execArgv] });
    const started = new ContestantProcess(contestant, child, origin, folder);
    started.#hear(await started.#nextReport());
    return started;
  }

  async warmUp(warmUp: WarmUp, roundMs: number): Promise<void> {
    await this.#tell({ kind: 'warm up', warmUp, roundMs });
  }

  async takeTurn(): Promise<void> {
    await this.#tell({ kind: 'round' });
  }

  async takeProfile(rounds: number): Promise<void> {
    await this.#tell({ kind: 'profile', rounds });
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode === null && signalCode === null) {
      const exited = once(this.#process, 'exit');
      if (this.excuse === undefined) this.#process.send({ kind: 'end' } satisfies Order);
      else this.#process.kill();
      await exited;
    }
    await this.#origin?.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #tell(order: Order): Promise<void> {
    if (this.excuse !== undefined) return;
    this.#process.send(order);
    this.#hear(await this.#nextReport());
  }

  #hear(report: Report): void {
    if (report.kind === 'absent' || report.kind === 'failed') {
      this.excuse = report;
      return;
    }
    const fault = this.#faultIn(report.tally);
    if (fault !== undefined) this.excuse = { kind: 'failed', reason: fault };
    else if (report.kind === 'round') this.rounds.push(report.round);
    else if (report.kind === 'profile') this.places = report.places;
  }

  /** Whether the origin was asked more or less often than it should have been. */
  #faultIn({ expected, inProcess }: Tally): string | undefined {
    const { full, notModified } = this.#origin?.counts() ?? { full: inProcess, notModified: 0 };
    if (full === expected.full && notModified === expected.notModified) return undefined;
    const say = (count: number): string => count.toLocaleString('en');
    return (
      `the origin sent ${say(full)} full answers and ${say(notModified)} times 304, ` +
      `and not ${say(expected.full)} and ${say(expected.notModified)}`
    );
  }

  #nextReport(): Promise<Report> {
    const child = this.#process;
    return new Promise((resolve) => {
      const settle = (report: Report): void => {
        child.off('message', settle).off('exit', exited);
        resolve(report);
      };
      const exited = (code: number | null, signal: string | null): void => {
        settle({ kind: 'failed', reason: `its process ended with ${signal ?? `code ${code}`}` });
      };
      child.on('message', settle).on('exit', exited);
    });
  }
}
