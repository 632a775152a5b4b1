/** What is fuzzed: where its inputs come from, and what is a fault. */
import type fc from 'fast-check';

export interface FuzzTarget<Input = unknown> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Says what is wrong with what became of an input; `undefined` where nothing is. What it throws is a fault too. */
  readonly faultOf: (input: Input) => string | undefined | Promise<string | undefined>;
  /** Reads a long text, which must take time in proportion to its length. */
  readonly read: (text: string) => unknown;
  /** Such texts are made of these, repeated. */
  readonly parts: readonly string[];
}

/** Lets targets of several kinds of input stand in one list. */
export const target = <Input>(given: FuzzTarget<Input>): FuzzTarget => given as FuzzTarget;

/** What an error says, for a report. */
export function described(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const [, at = ''] = /\n\s+at (.*)/.exec(error.stack ?? '') ?? [];
  return `${error.name}: ${error.message.slice(0, 200)} at ${at}`;
}

/** Gives the fault of `run`, which may throw an error that `isExpected` only. */
export function faultOfThrown(run: () => unknown, isExpected: (error: unknown) => boolean): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isExpected(error) ? undefined : described(error);
  }
}
