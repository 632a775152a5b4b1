/** Programs for workers, for which no import map is: one file with all that they import, as bundlers make it. */
import { buildSync } from 'esbuild';
import type { Reply } from '../../support/origin.js';
import { root } from '../../support/root.js';

/** `program` is JavaScript that imports axios and the package by their names. */
export function bundled(program: string): Reply {
  const { outputFiles } = buildSync({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
    // Without the paths by which the project's own programs find lib/ in the place of dist/.
    tsconfigRaw: {},
  });
  return { headers: { 'content-type': 'text/javascript' }, body: outputFiles[0]?.text };
}
