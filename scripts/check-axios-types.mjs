// Compiles what people do with the package (`types-tests/`, and a CommonJS file) against the types of each axios that
// is a dev dependency, from 1.3 to the newest, in a folder that holds nothing else. Needs `npm run build` before it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const copies = Object.keys(devDependencies).filter((each) => /^axios(-\d+\.\d+)?$/.test(each));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

const COMMONJS = `import axios = require('axios');
import cache = require('${name}');

const http = cache.setupCache(axios.create({ baseURL: 'https://api.example.com' }), { expireAfter: '1h' });
export const cached: Promise<boolean> = http.get<string>('/users', { cache: '5m' }).then((response) => response.cached);
`;

if (!existsSync(join(root, 'dist', 'index.d.ts'))) {
  console.error('There is no dist/: run `npm run build` first.');
  process.exit(1);
}

/** A project whose axios is that copy. */
function project(copy) {
  const folder = mkdtempSync(join(tmpdir(), `${name}-types-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const [to, from, files] of [
    ['axios', join(root, 'node_modules', copy), ['package.json', 'index.d.ts', 'index.d.cts']],
    [name, root, ['package.json', 'dist']],
  ]) {
    for (const file of files) cpSync(join(from, file), join(modules, to, file), { recursive: true });
  }
  for (const each of ['expect-type', '@types']) symlinkSync(join(root, 'node_modules', each), join(modules, each));
  cpSync(join(root, 'types-tests'), join(folder, 'types-tests'), { recursive: true });
  writeFileSync(join(folder, 'commonjs.cts'), COMMONJS);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  return folder;
}

let failures = 0;
for (const copy of copies) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', copy, 'package.json'), 'utf8'));
  try {
    execFileSync(process.execPath, [tsc, '-p', project(copy)], { encoding: 'utf8', stdio: 'pipe', timeout: 120_000 });
    console.log(`ok      axios ${version}`);
  } catch (error) {
    failures += 1;
    console.error(`FAILED  axios ${version}\n${(error.stdout || error.message).replace(/^/gm, '        ')}`);
  }
}
if (failures > 0) process.exit(1);
