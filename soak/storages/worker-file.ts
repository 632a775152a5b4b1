/** Programs for worker processes, each built to one file. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = JSON.parse(readFileSync(join(root, 'rollup.entries.json'), 'utf8')) as Readonly<Record<string, string>>;

/**
 * Builds a program below `soak/` to a file inside node_modules, so that it finds packages; it is gone with this process.
 */
export async function buildWorker(program: string): Promise<string> {
  const folder = mkdtempSync(join(root, 'node_modules', '.soak-'));
  process.on('exit', () => { rmSync(folder, { recursive: true, force: true }); });
  const outfile = join(folder, 'worker.mjs');
  const alias = Object.entries(entries).map(([name, file]) => [
    name === 'index' ? 'axios-client-cache' : `axios-client-cache/${name}`,
    join(root, file),
  ]);
  await build({
    entryPoints: [join(root, 'soak', program)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The own name stays out of what is left to Node, as an alias comes before.
    packages: 'external',
    alias: Object.fromEntries(alias.reverse()) as Record<string, string>,
    tsconfigRaw: {},
  });
  return outfile;
}
