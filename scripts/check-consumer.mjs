// Packs the package, installs the tarball with axios and no driver in an empty folder, and uses it there as its users
// do: from ESM, from CommonJS, and from TypeScript under each module resolution. Any mismatch ends with exit code 1.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { name, devDependencies } = manifest;
const drivers = Object.keys(manifest.peerDependenciesMeta);
const subpaths = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'));
const specifiers = subpaths.map((path) => name + path.slice(1));

const folder = mkdtempSync(join(tmpdir(), `${name}-consumer-`));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

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

let failures = 0;
function check(title, run) {
  try {
    run();
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

function runQuickstart(path) {
  const output = execute(process.execPath, [path]);
  if (output !== EXPECTED) {
    throw new Error(`expected ${JSON.stringify(EXPECTED)}, got ${JSON.stringify(output)}`);
  }
}

function install() {
  const [{ filename }] = JSON.parse(
    // The build of `prepack` writes to standard output too; the list of files is what stands last.
    execute('npm', ['pack', '--json', '--pack-destination', folder], root).replace(/^[^]*?(?=^\[\s*$)/m, ''),
  );
  write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const packages = [`./${filename}`, ...['axios', '@types/node'].map((each) => `${each}@${devDependencies[each]}`)];
  execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...packages]);
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
function typecheck(config, include, compilerOptions) {
  const common = { target: 'es2022', lib: ['es2022', 'dom'], strict: true, skipLibCheck: false };
  write(`tsconfig.${config}.json`, JSON.stringify({ include, compilerOptions: { ...common, ...compilerOptions } }));
  execute(process.execPath, [tsc, '-p', `tsconfig.${config}.json`]);
}

try {
  install();
} catch (error) {
  console.error(`The package cannot be packed and installed.\n${error.message}`);
  process.exit(1);
}

check('no driver is installed', () => {
  const present = drivers.filter((driver) => existsSync(join(folder, 'node_modules', driver)));
  if (present.length > 0) throw new Error(`found ${present.join(', ')}`);
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
check('every subpath loads without drivers, and exports the same names to ESM and CommonJS', () => {
  write('load-all.mjs', LOAD_ALL);
  execute(process.execPath, ['load-all.mjs']);
});

check('ESM', () => {
  write('quickstart.mjs', IMPORTS + QUICKSTART);
  runQuickstart('quickstart.mjs');
});
check('CommonJS', () => {
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
  check(`TypeScript, module resolution ${moduleResolution}`, () => {
    const outDir = `out-${moduleResolution}`;
    const options = { module, moduleResolution, outDir, rootDir: 'src', types: ['node'], esModuleInterop: true };
    typecheck(moduleResolution, ['src'], options);
    runQuickstart(`${outDir}/quickstart.mjs`);
    // With "preserve" a bundler reads the output, so only the ES module of it runs as it is.
    if (module !== 'preserve') runQuickstart(`${outDir}/quickstart.cjs`);
  });
}

check('TypeScript for browsers, without the types of Node', () => {
  mkdirSync(join(folder, 'browser'));
  write('browser/users.ts', BROWSER_TYPES);
  typecheck('browser', ['browser'], { module: 'esnext', moduleResolution: 'bundler', noEmit: true, types: [] });
});

if (failures > 0) {
  console.error(`${failures} of the checks on the installed package failed.`);
  process.exit(1);
}
