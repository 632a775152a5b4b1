// The notice of packages whose code is bundled into this one, with the licence of each.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file in dist/ that has all of them. */
export const NOTICES = 'THIRD-PARTY-NOTICES.txt';
const SEPARATOR = `\n${'-'.repeat(80)}\n\n`;
const PACKAGE_FOLDER = /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;

/** The folder of the package that a file belongs to; `undefined` for a file of our own. */
export const packageFolder = (path) => PACKAGE_FOLDER.exec(path)?.[0];

/** One for each package; it throws where a package has no licence in a file. */
export function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`No licence file in the bundled package ${name}`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}

/** Each notice once, in the order of names. */
export const textOf = (heading, notices) => `${heading}\n\n${[...new Set(notices)].sort().join(SEPARATOR)}`;

/** The notices of a file that `textOf` wrote; none where there is no such file. */
export function noticesIn(path) {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text.slice(text.indexOf('\n\n') + 2).split(SEPARATOR);
}
