// A part of a page of docs/ that a program writes: between `<!-- name: command -->`, by which command it is made anew,
// and `<!-- end of name -->`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Gives where the part stands in the text of its page, without the blank lines around it. */
function placeOf(text, { page, name, command }) {
  const [begin, end] = [`<!-- ${name}: ${command} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (!text.includes(begin) || to < from) throw new Error(`${page} has no part between ${begin} and ${end}`);
  return [from, to];
}

/** Gives what the page has there now. */
export function readPart(part) {
  const text = readFileSync(join(root, part.page), 'utf8');
  return text.slice(...placeOf(text, part)).trim();
}

/** Puts `content` there. */
export function writePart(part, content) {
  const path = join(root, part.page);
  const text = readFileSync(path, 'utf8');
  const [from, to] = placeOf(text, part);
  writeFileSync(path, `${text.slice(0, from)}\n\n${content}\n\n${text.slice(to)}`);
}
