/** What is under way at the origin and in the storage: each piece waits until a schedule lets it go on, in any order. */

/** How a piece of work goes on. */
export type Ending =
  /** It is done, and its caller told. */
  | 'whole'
  /** It takes effect, and whoever waits for it is told by a later step. */
  | 'half'
  /** It fails without effect. */
  | 'fails'
  /** It takes effect, and fails towards whoever waits for it. */
  | 'fails late';

export interface Task {
  /** For people: `get`, `origin GET 1`. */
  readonly what: string;
  /** Goes on; true where nothing is left of it. */
  advance(ending: Ending): boolean | Promise<boolean>;
}

export class Tasks {
  readonly pending: Task[] = [];

  add(task: Task): void {
    this.pending.push(task);
  }

  /** Lets one of those that are under way go on: the nth, counted from the oldest and around. */
  async release(nth: number, ending: Ending): Promise<void> {
    const index = nth % this.pending.length;
    const task = this.pending[index];
    if (task !== undefined && (await task.advance(ending))) {
      const at = this.pending.indexOf(task);
      if (at >= 0) this.pending.splice(at, 1);
    }
  }
}
