// Finds links of the built site that lead nowhere: VitePress looks at pages, but not at the headings that links name.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** @returns {string[]} such as `expiration.html: storages.html#redis` */
export function deadLinksIn(folder, base) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  const pages = new Map(
    files.filter((path) => path.endsWith('.html')).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );
  const idsIn = (page) => new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => decode(id)));
  const ids = new Map([...pages].map(([path, page]) => [path, idsIn(page)]));
  const isDead = (from, link) => {
    const [path, anchor = ''] = link.split('#');
    const target = path === '' ? from : targetOf(from, path, base);
    if (target.endsWith('.html')) return !(ids.has(target) && (anchor === '' || ids.get(target).has(decode(anchor))));
    return !files.includes(target);
  };
  return [...pages].flatMap(([from, page]) =>
    [...page.matchAll(/<(?:a|img|link)\s[^>]*?(?:href|src)="([^"]+)"/g)]
      .map(([, link]) => link)
      .filter((link) => !/^(\w+:|\/\/)/.test(link) && isDead(from, link))
      .map((link) => `${from}: ${link}`),
  );
}

function targetOf(from, path, base) {
  const target = path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(from), path);
  if (target === '' || target.endsWith('/')) return `${target}index.html`;
  return posix.extname(target) === '' ? `${target}.html` : target;
}

const decode = (text) => decodeURIComponent(text.replaceAll('&#39;', "'").replaceAll('&amp;', '&'));
