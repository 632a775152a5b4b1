// Reads what users compile against out of the declarations in dist/: for each entry its exports, and what these name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'dist');
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const { name: packageName } = readJson('package.json');

/** The entries of the build, the main one first. */
const entries = Object.keys(readJson('rollup.entries.json')).sort((one, other) =>
  one === 'index' ? -1 : other === 'index' ? 1 : one.localeCompare(other),
);

/**
 * @typedef {{ name: string, nodes: ts.Node[] }} Declared what a name stands for
 * @typedef {{ entry: string, specifier: string, augmentations: ts.Node[], exported: Declared[], named: Declared[],
 *   elsewhere: { name: string, specifier: string }[] }} Surface
 *   `named` is what others name and nobody exports; `elsewhere` is what an earlier entry exports as well.
 */

/** @returns {Surface[]} */
export function readSurfaces() {
  const files = entries.map((entry) => join(dist, `${entry}.d.ts`));
  const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: ['node'] });
  const checker = program.getTypeChecker();
  const targetOf = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const nodesOf = (symbol) => (symbol.declarations ?? []).filter(isOurs).map(statementOf);
  const firstWith = new Map();
  const exportsOf = entries.map((entry, index) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(files[index]));
    if (module === undefined) throw new Error(`dist/${entry}.d.ts is not there: run \`npm run build\` first`);
    const found = checker.getExportsOfModule(module).map((symbol) => [symbol.name, targetOf(symbol)]);
    found.sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [, symbol] of found) if (!firstWith.has(symbol)) firstWith.set(symbol, entry);
    return found;
  });
  return entries.map((entry, index) => {
    const own = exportsOf[index].filter(([, symbol]) => firstWith.get(symbol) === entry);
    const others = exportsOf[index].filter(([, symbol]) => firstWith.get(symbol) !== entry);
    const named = new Map();
    const walk = (node) => {
      if (ts.isIdentifier(node)) visit(checker.getSymbolAtLocation(node));
      ts.forEachChild(node, walk);
    };
    const visit = (symbol) => {
      const target = symbol && targetOf(symbol);
      if (target === undefined || firstWith.has(target) || named.has(target)) return;
      const nodes = nodesOf(target).filter((node) => ts.isSourceFile(node.parent));
      if (nodes.length === 0) return;
      named.set(target, { name: target.name, nodes });
      nodes.forEach(walk);
    };
    const augmentations = program.getSourceFile(files[index]).statements.filter(isAugmentation);
    const exported = own.map(([name, symbol]) => ({ name, nodes: nodesOf(symbol) }));
    for (const node of [...augmentations, ...exported.flatMap(({ nodes }) => nodes)]) walk(node);
    return {
      entry,
      specifier: specifierOf(entry),
      augmentations,
      exported,
      named: [...named.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
      elsewhere: others.map(([name, symbol]) => ({ name, specifier: specifierOf(firstWith.get(symbol)) })),
    };
  });
}

export const specifierOf = (entry) => (entry === 'index' ? packageName : `${packageName}/${entry}`);

const isOurs = (node) => node.getSourceFile().fileName.startsWith(dist);
const isAugmentation = (node) => ts.isModuleDeclaration(node) && ts.isStringLiteral(node.name);

/** A variable is declared by a part of its statement. */
const statementOf = (node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node);
