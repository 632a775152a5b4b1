/** Random requests with and without a cache, on each copy of axios that is tested with. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/bundle.mjs';
import type { CompareResult, CompareSettings } from './compare.js';

/** Aliases among the dev dependencies, and the newest. */
export const COPIES = ['axios-1.7', 'axios-1.13', 'axios'] as const;
export type Copy = (typeof COPIES)[number];

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function runDifferential(copy: Copy, settings: CompareSettings): Promise<CompareResult> {
  // Inside node_modules, so that what it imports is found.
  const folder = mkdtempSync(join(root, 'node_modules', '.proof-'));
  try {
    const outfile = join(folder, 'worker.mjs');
    const entryPoints = [join(root, 'proof', 'differential', 'worker.ts')];
    await bundle({ entryPoints, outfile, alias: copy === 'axios' ? {} : { axios: copy } });
    const worker = fork(outfile, [JSON.stringify(settings)], { execArgv: ['--no-warnings'] });
    const ended = once(worker, 'exit') as Promise<[number | null]>;
    let result: CompareResult | undefined;
    worker.on('message', (message) => { result = message as CompareResult; });
    const [code] = await ended;
    return result ?? { runs: 0, hits: 0, failure: `the worker ended with code ${code}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
