/** From results to verdicts: what a test's kind and its dependencies make of its result, and the counts. */
import type { Result } from './client.js';
import type { Kind, Suite, Test } from './suite.js';

/** `pass`, `fail` for required, `optional_fail` for optimal, `yes`, `no` for check; the rest could not be judged. */
export type Verdict =
  | 'pass'
  | 'fail'
  | 'optional_fail'
  | 'yes'
  | 'no'
  | 'dependency_fail'
  | 'setup_fail'
  | 'harness_fail'
  | 'retry'
  | 'untested';

export interface Judged {
  readonly id: string;
  readonly kind: Kind;
  readonly verdict: Verdict;
  readonly result: Result | undefined;
  /** The dependency that did not pass, where that is the verdict. */
  readonly blocker: string | undefined;
}

export interface Count {
  readonly passed: number;
  readonly total: number;
}

export type Counts = Readonly<Record<Kind, Count>> & { readonly unjudged: Readonly<Partial<Record<Verdict, number>>> };

const KINDS: readonly Kind[] = ['required', 'optimal', 'check'];

export function isGood(verdict: Verdict): boolean {
  return verdict === 'pass' || verdict === 'yes';
}

/** Judges every test of the suites; a dependency that is skipped or missing counts as not passed. */
export function judge(suites: readonly Suite[], results: ReadonlyMap<string, Result>): ReadonlyMap<string, Judged> {
  const tests = new Map(suites.flatMap((suite) => suite.tests).map((test) => [test.id, test]));
  const judged = new Map<string, Judged>();
  const passes = (id: string, path: readonly string[]): boolean => {
    const test = tests.get(id);
    return test !== undefined && !path.includes(id) && isGood(visit(test, path).verdict);
  };
  const visit = (test: Test, path: readonly string[]): Judged => {
    const known = judged.get(test.id);
    if (known !== undefined) return known;
    const result = results.get(test.id);
    const blocker = test.depends_on?.find((id) => !passes(id, [...path, test.id]));
    const kind = test.kind ?? 'required';
    const one = { id: test.id, kind, verdict: decideVerdict(kind, result, blocker !== undefined), result, blocker };
    judged.set(test.id, one);
    return one;
  };
  for (const test of tests.values()) visit(test, []);
  return judged;
}

function decideVerdict(kind: Kind, result: Result | undefined, isBlocked: boolean): Verdict {
  if (result === undefined) return 'untested';
  if (isBlocked) return 'dependency_fail';
  if (result !== true && result[0] === 'Setup') return result[1] === 'retry' ? 'retry' : 'setup_fail';
  if (result !== true && result[0] === 'Timeout') return 'harness_fail';
  switch (kind) {
    case 'required':
      return result === true ? 'pass' : 'fail';
    case 'optimal':
      return result === true ? 'pass' : 'optional_fail';
    case 'check':
      return result === true ? 'yes' : 'no';
  }
}

/** What must be expected to be accepted: every required or optimal test that did not pass. */
export function isFailure(judged: Judged): boolean {
  return judged.kind !== 'check' && judged.verdict !== 'untested' && !isGood(judged.verdict);
}

export function count(all: readonly Judged[]): Counts {
  const ran = all.filter((one) => one.verdict !== 'untested');
  const ofKind = (kind: Kind): Count => {
    const some = ran.filter((one) => one.kind === kind);
    return { passed: some.filter((one) => isGood(one.verdict)).length, total: some.length };
  };
  const unjudged: Partial<Record<Verdict, number>> = {};
  for (const verdict of ['dependency_fail', 'setup_fail', 'harness_fail', 'retry'] as const) {
    const number = ran.filter((one) => one.verdict === verdict).length;
    if (number > 0) unjudged[verdict] = number;
  }
  const [required, optimal, check] = KINDS.map(ofKind) as [Count, Count, Count];
  return { required, optimal, check, unjudged };
}
