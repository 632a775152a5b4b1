/** Tests that need something of the machine: a line and a skip where it is missing, a failure in CI. */
import { unless } from './unless.js';

/** In milliseconds: how long something may take to start or to end. */
export const LIMIT_MS = 90_000;

/**
 * A `describe` of tests that use what `begin` starts; it answers from the first `beforeAll` of `tests` on.
 * @param missing why there is none: the tests are skipped with this reason, or fail where `REQUIRE_SERVICES=1`.
 */
export function describeWhere<T>(
  name: string,
  missing: string | undefined,
  begin: () => Promise<T | undefined>,
  tests: (engine: () => T) => void,
): void {
  let running: T | undefined;
  const engine = (): T => {
    if (running === undefined) throw new Error(`${name} answers within tests and their hooks only`);
    return running;
  };
  if (missing === undefined) {
    describe(`on ${name}`, () => {
      beforeAll(async () => {
        running = await begin();
      }, LIMIT_MS);
      tests(engine);
    });
  } else if (process.env['REQUIRE_SERVICES'] === '1') {
    test(`${name} is there, for REQUIRE_SERVICES=1`, () => {
      throw new Error(missing);
    });
  } else {
    unless(missing, `${name}: its tests are`).describe(`on ${name}`, () => tests(engine));
  }
}
