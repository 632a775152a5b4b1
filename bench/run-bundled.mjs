// Bundles programs of the benchmark, without source maps, and runs the one that is called main.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';

/** `programs` are files of this folder by name: `main` is run here, and is told where `child` is. */
export async function runBundled(programs) {
  const { dirname: here } = import.meta;
  const modules = join(here, 'node_modules');
  if (!existsSync(modules)) {
    console.error('The other caches are not installed yet: run `npm ci --prefix bench` first.');
    process.exit(2);
  }

  // The bundles lie inside node_modules, so that their imports of packages resolve from here. What candidates write
  // lies beside them.
  const outdir = join(modules, '.cache', `bench-${process.pid}`);
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
  process.env.NODE_ENV = 'production';
  await bundle({
    entryPoints: Object.fromEntries(Object.entries(programs).map(([name, file]) => [name, join(here, file)])),
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const { main } = await import(pathToFileURL(join(outdir, 'main.mjs')).href);
  process.exitCode = await main(process.argv.slice(2), join(outdir, 'child.mjs'));
}
