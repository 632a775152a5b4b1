/** Worker processes of the soak: started, told, heard. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Order, Report } from './worker.js';

export class Worker {
  readonly #process: ChildProcess;
  /** Numbers of the entries that a writer said are stored, the last one. */
  lastWritten = -1;
  failures: string[] = [];
  count = 0;
  #ended = false;
  #waiting: ((report: Report | undefined) => void)[] = [];

  constructor(file: string, storage: string, address: string, role: 'writer' | 'reader', name: number) {
    this.#process = fork(file, [storage, address, role, String(name)], { execArgv: ['--no-warnings'] });
    this.#process.on('message', (report: Report) => { this.#hear(report); });
    this.#process.on('exit', (code) => {
      this.#ended = true;
      this.#wake(undefined);
      if (code !== 0 && code !== null) this.failures.push(`${role} ${name} ended with code ${code}`);
    });
  }

  #hear(report: Report): void {
    if (report.kind === 'wrote') this.lastWritten = report.number;
    if (report.kind === 'ended') this.count = report.count;
    if (report.kind === 'failed') this.failures.push(report.message);
    this.#wake(report);
  }

  #wake(report: Report | undefined): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const resolve of woken) resolve(report);
  }

  #tell(order: Order): void {
    // One that ends at this moment does not hear it: what it said before counts.
    if (this.#process.connected) this.#process.send(order, () => undefined);
  }

  /** Its next message; `undefined`: it has ended. */
  #next(): Promise<Report | undefined> {
    return new Promise((resolve) => { this.#waiting.push(resolve); });
  }

  /** Whether this process finds something under `key` now; `undefined`: it has ended. */
  async sees(key: string): Promise<boolean | undefined> {
    this.#tell({ kind: 'look', key });
    while (!this.#ended) {
      const report = await this.#next();
      if (report?.kind === 'saw') return report.found;
    }
    return undefined;
  }

  /** Until it has stored something after `number`. */
  async wrote(number: number): Promise<void> {
    while (this.lastWritten <= number && !this.#ended) await this.#next();
  }

  async end(): Promise<void> {
    this.#tell({ kind: 'end' });
    if (!this.#ended) await once(this.#process, 'exit');
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    if (!this.#ended) await once(this.#process, 'exit');
  }
}
