/** `npx axios-client-cache ui` on a cache of made-up answers, for its pictures. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { SqliteStorage } from 'axios-client-cache/sqlite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'node_modules/.cache/axios-client-cache/cli-pictures.cjs');

/** A URL, what its server says of caching, how long ago it was stored in minutes, and how large it is in kB. */
const ANSWERS: readonly (readonly [url: string, cacheControl: string, minutesAgo: number, kilobytes: number])[] = [
  ['https://api.example.com/users?page=1', 'max-age=600', 2, 6],
  ['https://api.example.com/users?page=2', 'max-age=600', 6, 6],
  ['https://api.example.com/users?page=3', 'max-age=600', 12, 5],
  ['https://api.example.com/countries', 'max-age=86400', 300, 48],
  ['https://api.example.com/rates', 'max-age=60, stale-while-revalidate=3600', 20, 2],
  ['https://api.example.com/news', 'no-cache', 8, 21],
  ['https://cdn.example.net/fonts/body.woff2', 'max-age=31536000, immutable', 2000, 92],
  ['https://cdn.example.net/logo.svg', 'max-age=31536000, immutable', 2000, 1],
  ['https://cdn.example.net/app.css', 'max-age=3600', 45, 34],
  ['https://search.example.org/v2/suggest?q=axios', 'max-age=30', 1, 3],
  ['https://search.example.org/v2/suggest?q=cache', 'max-age=300', 3, 3],
  ['https://maps.example.org/tiles/7/66/42.png', 'max-age=604800', 4000, 67],
  ['https://maps.example.org/tiles/7/66/43.png', 'max-age=604800', 9900, 58],
];

const people = (kilobytes: number): unknown =>
  Array.from({ length: kilobytes * 12 }, (_, id) => ({ id, name: ['Ada', 'Grace', 'Alan', 'Edsger'][id % 4], active: id % 3 > 0 }));

async function fill(path: string): Promise<void> {
  let minutes = 0;
  const http = setupCache(axios.create(), {
    storage: new SqliteStorage(path),
    tags: ({ url }) => (url.includes('/users') ? ['people'] : []),
    now: () => Date.now() - minutes * 60_000,
  });
  for (const [url, cacheControl, minutesAgo, kilobytes] of ANSWERS) {
    minutes = minutesAgo;
    const headers = { 'Cache-Control': cacheControl, ETag: `"${minutesAgo}"`, 'Set-Cookie': 'sid=made-up' };
    await http.cache.set(url, { data: people(kilobytes), headers });
  }
  await http.cache.close();
}

/** Gives the URL of the page, with its token, and what ends the command. */
export async function startUi(): Promise<{ readonly url: string; readonly close: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'ui-pictures-'));
  await fill(join(folder, 'http-cache.sqlite'));
  mkdirSync(dirname(program), { recursive: true });
  execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs'), program]);
  const child = spawn(process.execPath, [program, 'ui', 'http-cache.sqlite', '--json'], {
    cwd: folder, stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { value } = (await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()) as { value?: string };
  const { url } = JSON.parse(value ?? '{}') as { readonly url: string };
  return {
    url,
    close() {
      child.on('exit', () => {
        rmSync(folder, { recursive: true, force: true });
        rmSync(program, { force: true });
      });
      child.kill();
    },
  };
}
