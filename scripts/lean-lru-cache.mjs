// Leaves out of the builds for browsers what lru-cache has and the package never calls: half of its code, which
// no bundler can leave out, as they are members of a class. For rollup. Each member stays as it is or goes as a whole.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the only file that imports lru-cache, in the member `#byKey` of a class. */
const USERS = fileURLToPath(new URL('../lib/storage/memory', import.meta.url));
/** The readable form of the module, in which the class has its name. */
const LRU_CACHE = fileURLToPath(new URL('../node_modules/lru-cache/dist/esm/browser/index.js', import.meta.url));

/** The names of what our code calls: more names than are meant do no harm. */
function namesInUse() {
  const codes = readdirSync(USERS).map((file) => readFileSync(join(USERS, file), 'utf8'));
  return new Set(codes.flatMap((code) => Array.from(code.matchAll(/#byKey\.(\w+)/g), ([, name]) => name)));
}

function visit(node, use) {
  if (typeof node?.type === 'string') use(node);
  for (const each of Object.values(node)) if (typeof each === 'object' && each !== null) visit(each, use);
}

/** The names of a member; one that is computed has none, and stays where it is a method that the language calls. */
const nameOf = ({ key, type, computed }) =>
  type === 'StaticBlock' || computed ? undefined : key.type === 'PrivateIdentifier' ? `#${key.name}` : key.name;

/** What a member uses of the class: what is private, and what it asks `this` for. */
function namesIn(member) {
  const names = new Set();
  visit(member, ({ type, name, object, property }) => {
    if (type === 'PrivateIdentifier') names.add(`#${name}`);
    if (type === 'MemberExpression' && object.type === 'ThisExpression') names.add(property.name);
  });
  return names;
}

/** The members that are never reached from the constructor and from what `used` names. */
function unreachedIn(members, used) {
  const reached = new Set(used).add('constructor');
  const left = new Set(members.filter((each) => nameOf(each) !== undefined));
  const take = (member) => {
    left.delete(member);
    for (const name of namesIn(member)) reached.add(name);
  };
  for (const member of members) if (!left.has(member)) take(member);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const member of left) if (reached.has(nameOf(member))) take(member);
  }
  return left;
}

export const leanLruCache = () => ({
  name: 'lean-lru-cache',
  resolveId: (source) => (source === 'lru-cache' ? LRU_CACHE : null),
  transform(code, id) {
    if (id !== LRU_CACHE) return null;
    const letters = code.split('');
    const blank = ({ start, end }) => {
      for (let at = start; at < end; at += 1) if (letters[at] !== '\n') letters[at] = ' ';
    };
    let classes = 0;
    visit(this.parse(code), (node) => {
      if (node.type !== 'ClassDeclaration' || node.id.name !== 'LRUCache') return;
      classes += 1;
      for (const member of unreachedIn(node.body.body, namesInUse())) blank(member);
    });
    if (classes !== 1) this.error('lru-cache has no class LRUCache, or several');
    return { code: letters.join(''), map: null };
  },
});
