/** Fuzzing: every target is given inputs that are nearly right or quite odd, and must neither crash nor be slow. */
import fc from 'fast-check';
import { slowTexts } from './linear.js';
import { described, type FuzzTarget } from './target.js';
import { TARGETS } from './targets.js';

export interface FuzzOptions {
  /** The same seed gives the same inputs. */
  readonly seed: number;
  /** So many inputs for each target. */
  readonly inputs: number;
  readonly log: (line: string) => void;
  /** The names of targets; all of them where it is left out. */
  readonly only?: readonly string[] | undefined;
  /** A target stops after so long, in milliseconds, whatever number it has come to. @default Infinity */
  readonly msEach?: number | undefined;
}

export interface Fuzzed {
  /** How many inputs were tried, of all targets together. */
  readonly inputs: number;
  /** A line for each fault, with the seed and the path by which fast-check plays it again. */
  readonly failures: readonly string[];
}

export const TARGET_NAMES: readonly string[] = TARGETS.map(({ name }) => name);

export async function fuzz({ seed, inputs, log, only, msEach = Infinity }: FuzzOptions): Promise<Fuzzed> {
  let tried = 0;
  const failures: string[] = [];
  for (const target of TARGETS) {
    if (only !== undefined && !only.includes(target.name)) continue;
    const startedMs = performance.now();
    const done = await fuzzTarget(target, { seed, inputs, msEach });
    tried += done.inputs;
    failures.push(...done.failures);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    log(`${target.name}: ${done.inputs} inputs, ${done.failures.length} failures, ${seconds} s`);
    for (const failure of done.failures) log(`  ${failure}`);
  }
  return { inputs: tried, failures };
}

/** Fuzzes one target, for tests of the fuzzer too. */
export async function fuzzTarget(
  target: FuzzTarget,
  { seed, inputs, msEach = Infinity }: Pick<FuzzOptions, 'seed' | 'inputs' | 'msEach'>,
): Promise<Fuzzed> {
  const failures: string[] = [];
  const noteUnhandled = (reason: unknown): void => {
    failures.push(`${target.name}: unhandled rejection: ${described(reason)}`);
  };
  process.on('unhandledRejection', noteUnhandled);
  const pristine = namesOfPrototypes();
  const check = (input: unknown): void | Promise<void> => {
    const fault = target.faultOf(input);
    if (fault instanceof Promise) return fault.then((found) => { assertFine(found, pristine); });
    assertFine(fault, pristine);
  };
  const limits = Number.isFinite(msEach) ? { interruptAfterTimeLimit: msEach, markInterruptAsFailure: false } : {};
  const run = await fc.check(fc.asyncProperty(target.inputs, async (input) => check(input)), {
    seed,
    numRuns: inputs,
    ...limits,
  });
  if (run.failed) {
    const how = `seed ${run.seed}, path ${run.counterexamplePath}`;
    failures.push(`${target.name}: ${String(run.errorInstance)} (${how}); input ${fc.stringify(run.counterexample)}`);
  }
  for (const line of slowTexts(target)) failures.push(`${target.name}: not linear: ${line}`);
  // What nobody waited for is told in a later turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', noteUnhandled);
  return { inputs: run.numRuns, failures };
}

const PROTOTYPES: readonly object[] = [Object.prototype, Array.prototype, Function.prototype];

const namesOfPrototypes = (): number =>
  PROTOTYPES.reduce((sum, each) => sum + Object.getOwnPropertyNames(each).length, 0);

function assertFine(fault: string | undefined, pristine: number): void {
  if (fault !== undefined) throw new Error(fault);
  if (namesOfPrototypes() !== pristine) throw new Error('a prototype was changed');
}
