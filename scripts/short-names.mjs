// Shortens the names of properties in the builds for browsers, for rollup: those that no code but the library's own,
// and that of the packages bundled with it, reads or writes. A name is kept if anybody else has a member of that name:
// a user, by the public types; the platform and axios, by what they declare and what they run. It is kept as well if
// the code has it as a text: such are the names in what is stored and in what two copies of the package share, which
// lib/ quotes for this reason.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where other names come from. The types of the package itself are in dist/ when the builds for browsers begin. */
const OTHERS = [
  ['dist', /\.d\.ts$/],
  ['node_modules/typescript/lib', /^lib\..*\.d\.ts$/],
  ['node_modules/@types/node', /\.d\.ts$/],
  ['node_modules/axios', /^(?:index\.d\.ts|dist\/(?:esm|node)\/axios\.c?js)$/],
  ['node_modules/follow-redirects', /^index\.js$/],
];
/** What the platform calls on custom elements, and declares nowhere. */
const CALLBACKS = ['connectedCallback', 'disconnectedCallback'];
/** Shorter names are hardly longer than what would stand for them. */
const WORTH_IT = /^\w{3,}$/;

const hasMemberName = (node) =>
  ts.isTypeElement(node) ||
  ts.isClassElement(node) ||
  ts.isObjectLiteralElementLike(node) ||
  ts.isPropertyAccessExpression(node) ||
  ts.isExportSpecifier(node) ||
  (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent));

/** Adds to `members` the names of all members that a file declares or uses, and to `texts` all its texts. */
function readNames(path, code, members, texts) {
  (function visit(node) {
    if (ts.isStringLiteralLike(node)) texts.add(node.text);
    // A variable of the platform is a member of the global object.
    const isGlobal = path.endsWith('.d.ts') && ts.isVariableDeclaration(node);
    const name = ts.isBindingElement(node) ? (node.propertyName ?? node.name) : node.name;
    if ((isGlobal || hasMemberName(node)) && name !== undefined && ts.isIdentifier(name)) members.add(name.text);
    ts.forEachChild(node, visit);
  })(ts.createSourceFile(path, code, ts.ScriptTarget.ESNext, true));
}

let others;
function namesOfOthers() {
  if (others !== undefined) return others;
  const names = new Set(CALLBACKS);
  for (const [folder, pattern] of OTHERS) {
    const files = readdirSync(join(root, folder), { recursive: true }).filter((each) => pattern.test(each));
    if (files.length === 0) throw new Error(`${folder} has no file like ${pattern}`);
    for (const file of files) readNames(file, readFileSync(join(root, folder, file), 'utf8'), names, names);
  }
  others = names;
  return others;
}

/** `$`, `_`, letters; and then two of them, and so on. */
function* names() {
  const letters = [...'etnrsoialcdupmhgfbyvkwxqjzETNRSOIALCDUPMHGFBYVKWXQJZ_$'];
  for (let all = letters; ; all = all.flatMap((name) => letters.map((letter) => name + letter))) yield* all;
}

/** What each of the library's own names becomes, in all chunks: the names that are used most become the shortest. */
function shortened(codes) {
  const uses = new Map();
  const texts = new Set();
  const counting = { add: (name) => uses.set(name, (uses.get(name) ?? 0) + 1) };
  for (const code of codes) readNames('module.js', code, counting, texts);
  const kept = namesOfOthers();
  const own = [...uses.keys()].filter((name) => WORTH_IT.test(name) && !texts.has(name) && !kept.has(name));
  const short = names();
  const next = () => {
    const { value } = short.next();
    return uses.has(value) || texts.has(value) ? next() : value;
  };
  own.sort((one, other) => uses.get(other) - uses.get(one) || (one < other ? -1 : 1));
  return Object.fromEntries(own.map((name) => [name, next()]));
}

export const shortNames = () => {
  let mangleCache;
  return {
    name: 'short-names',
    renderStart() {
      const codes = [...this.getModuleIds()].map((id) => this.getModuleInfo(id).code);
      mangleCache = shortened(codes.filter((code) => code !== null));
    },
    renderChunk(code) {
      const mangleProps = new RegExp(`^(?:${Object.keys(mangleCache).join('|')})$`);
      return transform(code, { mangleProps, mangleCache, sourcemap: true, target: 'es2022' });
    },
  };
};
