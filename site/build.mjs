// `npm run docs`: writes the index and builds docs/ into site/dist. It ends with 1 where a page is in no list, or a
// link leads nowhere.
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinksIn } from './links.mjs';
import { GROUPS, INDEX } from './pages.mjs';
import { indexOf, llmsOf } from './texts.mjs';

const here = import.meta.dirname;
const docs = join(here, '..', 'docs');
const out = join(here, 'dist');
const base = process.env['DOCS_BASE'] ?? '/';

if (!existsSync(join(here, 'node_modules'))) {
  console.error('VitePress is not installed yet: run `npm ci --prefix site` first.');
  process.exit(2);
}

const listed = GROUPS.flatMap(({ pages }) => pages.map(({ path }) => path));
const files = readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
const unlisted = files.filter((path) => path.endsWith('.md') && path !== INDEX && !listed.includes(path));
const missing = listed.filter((path) => !files.includes(path));
if (unlisted.length + missing.length > 0) {
  for (const path of unlisted) console.error(`docs/${path} is not listed in site/pages.mjs`);
  for (const path of missing) console.error(`site/pages.mjs lists ${path}, which is not in docs/`);
  process.exit(1);
}

const index = join(docs, INDEX);
if (!existsSync(index) || readFileSync(index, 'utf8') !== indexOf(GROUPS)) {
  writeFileSync(index, indexOf(GROUPS));
  console.log(`docs/${INDEX} is written anew: commit it.`);
  if (process.env['CI'] === 'true') process.exitCode = 1;
}

const { build } = await import('vitepress');
await build(here);
for (const path of listed) cpSync(join(docs, path), join(out, path));
writeFileSync(join(out, 'llms.txt'), llmsOf(GROUPS, base));
const dead = deadLinksIn(out, base);
for (const link of dead) console.error(`Dead link: ${link}`);
if (dead.length > 0) process.exitCode = 1;
else console.log(`${listed.length + 1} pages and llms.txt are in site/dist; no link is dead.`);
