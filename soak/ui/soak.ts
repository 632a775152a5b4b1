/**
 * `npm run soak:ui -- [--entries 100000] [--docs]`: the page of `ui` on an SQLite file of many entries: how long the
 * server takes for what the page asks, and how much memory its process has taken at most, on a heap of 256 MB. It ends
 * with code 1 where an answer is wrong, or takes longer than its limit. `--docs` writes the figures into
 * docs/command-line.md.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { fill, TAG } from '../listing/entries.js';
import { formatTable, markdownTable } from '../../demo/table.js';
import { writePart } from '../../scripts/page-part.mjs';

const HEAP_MB = 256;
/** For 100,000 entries, on a machine that does other things too. */
const LIMIT_SECONDS = 60;
const HOUR_MS = 3_600_000;
const ROUNDS = 3;

const { values } = parseArgs({
  options: { entries: { type: 'string', default: '100000' }, docs: { type: 'boolean', default: false } },
});
const total = Number(values.entries);
const tagged = total / 10;
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Listing {
  readonly rows: readonly { readonly url: string }[];
  readonly entries: number;
}

/** Of all numbers below the total the last one as a text. */
const LAST = '9'.repeat(String(total).length - 1);

/** What the page asks, how many entries match, and which is the first of the rows that are shown. */
const QUESTIONS: readonly (readonly [what: string, query: string, matching: number, first: string | undefined])[] = [
  ['the first rows by URL', '', total + tagged, 'people/0'],
  ['the last rows by URL', `sort=url&from=${total + tagged - 1}`, total + tagged, `short/${LAST}`],
  ['the largest first', 'sort=size&direction=down', total + tagged, undefined],
  ['by a part of the URL', `url=people/${tagged - 1}`, 1, `people/${tagged - 1}`],
  ['by a tag', `tag=${TAG}`, tagged, 'people/0'],
  ['by a host that is not there', 'host=nowhere.test', 0, undefined],
  ['what is fresh, the oldest first', 'state=fresh&sort=age&direction=down', total + tagged, undefined],
];

const faults: string[] = [];

interface Server {
  readonly ask: (path: string) => Promise<Listing>;
  /** The most memory that the process has taken; undefined where the system does not say it. */
  readonly peakBytes: () => number | undefined;
  readonly end: () => Promise<void>;
}

async function startServer(file: string): Promise<Server> {
  const program = join(root, `node_modules/.cache/axios-client-cache/soak-ui-${process.pid}.cjs`);
  mkdirSync(dirname(program), { recursive: true });
  execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs'), program]);
  const args = [`--max-old-space-size=${HEAP_MB}`, program, 'ui', file, '--json'];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  const visit = await fetch(url, { redirect: 'manual' });
  const cookie = (visit.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return {
    ask: async (path) => {
      const response = await fetch(new URL(path, url), { headers: { cookie } });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      return (await response.json()) as Listing;
    },
    peakBytes: () => {
      try {
        const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
        return Number(kilobytes) * 1024;
      } catch {
        return undefined;
      }
    },
    end: async () => {
      const closed = once(child, 'close');
      child.kill();
      await closed;
      rmSync(program, { force: true });
    },
  };
}

/** The median of some rounds, in seconds. */
async function measure({ ask }: Server, [what, query, matching, first]: (typeof QUESTIONS)[number]): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedMs = performance.now();
    const { entries, rows } = await ask(`/api/entries?${query}`);
    seconds.push((performance.now() - startedMs) / 1000);
    if (entries !== matching) faults.push(`${what}: ${entries} match and not ${matching}`);
    const url = rows[0]?.url.replace('https://api.example.com/', '');
    if (first !== undefined && url !== first) faults.push(`${what}: the first row is ${url} and not ${first}`);
  }
  const median = seconds.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
  if (median > LIMIT_SECONDS) faults.push(`${what}: ${median.toFixed(1)} s, more than ${LIMIT_SECONDS} s`);
  return median;
}

const folder = mkdtempSync(join(tmpdir(), 'soak-ui-'));
const rows: [string, string][] = [];
try {
  const storage = new SqliteStorage(join(folder, 'cache.sqlite'));
  await fill(storage, 'short', total, HOUR_MS);
  await fill(storage, TAG, tagged, 24 * HOUR_MS, TAG);
  await storage.close();
  const server = await startServer(join(folder, 'cache.sqlite'));
  try {
    for (const question of QUESTIONS) {
      rows.push([question[0], `${(await measure(server, question)).toFixed(1)} s`]);
    }
    const peak = server.peakBytes();
    if (peak !== undefined) rows.push(['memory of the process at most', `${(peak / 1e6).toFixed(0)} MB`]);
  } finally {
    await server.end();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const titles = [`${(total + tagged).toLocaleString('en')} entries in SQLite`, 'the server takes'];
console.log(formatTable(titles, rows));
for (const fault of faults) console.error(`WRONG: ${fault}`);
if (values.docs) {
  writePart({ page: 'docs/command-line.md', name: 'ui', command: 'npm run soak:ui -- --docs' }, markdownTable(titles, rows));
}
process.exitCode = faults.length > 0 ? 1 : 0;
