/** What is known to fail, one file a configuration, `{ reason: [ids] }`; a surprise in either direction is an error. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Configuration } from './subject.js';
import { isFailure, type Judged } from './verdict.js';

/** Reason by test id. */
export type Expectations = ReadonlyMap<string, string>;

export interface Surprise {
  readonly id: string;
  readonly kind: 'unexpected failure' | 'unexpected pass' | 'unexplained failure';
  readonly detail: string;
}

/** A reason that `--update-expectations` had to leave for a person to write. */
const UNEXPLAINED = 'unexplained: ';
const BLOCKED = 'depends on ';

/** One file for all storages: they have no say in what HTTP allows. */
export function expectationsPath(directory: string, { options, adapter, shared }: Configuration): string {
  return join(directory, `${options}-${adapter}${shared ? '-shared' : ''}.json`);
}

export async function readExpectations(path: string): Promise<Expectations> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  return parseExpectations(text, path);
}

export function parseExpectations(text: string, path: string): Expectations {
  const content: unknown = JSON.parse(text);
  if (typeof content !== 'object' || content === null)
    throw new Error(`${path} is not an object of the form { reason: [ids] }`);
  const reasons = new Map<string, string>();
  for (const [reason, ids] of Object.entries(content)) {
    if (!Array.isArray(ids) || reason.trim() === '')
      throw new Error(`${path}: "${reason}" is not a reason with a list of ids`);
    for (const id of ids as unknown[]) {
      if (typeof id !== 'string') throw new Error(`${path}: an id under "${reason}" is not a string`);
      if (reasons.has(id)) throw new Error(`${path}: ${id} has two reasons`);
      reasons.set(id, reason);
    }
  }
  return reasons;
}

/** Looks only at tests that ran, so that a part of the suite can be checked against the whole list. */
export function findSurprises(judged: Iterable<Judged>, expected: Expectations): readonly Surprise[] {
  const surprises: Surprise[] = [];
  for (const one of judged) {
    if (one.verdict === 'untested') continue;
    const reason = expected.get(one.id);
    const failed = isFailure(one);
    if (failed && reason === undefined)
      surprises.push({ id: one.id, kind: 'unexpected failure', detail: describe(one) });
    if (failed && reason?.startsWith(UNEXPLAINED))
      surprises.push({ id: one.id, kind: 'unexplained failure', detail: reason });
    if (!failed && reason !== undefined)
      surprises.push({ id: one.id, kind: 'unexpected pass', detail: `expected to fail: ${reason}` });
  }
  return surprises;
}

export function describe({ verdict, blocker, result }: Judged): string {
  if (verdict === 'dependency_fail') return `${BLOCKED}${blocker ?? 'a test that did not pass'}`;
  return result === true || result === undefined ? verdict : `${verdict}: ${result[0]}: ${result[1]}`;
}

/** Keeps the reasons that are written already and the ids that did not run. */
export function updateExpectations(judged: Iterable<Judged>, expected: Expectations): Expectations {
  const updated = new Map(expected);
  for (const one of judged) {
    if (one.verdict === 'untested') continue;
    if (!isFailure(one)) updated.delete(one.id);
    else updated.set(one.id, chooseReason(one, expected.get(one.id)));
  }
  return updated;
}

/** What a person wrote stays; a dependency explains itself. */
function chooseReason(one: Judged, known: string | undefined): string {
  const isWritten = known !== undefined && !known.startsWith(UNEXPLAINED) && !known.startsWith(BLOCKED);
  if (isWritten) return known;
  return one.verdict === 'dependency_fail' ? describe(one) : UNEXPLAINED + describe(one);
}

export async function writeExpectations(path: string, expected: Expectations): Promise<void> {
  const byReason = new Map<string, string[]>();
  for (const [id, reason] of expected) byReason.set(reason, [...(byReason.get(reason) ?? []), id].sort());
  const sorted = [...byReason].sort(([a], [b]) => (a < b ? -1 : 1));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`);
}
