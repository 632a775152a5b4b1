/** Order among calls of this process: so many at once, and one after the other for one name. */

/** Gives a function that runs what it is given, at most `limit` at once, in the order in which they came. */
export function createGate(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= limit) await new Promise<void>((resolve) => { waiting.push(resolve); });
    else running += 1;
    try {
      return await work();
    } finally {
      // Who waits takes this place over, so that the number of places stays.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** For every instance in this process, as they may share a folder. */
const lastOf = new Map<string, Promise<unknown>>();

/** Runs `work` once all work of that name which came before has ended, well or not. */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const own = (lastOf.get(name) ?? Promise.resolve()).then(work);
  const ended = own.catch(() => undefined);
  lastOf.set(name, ended);
  try {
    return await own;
  } finally {
    if (lastOf.get(name) === ended) lastOf.delete(name);
  }
}
