/** The process of one contestant: it prepares, and then works when it is told to. */
import { Absent } from './candidates/candidate.js';
import { CANDIDATES } from './candidates/candidates.js';
import type { Order, Report, Round, Tally, Task, WarmUp } from './messages.js';
import { inProcessOrigin } from './origins.js';
import { answersOf } from './payload.js';
import { type Places, profiled } from './profile.js';
import type { TimedWork, Work } from './scenarios/scenario.js';
import { findTask } from './scenarios/scenarios.js';
import { Stage } from './stage.js';

class Worker {
  readonly #stage: Stage;
  readonly #work: Work;
  readonly #askedInProcess: () => number;
  #operations = 1;

  private constructor(stage: Stage, work: Work, askedInProcess: () => number) {
    this.#stage = stage;
    this.#work = work;
    this.#askedInProcess = askedInProcess;
  }

  static async start({ pace, scenario: name, contestant: id, url, folder }: Task): Promise<Worker> {
    const [scenario, contestant] = findTask(pace, name, id);
    const { payload, lifetime, origin: place } = scenario;
    const answers = place === 'in process, a turn later' ? 'a turn later' : 'at once';
    const origin = inProcessOrigin(payload, lifetime, answers);
    const setting = {
      baseURL: url ?? 'http://origin.test',
      adapter: url === undefined ? origin.adapter : undefined,
      textOf: answersOf(payload),
      maxEntries: contestant.entries > 0 ? contestant.entries : undefined,
      folder,
    };
    const candidate = CANDIDATES[contestant.candidate];
    const stage = new Stage(candidate, setting, await candidate.open(setting));
    return new Worker(stage, await scenario.prepare(stage, contestant), origin.count);
  }

  get tally(): Tally {
    return { expected: this.#stage.expected, inProcess: this.#askedInProcess() };
  }

  async warmUp({ requests, leastMs, mostMs }: WarmUp, roundMs: number): Promise<void> {
    const work = this.#work;
    if (work.kind === 'gauge') return;
    await work.before?.();
    const started = performance.now();
    let operations = 0;
    let elapsed = 0;
    const isWarm = (): boolean => elapsed >= leastMs && operations * work.requests >= requests;
    while (!isWarm() && elapsed < mostMs) {
      await this.#repeat(work, 1);
      operations += 1;
      elapsed = performance.now() - started;
    }
    this.#operations = Math.max(1, Math.round((roundMs * operations) / elapsed));
  }

  async round(): Promise<Round> {
    const work = this.#work;
    if (work.kind === 'gauge') return { value: await work.measure(), clock: undefined, requests: 1 };
    await work.before?.();
    const operations = this.#operations;
    const requests = operations * work.requests;
    const cpuBefore = process.cpuUsage();
    const before = process.hrtime.bigint();
    await this.#repeat(work, operations);
    const nanoseconds = Number(process.hrtime.bigint() - before);
    const { user, system } = process.cpuUsage(cpuBefore);
    return { value: ((user + system) * 1000) / requests, clock: nanoseconds / requests, requests };
  }

  async profile(rounds: number): Promise<Places> {
    const work = this.#work;
    if (work.kind === 'gauge') throw new Error('no time is measured here');
    const operations = rounds * this.#operations;
    await work.before?.();
    const places = await profiled(() => this.#repeat(work, operations));
    const requests = operations * work.requests;
    return Object.fromEntries(Object.entries(places).map(([place, microseconds]) => [place, microseconds / requests]));
  }

  async #repeat({ operation, full, notModified }: TimedWork, operations: number): Promise<void> {
    for (let done = 0; done < operations; done += 1) await operation();
    this.#stage.expect(full * operations, notModified * operations);
  }

  async end(): Promise<void> {
    await this.#stage.client.close();
  }
}

// The coordinator may be gone already.
const report = (message: Report): void => void process.send?.(message, undefined, undefined, () => undefined);

function fail(error: unknown): void {
  if (error instanceof Absent) report({ kind: 'absent', reason: error.message });
  else report({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
}

async function obey(worker: Worker, order: Order): Promise<void> {
  switch (order.kind) {
    case 'warm up':
      await worker.warmUp(order.warmUp, order.roundMs);
      report({ kind: 'ready', tally: worker.tally });
      break;
    case 'round': {
      const round = await worker.round();
      report({ kind: 'round', round, tally: worker.tally });
      break;
    }
    case 'profile': {
      const places = await worker.profile(order.rounds);
      report({ kind: 'profile', places, tally: worker.tally });
      break;
    }
    case 'end':
      await worker.end();
      process.disconnect();
  }
}

process.on('disconnect', () => process.exit());
try {
  const worker = await Worker.start(JSON.parse(process.argv[2] ?? '{}') as Task);
  process.on('message', (order: Order) => {
    obey(worker, order).catch(fail);
  });
  report({ kind: 'ready', tally: worker.tally });
} catch (error) {
  fail(error);
}
