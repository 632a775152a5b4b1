/** Where one contestant is measured: its client, its origin, and the count of what the origin should have seen. */
import type { Answer, Candidate, Client, RequestConfig, Setting } from './candidates/candidate.js';
import type { Counts } from './origins.js';

export class Stage {
  readonly candidate: Candidate;
  readonly setting: Setting;
  readonly client: Client;
  #full = 0;
  #notModified = 0;
  /** Whether the last answer to be validated has left nothing that the next one could validate. */
  #isLost = false;

  constructor(candidate: Candidate, setting: Setting, client: Client) {
    this.candidate = candidate;
    this.setting = setting;
    this.client = client;
  }

  /** All that the origin should have seen so far. */
  get expected(): Counts {
    return { full: this.#full, notModified: this.#notModified };
  }

  expect(full: number, notModified = 0): void {
    this.#full += full;
    this.#notModified += notModified;
  }

  /** How many requests for fresh answers that are stored already reach the origin. */
  reaching(hits: number): number {
    return this.candidate.reaches === 'always' ? hits : 0;
  }

  /** Stores the answer to `path`. */
  async fill(path: string, config?: RequestConfig): Promise<void> {
    this.expect(this.candidate.reaches === 'never' ? 0 : 1);
    await this.#ask(path, config);
  }

  /** Asks for an answer that is stored and fresh. */
  async hit(path: string, config?: RequestConfig): Promise<Answer> {
    this.expect(this.reaching(1));
    const answer = await this.#ask(path, config);
    const isHit = answer.cached ?? true;
    if (this.candidate.reaches === 'once' && !isHit) throw new Error('a hit does not say that it is one');
    return answer;
  }

  /** Asks for an answer that must be validated, and is stored as far as the candidate keeps it. */
  async renew(path: string): Promise<Answer> {
    const isStored = this.candidate.reaches === 'once' && !this.#isLost;
    this.#isLost = isStored && this.candidate.losesRenewed === true;
    this.expect(isStored ? 0 : 1, isStored ? 1 : 0);
    return this.#ask(path);
  }

  async #ask(path: string, config?: RequestConfig): Promise<Answer> {
    const answer = this.client.look(await this.client.get(path, config));
    this.check(answer, path);
    return answer;
  }

  check({ data }: Answer, path: string): void {
    const text = JSON.stringify(data);
    const right = this.setting.textOf(path);
    if (text === right) return;
    throw new Error(`the answer to ${path} is ${text.slice(0, 100)} instead of ${right.slice(0, 100)}`);
  }

  /** Whether two callers may do with their data what the candidate promises. */
  async checkOwnership(ask: () => Promise<Answer>): Promise<void> {
    const [one, other] = [await ask(), await ask()];
    switch (this.candidate.data) {
      case 'shared':
        return;
      case 'frozen':
        if ([one.data, ...(one.data as unknown[])].every((each) => Object.isFrozen(each))) return;
        throw new Error('the data can be changed');
      case 'own':
        if (one.data === other.data) throw new Error('two callers hold one object');
        for (const row of one.data as object[]) Object.assign(row, { name: 'changed by a caller' });
        await ask();
    }
  }
}
