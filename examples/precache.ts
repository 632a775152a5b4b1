/**
 * Puts a page and what it links to on its own host into a cache, with a progress bar in the terminal:
 *
 *     npm run example:precache -- https://example.com/ cache.sqlite
 *
 * Without a page it takes one of its own.
 */
import axios from 'axios';
import { setupCache, type WarmProgress } from 'axios-client-cache';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { startOrigin } from './support/origin.js';

const BAR_LENGTH = 30;

/** The links of a page that lead to its own host, each once. */
function linksIn(html: string, page: string): Set<string> {
  const links = new Set<string>();
  for (const [, href = ''] of html.matchAll(/<(?:a|link|script|img)\s[^>]*?(?:href|src)="([^"#]+)/gi)) {
    const url = URL.canParse(href, page) ? new URL(href, page) : undefined;
    if (url?.host === new URL(page).host) links.add(url.href);
  }
  return links;
}

/** One line, which each call writes over. */
function drawBar({ done, total = done, failed, bytes }: WarmProgress): void {
  const filled = Math.round((BAR_LENGTH * done) / Math.max(total, 1));
  const bar = '#'.repeat(filled).padEnd(BAR_LENGTH, '.');
  const line = `[${bar}] ${done}/${total}, ${(bytes / 1000).toFixed(1)} kB, ${failed} failed`;
  if (process.stdout.isTTY) process.stdout.write(done < total ? `\r${line}` : `\r${line}\n`);
  else console.log(line);
}

const LINKS = '<a href="/about">About</a> <a href="/missing">Gone</a> <a href="https://example.com/">Elsewhere</a>';
const origin = await startOrigin(({ url }, response) => {
  response.writeHead(url === '/missing' ? 404 : 200, { 'Content-Type': 'text/html' }).end(url === '/' ? LINKS : 'text');
});
const [page = `${origin.url}/`, path = ':memory:'] = process.argv.slice(2);
const http = setupCache(axios.create(), { storage: new SqliteStorage(path), expireAfter: '1 day' });
const { data } = await http.get<string>(page, { responseType: 'text' });
const { cached, failed } = await http.cache.warm(linksIn(data, page), { retries: 2, onProgress: drawBar });
const { entries, bytes } = await http.cache.size();
console.log(`${cached} cached, ${failed} failed; the cache holds ${entries} answers in ${(bytes / 1000).toFixed(1)} kB.`);
await http.cache.close();
await origin.close();

// It prints:
// […] 1/2, …
// […] 2/2, …
// 1 cached, 1 failed; the cache holds 2 answers in … kB.
