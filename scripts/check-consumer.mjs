// Packs the package, installs the tarball with axios and no driver in an empty folder, and uses it there as its users
// do: from ESM, from CommonJS, from TypeScript under each module resolution, and through bundlers for browsers. Any
// mismatch ends with exit code 1.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, transform } from 'esbuild';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { name, devDependencies } = manifest;
/** It is no driver: who imports `axios-client-cache/otel` uses it already. */
const TELEMETRY = '@opentelemetry/api';
const drivers = Object.keys(manifest.peerDependenciesMeta).filter((each) => each !== TELEMETRY);
const subpaths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'));
const specifiers = subpaths.map((path) => name + path.slice(1));
const subpathsForNode = subpaths.filter((path) => 'node' in manifest.exports[path]).map((path) => path.slice(2));
/** What a bundler may put into an app that only asks whether an error is one of the cache's. */
const LIMIT_OF_GUARD = 1500;

const folder = mkdtempSync(join(tmpdir(), `${name}-consumer-`));
/** Where nothing is installed at all. */
const empty = mkdtempSync(join(tmpdir(), `${name}-empty-`));
/** A project that has older drivers for purposes of its own. */
const withDrivers = mkdtempSync(join(tmpdir(), `${name}-with-drivers-`));
process.on('exit', () => {
  for (const each of [folder, empty, withDrivers]) rmSync(each, { recursive: true, force: true });
});

const QUICKSTART = `
async function main() {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ asked }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const baseURL = \`http://127.0.0.1:\${address.port}\`;

  const http = setupCache(axios.create({ baseURL }), { expireAfter: '1h' });
  const first = await http.get('/users');
  const second = await http.get('/users');
  console.log(first.cached);
  console.log(second.cached);

  const instance = axios.create({ baseURL });
  setupCache(instance);
  console.log((await instance.get('/teams')).cached);
  console.log((await instance.get('/teams')).cached);
  console.log(asked);
  server.close();
  server.closeAllConnections();
}
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;
const EXPECTED = 'false\ntrue\nfalse\ntrue\n2\n';

const IMPORTS = `import { createServer } from 'node:http';
import axios from 'axios';
import { setupCache } from '${name}';
`;
const REQUIRES = `const { createServer } = require('node:http');
const axios = require('axios');
const { setupCache } = require('${name}');
`;

/** The same, typed, without a type of Node: what a project for browsers sees. */
const BROWSER_TYPES = `import axios from 'axios';
import { setupCache } from '${name}';
${specifiers.map((each, index) => `import * as entry${index} from '${each}';\nvoid entry${index};`).join('\n')}

export async function users(): Promise<string> {
  const http = setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
  const response = await http.get<{ name: string }[]>('/users', { cache: '5m' });
  const cached: boolean = response.cached;
  return cached ? response.cache.status : response.data.map((user) => user.name).join();
}
`;

/** What the page is to call with the address of its server. */
const BROWSER_APP = `globalThis.visit = async (baseURL) => {
  const http = setupCache(axios.create({ baseURL, adapter: 'fetch' }), { expireAfter: '1h' });
  const answers = [await http.get('/users'), await http.get('/users'), await http.get('/moved')];
  return answers.map(({ cached, data, cache }) => [cached, data.asked, cache.key.length].join());
};
`;

/** A page without anything of Node: a context that has what every browser has, and no more. */
const BROWSER_PAGE = `import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createContext, runInContext } from 'node:vm';

const NAMES = ['AbortController', 'AbortSignal', 'Blob', 'FormData', 'Headers', 'ReadableStream', 'Request', 'Response',
  'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'btoa', 'clearTimeout', 'console', 'crypto', 'fetch',
  'setTimeout'];
const page = createContext(Object.fromEntries(NAMES.map((name) => [name, globalThis[name]])));
for (const script of process.argv.slice(2)) runInContext(readFileSync(script, 'utf8'), page);

let asked = 0;
const server = createServer(({ url }, response) => {
  if (url === '/moved') return response.writeHead(301, { Location: '/users?moved' }).end();
  asked += 1;
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ asked }));
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
console.log((await page.visit('http://127.0.0.1:' + server.address().port)).join(' '));
server.close();
server.closeAllConnections();
`;
const EXPECTED_ON_PAGE = 'false,1,43 true,1,43 false,2,43\n';

const jsdom = join(root, 'node_modules', 'jest-environment-jsdom');
const JEST_TESTS = {
  jsdom: `/** @jest-environment ${jsdom} */
const axios = require('axios');
const { setupCache } = require('${name}');
test('is answered, and then from the cache', async () => {
  expect(typeof TextEncoder + typeof TextDecoder + typeof Response).toBe('undefined'.repeat(3));
  const adapter = async (config) => ({ data: '{"name":"Zoë"}', status: 200, statusText: 'OK', headers: {}, config });
  const http = setupCache(axios.create({ adapter }), { expireAfter: '1h' });
  expect((await http.get('/users')).data).toEqual({ name: 'Zoë' });
  expect((await http.get('/users')).cached).toBe(true);
});
`,
  factory: `jest.mock('axios', () => {
  return { __esModule: true, default: { create: () => ({ get() {}, defaults: {}, interceptors: {} }) } };
});
test('what a factory makes is given back', () => {
  const instance = require('axios').default.create();
  expect(require('${name}').setupCache(instance, {})).toBe(instance);
});
`,
  doubles: `jest.mock('axios');
test('what doubles give is given back', () => {
  expect(require('${name}').setupCache(require('axios').create(), {})).toBeUndefined();
});
`,
};

/** A project with two caches: the type checker knows the options of each. */
const OTHER = 'axios-cache-interceptor';
const BESIDE_ANOTHER_CACHE = `import axios from 'axios';
import { setupCache } from '${name}';
import { setupCache as setupOther } from '${OTHER}';

const ours = setupCache(axios.create());
const theirs = setupOther(axios.create());
export const asked = [ours.get('/users', { cache: '5m' }), theirs.get('/users', { cache: { ttl: 300_000 } })];
// @ts-expect-error Theirs has no such option.
export const strange = theirs.get('/users', { cache: { expireAfter: '5m' } });
// @ts-expect-error Ours has no such option.
export const misspelt = ours.get('/users', { cache: { expiresAfter: '5m' } });
`;

let failures = 0;
async function check(title, run) {
  try {
    await run();
    console.log(`ok      ${title}`);
  } catch (error) {
    failures += 1;
    console.error(`FAILED  ${title}\n${String(error.message).replace(/^/gm, '        ')}`);
  }
}

function execute(command, args, cwd = folder) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 180_000 });
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error.message}`, {
      cause: error,
    });
  }
}

function write(path, text) {
  writeFileSync(join(folder, path), text);
}

function runQuickstart(path, cwd = folder) {
  const output = execute(process.execPath, [path], cwd);
  if (output !== EXPECTED) {
    throw new Error(`expected ${JSON.stringify(EXPECTED)}, got ${JSON.stringify(output)}`);
  }
}

/** The tarball, and the paths of the files in it. */
function pack() {
  const [{ filename, files }] = JSON.parse(
    // The build of `prepack` writes to standard output too; the list of files is what stands last.
    execute('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^]*?(?=^\[\s*$)/m, ''),
  );
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}

const asDeveloped = (...names) => names.map((each) => `${each}@${devDependencies[each]}`);

function install(cwd, packages) {
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages], cwd);
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
function typecheck(config, include, compilerOptions) {
  const strictest = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
  const common = { target: 'es2022', lib: ['es2022', 'dom'], ...strictest };
  write(`tsconfig.${config}.json`, JSON.stringify({ include, compilerOptions: { ...common, ...compilerOptions } }));
  execute(process.execPath, [tsc, '-p', `tsconfig.${config}.json`]);
}

/** The first line of each error that the type checker reports. */
function faultsOf(typechecks) {
  try {
    typechecks();
    return [];
  } catch ({ message }) {
    return message.split('\n').filter((line) => /^\S.*: error TS\d+: /.test(line));
  }
}

let packed;
try {
  packed = pack();
  install(folder, [packed.tarball, ...asDeveloped('axios', '@types/node', TELEMETRY)]);
} catch (error) {
  console.error(`The package cannot be packed and installed.\n${error.message}`);
  process.exit(1);
}

await check('no driver is installed', () => {
  const present = drivers.filter((driver) => existsSync(join(folder, 'node_modules', driver)));
  if (present.length > 0) throw new Error(`found ${present.join(', ')}`);
});

await check('README and pages link to nothing that is not packed', () => {
  const pages = packed.files.filter((path) => path.endsWith('.md'));
  if (!pages.includes('docs/troubleshooting.md')) throw new Error('the pages are not packed');
  const missing = pages.flatMap((page) => {
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g);
    const targets = [...links].map(([, path]) => posix.join(posix.dirname(page), path));
    return targets.filter((path) => !packed.files.includes(path)).map((path) => `${page}: ${path}`);
  });
  if (missing.length > 0) throw new Error(missing.join('\n'));
});

await check('a project with mongoose 8 and redis 4 of its own installs it, and runs', () => {
  install(withDrivers, [packed.tarball, ...asDeveloped('axios'), 'mongoose@8', 'redis@4']);
  writeFileSync(join(withDrivers, 'quickstart.mjs'), IMPORTS + QUICKSTART);
  runQuickstart('quickstart.mjs', withDrivers);
});

const LOAD_ALL = `
const names = ${JSON.stringify(specifiers)};
const { createRequire } = await import('node:module');
const require = createRequire(import.meta.url);
for (const name of names) {
  const fromImport = Object.keys(await import(name)).sort().join();
  const fromRequire = Object.keys(require(name)).sort().join();
  if (fromImport === '' || fromImport !== fromRequire) throw new Error(name + ': ' + fromImport + ' | ' + fromRequire);
}
`;
await check('every subpath loads without drivers, and exports the same names to ESM and CommonJS', () => {
  write('load-all.mjs', LOAD_ALL);
  execute(process.execPath, ['load-all.mjs']);
});

/** What a browser may have saved of one request. */
const HAR = {
  log: {
    version: '1.2',
    creator: { name: 'a browser', version: '1' },
    entries: [
      {
        startedDateTime: new Date().toISOString(),
        time: 1,
        request: { method: 'GET', url: 'https://api.example.com/users', headers: [] },
        response: {
          status: 200,
          statusText: 'OK',
          headers: [{ name: 'Cache-Control', value: 'max-age=3600' }],
          content: { size: 2, mimeType: 'application/json', text: '{}' },
        },
      },
    ],
  },
};
await check('the command line by npx, in an empty folder', () => {
  writeFileSync(join(empty, 'saved.har'), JSON.stringify(HAR));
  const npx = (...args) => {
    const options = ['--yes', '--prefer-offline', '--package', packed.tarball, '--package', asDeveloped('axios')[0]];
    return execute('npx', [...options, '--', name, ...args], empty);
  };
  const imported = npx('import', 'saved.har', './http-cache');
  if (!imported.startsWith('1 entry copied')) throw new Error(`import: ${imported}`);
  const listed = npx('ls', './http-cache', '--json');
  const { url, status, bytes } = JSON.parse(listed);
  if (`${url} ${status} ${bytes}` !== 'https://api.example.com/users 200 2') throw new Error(`ls: ${listed}`);
});

await check('ESM', () => {
  write('quickstart.mjs', IMPORTS + QUICKSTART);
  runQuickstart('quickstart.mjs');
});
await check('CommonJS', () => {
  write('quickstart.cjs', REQUIRES + QUICKSTART);
  runQuickstart('quickstart.cjs');
});

mkdirSync(join(folder, 'src'));
write('src/quickstart.mts', IMPORTS + QUICKSTART);
write('src/quickstart.cts', IMPORTS + QUICKSTART);
for (const [module, moduleResolution] of [
  ['node16', 'node16'],
  ['nodenext', 'nodenext'],
  ['preserve', 'bundler'],
]) {
  await check(`TypeScript, module resolution ${moduleResolution}`, () => {
    const outDir = `out-${moduleResolution}`;
    const options = { module, moduleResolution, outDir, rootDir: 'src', types: ['node'], esModuleInterop: true };
    typecheck(moduleResolution, ['src'], options);
    runQuickstart(`${outDir}/quickstart.mjs`);
    // With "preserve" a bundler reads the output, so only the ES module of it runs as it is.
    if (module !== 'preserve') runQuickstart(`${outDir}/quickstart.cjs`);
  });
}

await check('TypeScript for browsers, without the types of Node', () => {
  mkdirSync(join(folder, 'browser'));
  write('browser/users.ts', BROWSER_TYPES);
  typecheck('browser', ['browser'], { module: 'esnext', moduleResolution: 'bundler', noEmit: true, types: [] });
});

await check('TypeScript with the module resolution of old projects, which knows no `exports`', () => {
  mkdirSync(join(folder, 'old'));
  write('old/users.ts', BROWSER_TYPES);
  const options = { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0', esModuleInterop: true };
  typecheck('old', ['old'], { ...options, noEmit: true, types: [] });
});

await check('TypeScript beside axios-cache-interceptor: by skipLibCheck, without which its declarations alone fail', () => {
  install(folder, [packed.tarball, ...asDeveloped('axios', '@types/node', TELEMETRY, OTHER)]);
  mkdirSync(join(folder, 'both'));
  write('both/users.ts', BESIDE_ANOTHER_CACHE);
  const options = { module: 'nodenext', moduleResolution: 'nodenext', noEmit: true, types: ['node'] };
  typecheck('both', ['both'], { ...options, skipLibCheck: true });
  const faults = faultsOf(() => typecheck('both', ['both'], options));
  const strange = faults.filter((fault) => !fault.startsWith(`node_modules/${OTHER}/`) || !fault.includes('TS2430'));
  if (strange.length > 0) throw new Error(strange.join('\n'));
  if (faults.length === 0) throw new Error('There are no errors any more: docs/troubleshooting.md says otherwise.');
});

await check('jest: a test in jsdom, and tests that replace axios', () => {
  mkdirSync(join(folder, 'jest'));
  for (const [file, text] of Object.entries(JEST_TESTS)) write(`jest/${file}.test.cjs`, text);
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  execute(process.execPath, [jest, '--runInBand', '--rootDir', folder, '--testMatch', '**/jest/*.test.cjs']);
});

/** The package's own files are those for browsers, which need nothing but axios, and that once. */
function checkModules(paths) {
  const own = paths.map((path) => path.split(`node_modules/${name}/`)[1]).filter((path) => path !== undefined);
  const foreign = own.filter((path) => !path.startsWith('dist/browser/'));
  if (own.length === 0 || foreign.length > 0) throw new Error(`bundled of ${name}: ${own.join()}`);
  const nested = paths.filter((path) => path.lastIndexOf('node_modules') !== path.indexOf('node_modules'));
  if (nested.length > 0) throw new Error(`bundled twice: ${nested.join()}`);
}

function runOnPage(...scripts) {
  write('page.mjs', BROWSER_PAGE);
  const output = execute(process.execPath, ['page.mjs', ...scripts]);
  if (output !== EXPECTED_ON_PAGE) throw new Error(`expected ${EXPECTED_ON_PAGE}, got ${output}`);
}

await check('a plain page: the script after that of axios answers from the cache', () => {
  write('plain.js', `const { setupCache } = axiosClientCache;\n${BROWSER_APP}`);
  runOnPage('node_modules/axios/dist/axios.min.js', join('node_modules', name, manifest.unpkg), 'plain.js');
});

/** Bundles `entry` into `outfile` and gives the paths of what became part of it. */
async function bundleByEsbuild(entry, outfile, format = 'iife') {
  const { metafile, warnings } = await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'browser',
    format,
    minify: true,
    metafile: true,
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
  return Object.keys(metafile.inputs);
}

/** Gives the chunks of the bundle, in which only `external` is left to be imported. */
async function bundleByRollup(entry, external) {
  const bundle = await rollup({
    input: join(folder, entry),
    external,
    plugins: [nodeResolve({ browser: true, preferBuiltins: false })],
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  checkModules(bundle.watchFiles);
  const { output } = await bundle.generate({ format: 'es' });
  const files = new Set(output.map(({ fileName }) => fileName));
  const imports = new Set(output.flatMap((chunk) => chunk.imports).filter((each) => !files.has(each)));
  const imported = [...imports].sort().join();
  if (imported !== [...external].sort().join()) throw new Error(`imported: ${imported}`);
  return output;
}

await check('esbuild for browsers: the bundle answers from the cache where there is nothing of Node', async () => {
  write('app.mjs', `import axios from 'axios';\nimport { setupCache } from '${name}';\n${BROWSER_APP}`);
  checkModules(await bundleByEsbuild('app.mjs', 'app.js'));
  runOnPage('app.js');
});

await check('rollup for browsers: nothing is left unresolved but axios', () => bundleByRollup('app.mjs', ['axios']));

/** What an app is to see of a subpath that is for Node. */
const SAYS_SO = `import { isCacheError } from '${name}';
const wrong = [];
const entries = { ${subpathsForNode.map((each) => `'${each}': () => import('${name}/${each}')`).join(', ')} };
for (const [entry, load] of Object.entries(entries)) {
  for (const [exported, value] of Object.entries(await load())) {
    try {
      new value('x');
      wrong.push(entry + '.' + exported);
    } catch (error) {
      const isTold = isCacheError(error) && error.code === 'ERR_CACHE_DRIVER' && error.message.includes(exported);
      if (!isTold || !error.message.includes('not for browsers')) wrong.push(String(error));
    }
  }
}
if (wrong.length > 0) throw new Error(wrong.join());
`;

await check('every subpath can be built for browsers, and one for Node says that it is', async () => {
  // What nobody uses, bundlers leave out.
  const all = specifiers.map((each) => `globalThis.used = await import('${each}');`).join('\n');
  write('all.mjs', `${all}\n${SAYS_SO}`);
  checkModules(await bundleByEsbuild('all.mjs', 'all.bundle.mjs', 'esm'));
  execute(process.execPath, ['all.bundle.mjs']);
  await bundleByRollup('all.mjs', ['axios', TELEMETRY]);
});

await check('a guarded require of a subpath for Node can be built for browsers', async () => {
  const lines = subpathsForNode.map((each) => `if (typeof window === 'undefined') require('${name}/${each}');`);
  write('guarded.cjs', lines.join('\n'));
  checkModules(await bundleByEsbuild('guarded.cjs', 'guarded.js'));
});

await check(`isCacheError alone does not bring the package along: at most ${LIMIT_OF_GUARD} bytes`, async () => {
  write('guard.mjs', `import { isCacheError } from '${name}';\nglobalThis.isOurs = isCacheError;\n`);
  await bundleByEsbuild('guard.mjs', 'guard.js');
  const [{ code }] = await bundleByRollup('guard.mjs', []);
  const { code: minified } = await transform(code, { minify: true, legalComments: 'none' });
  const sizes = { esbuild: statSync(join(folder, 'guard.js')).size, rollup: Buffer.byteLength(minified) };
  const heavy = Object.entries(sizes).filter(([, bytes]) => bytes > LIMIT_OF_GUARD);
  if (heavy.length > 0) throw new Error(heavy.map(([bundler, bytes]) => `${bundler}: ${bytes} bytes`).join(', '));
});

if (failures > 0) {
  console.error(`${failures} of the checks on the installed package failed.`);
  process.exit(1);
}
