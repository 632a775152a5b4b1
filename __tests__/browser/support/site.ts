/**
 * A site for pages in a real browser: a test's own routes, and beside them what users put into their pages. Each has an
 * origin of its own, and so its own storages; cookies go by the host, and those all sites share.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Origin, type Reply, type Route, type Routes, startOrigin } from '../../support/origin.js';
import { root } from '../../support/root.js';

/** `script`: the plain script after axios. `module`: ES modules by an import map. */
export type Loading = 'script' | 'module';

export interface PageOptions {
  /** @default 'script' */
  readonly loading?: Loading;
  /** Those that a module page imports beside the main entry, such as `['indexeddb', 'tiered']`. @default [] */
  readonly subpaths?: readonly string[];
  /** Markup that stands before the scripts. */
  readonly head?: string;
  readonly body?: string;
  readonly headers?: NonNullable<Reply['headers']>;
}

export interface Site extends Origin {
  /** The page of the plain script. */
  readonly page: string;
}

interface Manifest {
  readonly name: string;
  readonly unpkg: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const DIST = join(root, 'dist');
const SERVED = '/-/';
const SCRIPT = { 'content-type': 'text/javascript' };

/** Every file that a page may load is read when it is asked for. */
const fileAt = (path: string): Route => () => ({ headers: SCRIPT, body: readFileSync(path) });

/** The target of `./subpath` for an ES module in a browser, as bundlers find it. */
function targetOf(subpath: string): string {
  const conditions = manifest.exports[subpath] as { readonly browser?: unknown };
  const found = (conditions.browser ?? conditions) as { readonly import: { readonly default: string } };
  return found.import.default.replace(/^\.\//, '');
}

const names = Object.keys(manifest.exports).filter((subpath) => !subpath.endsWith('.json'));
/** For pages without a bundler: what each import of a module page stands for. */
export const IMPORT_MAP = {
  imports: {
    axios: `${SERVED}axios.module.js`,
    ...Object.fromEntries(names.map((name) => [join(manifest.name, name), SERVED + targetOf(name)])),
  },
};

function shippedFiles(): Record<string, Route> {
  if (!existsSync(join(DIST, 'browser/index.min.js'))) throw new Error('There is no dist/: run "npm run build" first.');
  const built = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter((path) => /\.m?js$/.test(path));
  const installed = (path: string): Route => fileAt(join(root, 'node_modules', path));
  return {
    '/favicon.ico': { status: 204 },
    [`${SERVED}axios.js`]: installed('axios/dist/axios.min.js'),
    [`${SERVED}axios.module.js`]: installed('axios/dist/esm/axios.js'),
    ...Object.fromEntries(built.map((path) => [`${SERVED}dist/${path}`, fileAt(join(DIST, path))])),
  };
}

/** A page that has axios and the package as globals, which `run` of an open page hands to the code of a test. */
export function htmlPage(options: PageOptions = {}): Reply {
  const { loading = 'script', subpaths = [], head = '', body = '', headers } = options;
  const scripts = loading === 'script' ? plainScripts() : moduleScripts(subpaths);
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>test</title>${head}${scripts}</head>
<body>${body}</body></html>`;
  return { headers: { 'content-type': 'text/html', ...headers }, body: html };
}

function plainScripts(): string {
  const sources = [`${SERVED}axios.js`, `/-/${manifest.unpkg.replace(/^\.\//, '')}`];
  return sources.map((source) => `<script src="${source}"></script>`).join('');
}

function moduleScripts(subpaths: readonly string[]): string {
  const imports = subpaths.map((name, index) => `import * as subpath${index} from '${manifest.name}/${name}';`);
  const found = subpaths.map((name, index) => `'${name}': subpath${index}`);
  return `<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script><script type="module">
import axios from 'axios'; import * as axiosClientCache from '${manifest.name}'; ${imports.join(' ')}
Object.assign(globalThis, { axios, axiosClientCache, subpaths: { ${found.join(', ')} } });
</script>`;
}

/** `routes` win over `/`, the page of the plain script, and `/module`, that of the ES modules. */
export async function startSite(routes: Routes = {}): Promise<Site> {
  const pages = { '/': htmlPage(), '/module': htmlPage({ loading: 'module' }) };
  const origin = await startOrigin({ ...shippedFiles(), ...pages, ...routes });
  return { ...origin, page: `${origin.url}/` };
}
