/** `verify`: reads every entry whole, and tells what is damaged or of no use. */
import { lineOf } from '../faults.js';
import { count } from '../format.js';
import { type Listed, listed, readEntry } from '../listing.js';
import type { Opened } from '../open.js';
import type { Output } from '../output.js';

interface Finding {
  readonly problem: string;
  readonly url: string | undefined;
  readonly key: string | undefined;
}

/** @returns the exit code: 1 where damage was found. */
export async function verify({ storage, place }: Opened, output: Output): Promise<number> {
  const findings: Finding[] = [];
  const stop = storage.onProblem?.((_operation, error) => {
    findings.push({ problem: lineOf(error), url: undefined, key: undefined });
  });
  let read = 0;
  for await (const each of listed(storage)) {
    const before = findings.length;
    const problem = await problemOf(each, storage);
    if (problem === undefined) read += 1;
    // The storage may have told of it itself.
    else if (findings.length === before) findings.push({ problem, url: each.head?.url, key: each.info.key });
  }
  stop?.();
  for (const each of findings) {
    if (output.isJson) output.json(each);
    else output.line(output.colours.red(`${each.url ?? each.key ?? place}: ${each.problem}`));
  }
  if (!output.isJson) output.line(`${count(read, 'entry')} of ${place} read whole, ${findings.length} damaged`);
  return findings.length === 0 ? 0 : 1;
}

/** Says what is wrong with an entry; `undefined` where it is read whole. */
async function problemOf({ info, head }: Listed, storage: Opened['storage']): Promise<string | undefined> {
  if (head === undefined) return 'the head is of another version, or damaged';
  try {
    const entry = await readEntry(storage, info);
    if (entry === undefined) return 'it is listed and cannot be read';
    const { byteLength } = entry.body;
    return byteLength === info.bodyBytes ? undefined : `the body has ${byteLength} bytes and not ${info.bodyBytes}`;
  } catch (error) {
    return lineOf(error);
  }
}
