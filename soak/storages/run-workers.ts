/** Runs worker processes to their end: each gets its settings as JSON and writes what it has seen to a file. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildWorker } from './worker-file.js';

/**
 * Gives what each of `count` processes has written.
 * @param program below `soak/`
 */
export async function runWorkers<Written>(program: string, settings: object, count: number): Promise<Written[]> {
  const file = await buildWorker(program);
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const run = async (_: unknown, index: number): Promise<Written> => {
    const written = join(folder, `${index}.json`);
    const worker = fork(file, [JSON.stringify(settings), written], { execArgv: ['--no-warnings'] });
    const [code] = (await once(worker, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`a worker ended with code ${code}`);
    return JSON.parse(readFileSync(written, 'utf8')) as Written;
  };
  try {
    return await Promise.all(Array.from({ length: count }, run));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
