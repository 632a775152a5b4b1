/** Tests that cannot run everywhere: whoever reads the output is told which did not, and why. */

/** One line on standard error, which runners of tests show however they show the rest. */
export function tellSkipped(what: string, reason: string): void {
  process.stderr.write(`!!! ${what} skipped, ${reason}.\n`);
}

/**
 * What begins tests, or skips them and says so.
 * @param reason why they cannot run here; `undefined`: they can.
 * @param what names them, up to the word "skipped", such as `pipes: its test is`.
 */
export function unless(reason: string | undefined, what: string): Pick<typeof globalThis, 'test' | 'describe'> {
  if (reason === undefined) return { test, describe };
  tellSkipped(what, reason);
  return { test: test.skip, describe: describe.skip };
}
