// Which subpaths a browser can use, and what stands for the others in the builds for browsers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name: packageName, dependencies } = readJson('package.json');
const entries = readJson('rollup.entries.json');
/** What is there in a browser too, or can be. */
const EVERYWHERE = new Set(['axios', '@opentelemetry/api', ...Object.keys(dependencies)]);

const { metafile } = buildSync({
  entryPoints: entries,
  absWorkingDir: root,
  outdir: '.',
  bundle: true,
  format: 'esm',
  packages: 'external',
  external: ['node:*'],
  metafile: true,
  write: false,
  tsconfigRaw: {},
});

/** The names that each subpath exports whose code imports a module of Node or a driver, however far down. */
export const namesForNode = new Map(
  Object.keys(entries).flatMap((entry) => {
    const { imports, exports } = metafile.outputs[`${entry}.js`];
    return imports.every(({ path }) => EVERYWHERE.has(path)) ? [] : [[entry, exports]];
  }),
);

const PREFIX = '\0for-node:';
const helper = join(root, 'lib/api/not-for-browsers.ts');

/**
 * The entries of the builds for browsers. One for Node has the same names there, so that whatever imports it can be
 * built; who calls one of them is told that it is not for browsers.
 */
export const browserEntries = Object.fromEntries(
  Object.entries(entries).map(([entry, path]) => [entry, namesForNode.has(entry) ? PREFIX + entry : path]),
);

/** For rollup; it makes the code of the entries that stand for those of Node. */
export const entriesForNode = () => ({
  name: 'entries-for-node',
  resolveId: (source) => (source.startsWith(PREFIX) ? source : null),
  load(id) {
    if (!id.startsWith(PREFIX)) return null;
    const entry = id.slice(PREFIX.length);
    const lines = namesForNode.get(entry).map((name) => {
      const given = [name, `${packageName}/${entry}`].map((text) => JSON.stringify(text)).join(', ');
      return `export const ${name} = /* @__PURE__ */ notForBrowsers(${given});`;
    });
    return [`import { notForBrowsers } from ${JSON.stringify(helper)};`, ...lines].join('\n');
  },
});
