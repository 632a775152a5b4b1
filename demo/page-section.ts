/** A part of a page that a script makes: between two comments in the page, `<!-- name -->` and `<!-- end of name -->`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface PageSection {
  /** From the root of the repository. */
  readonly page: string;
  /** What the two comments name. */
  readonly name: string;
  /** How it is made anew. */
  readonly command: string;
}

/** Puts `content` into the page. With `check` it writes nothing, and sets exit code 1 where the page has another. */
export function putSection({ page, name, command }: PageSection, content: string, check: boolean): void {
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- end of ${name} -->`];
  const path = join(root, page);
  const text = readFileSync(path, 'utf8');
  const [before = '', rest = ''] = text.split(begin);
  if (!rest.includes(end)) throw new Error(`${page} has no ${begin.trim()} that ends with ${end}`);
  const current = `${before}${begin}${content}${rest.slice(rest.indexOf(end))}`;
  if (current === text) {
    console.log(`${page} has what ${command} makes`);
  } else if (!check) {
    writeFileSync(path, current);
    console.log(`${page}: ${name} is written anew`);
  } else {
    const lines = text.split('\n');
    const differing = current.split('\n').filter((line) => !lines.includes(line));
    console.error(`${page} is not what ${command} makes:\n${differing.join('\n')}`);
    process.exitCode = 1;
  }
}
