/** One process of the soak: it writes or reads, and tells its parent. Arguments: storage, address, role, name. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { soakStorage } from '../storages/storages.js';
import { entryOf, KEYS, keyOf, lookUp, numberOf } from './entries.js';

/** To a worker: `end`, or a key to look up at once. */
export type Order = { readonly kind: 'end' } | { readonly kind: 'look'; readonly key: string };

/** From a worker. */
export type Report =
  /** A writer's entry was stored. */
  | { readonly kind: 'wrote'; readonly number: number }
  | { readonly kind: 'saw'; readonly found: boolean }
  | { readonly kind: 'ended'; readonly count: number }
  | { readonly kind: 'failed'; readonly message: string };

const [storageName, address = '', role, name] = process.argv.slice(2);
const storage = await soakStorage(storageName).open(address);
// What the parent does not hear any more it need not: then this process ends, below.
const report = (message: Report): void => void process.send?.(message, undefined, undefined, () => undefined);
let ended = false;

process.on('message', (order: Order) => {
  if (order.kind === 'end') ended = true;
  else look(order.key).catch(fail);
});
process.on('disconnect', () => process.exit());

async function look(key: string): Promise<void> {
  const found = await lookUp(storage, key);
  report({ kind: 'saw', found: found.length > 0 });
}

function fail(error: unknown): void {
  report({ kind: 'failed', message: `${role} ${name}: ${error instanceof Error ? error.message : String(error)}` });
  process.disconnect();
}

// Between two calls a turn of the event loop, or a driver that works in this thread would leave none for messages.

/** Overwrites its keys in turn; at times it deletes one first, and renews another. */
async function write(writer: number): Promise<number> {
  let number = 0;
  for (; !ended; number += 1, await nextTurn()) {
    const entry = entryOf(writer, number);
    if (number % 10 === 3) await storage.delete({ key: entry.key, resource: entry.resource, variant: '' });
    await storage.set(entry);
    if (number % 10 === 7 && !(await storage.touch(entry))) throw new Error(`${entry.key} was lost`);
    report({ kind: 'wrote', number });
  }
  return number;
}

/** Whatever it reads is whole, and never older than what it has read before. */
async function read(): Promise<number> {
  const seen = new Map<string, number>();
  let count = 0;
  for (; !ended; count += 1, await nextTurn()) {
    const key = keyOf(count % 4, (count * 17) % KEYS);
    for (const entry of await lookUp(storage, key)) {
      const number = numberOf(entry);
      if (number < (seen.get(key) ?? 0)) throw new Error(`${key} went back from ${seen.get(key)} to ${number}`);
      seen.set(key, number);
    }
    if (count % 500 === 0) for await (const { head } of storage.entries()) JSON.parse(head);
  }
  return count;
}

try {
  const count = role === 'writer' ? await write(Number(name)) : await read();
  await storage.close();
  report({ kind: 'ended', count });
  process.disconnect();
} catch (error) {
  fail(error);
}
