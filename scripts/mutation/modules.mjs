// Loads TypeScript of this project as CommonJS, as many times as it is asked: for each mutant, each file of tests gets
// modules that remember nothing. What is compiled is compiled once.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { transformSync } from 'esbuild';

const OWN_NAME = /^axios-client-cache(?:\/(.+))?$/;
const FORMAT = {
  loader: 'ts',
  format: 'cjs',
  target: 'node20',
  platform: 'node',
  sourcemap: 'inline',
  supported: { 'dynamic-import': false },
};

/** By their paths: functions that run a module. */
const compiled = new Map();

function compile(path) {
  const { code } = transformSync(readFileSync(path, 'utf8'), { ...FORMAT, sourcefile: path });
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
  return new Script(wrapped, { filename: path }).runInThisContext();
}

/** Where the source of `name` is; `undefined` for a package, which all copies share. */
function sourceOf(name, folder, root) {
  if (name.startsWith('.')) return resolve(folder, name).replace(/\.js$/, '.ts');
  const [isOwn, entry = 'index'] = OWN_NAME.exec(name) ?? [];
  return isOwn === undefined ? undefined : join(root, 'lib', `${entry}.ts`);
}

/** Loads files below `root` and what they import, each once until `forget` is called, or what stands in for them. */
export function createLoader(root) {
  const loaded = new Map();
  const substitutes = new Map();
  const load = (path) => {
    const make = substitutes.get(path);
    if (make !== undefined) return make();
    return loadItself(path);
  };
  const loadItself = (path) => {
    const known = loaded.get(path);
    if (known !== undefined) return known.exports;
    if (!compiled.has(path)) compiled.set(path, compile(path));
    const module = { exports: {} };
    loaded.set(path, module);
    const folder = dirname(path);
    const native = createRequire(path);
    const requireFrom = (name) => {
      const source = sourceOf(name, folder, root);
      return source?.endsWith('.ts') === true ? load(source) : native(name);
    };
    compiled.get(path)(module.exports, requireFrom, module, path, folder);
    return module.exports;
  };
  /** The source that `name` is in the file `from`. */
  const find = (name, from) => sourceOf(name, dirname(from), root);
  const substitute = (path, make) => substitutes.set(path, make);
  return { load, loadItself, find, substitute, forget: () => loaded.clear() };
}
