/**
 * `npm run docs:cli`: runs the command line on a cache of its own, and puts what it prints into docs/command-line.md.
 * With `-- --check` it writes nothing, and ends with exit code 1 where the page has something else. The clock stands
 * still meanwhile, so that the same is printed each time.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import axios from 'axios';
import { setupCache } from 'axios-client-cache';
import { SqliteStorage } from 'axios-client-cache/sqlite';
import { putSection } from './page-section.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const program = join(root, 'node_modules/.cache/axios-client-cache/cli-docs.cjs');

/** When the cache is filled, and when the commands are run. */
const FILLED_MS = Date.UTC(2026, 0, 1, 12);
const RUN_MS = FILLED_MS + 180_000;
let nowMs = FILLED_MS;
Date.now = () => nowMs;
const STANDING_CLOCK = `data:text/javascript,${encodeURIComponent(`
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { super(...(given.length === 0 ? [${RUN_MS}] : given)); }
    static now() { return ${RUN_MS}; }
  };`)}`;

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ANSWERS: Readonly<Record<string, readonly [headers: Record<string, string>, body: string]>> = {
  '/users?page=1': [
    { ...JSON_TYPE, 'Cache-Control': 'max-age=600', ETag: '"7f3"', 'Set-Cookie': 'sid=made-up' },
    JSON.stringify([{ id: 1, name: 'Ada' }, { id: 2, name: 'Grace' }]),
  ],
  '/countries': [{ ...JSON_TYPE, 'Cache-Control': 'max-age=86400' }, JSON.stringify(Array(900).fill('country'))],
  '/rates': [{ ...JSON_TYPE, 'Cache-Control': 'max-age=0', ETag: '"a1"' }, '{"EUR":1,"USD":1.1}'],
  '/logo.svg': [{ 'Content-Type': 'image/svg+xml' }, '<svg xmlns="http://www.w3.org/2000/svg"/>'],
  '/me': [{ ...JSON_TYPE, 'Cache-Control': 'no-store' }, '{"name":"Ada"}'],
};

const answer: RequestListener = (request, response) => {
  // As a proxy is asked: by the whole URL.
  const { pathname, search } = new URL(request.url ?? '/', 'http://api.example.com');
  const [headers, body] = ANSWERS[pathname + search] ?? [{}, 'not there'];
  response.sendDate = false;
  const dated = { ...headers, Date: new Date(nowMs).toUTCString() };
  response.writeHead(body === 'not there' ? 404 : 200, dated).end(body);
};

const COMMANDS = [
  'ls http-cache.sqlite',
  "ls http-cache.sqlite --host api.example.com --stale --json",
  "show http-cache.sqlite 'http://api.example.com/users?page=1'",
  'stats http-cache.sqlite',
  'why http://api.example.com/me',
  'why http://api.example.com/rates',
  "purge http-cache.sqlite --url 'api.example.com/users' --dry-run",
  'copy http-cache.sqlite ./http-cache',
  'export http-cache.sqlite cache.har',
  'diff http-cache.sqlite ./http-cache',
  'verify http-cache.sqlite',
  'ls no-such-cache.sqlite',
];

const folder = mkdtempSync(join(tmpdir(), 'command-line-'));
const server = createServer(answer);
await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
const { port } = server.address() as AddressInfo;
const http = setupCache(axios.create({ proxy: { protocol: 'http', host: '127.0.0.1', port } }), {
  storage: new SqliteStorage(join(folder, 'http-cache.sqlite')),
  expireAfter: '1 day',
});
for (const path of Object.keys(ANSWERS)) await http.get(`http://api.example.com${path}`);
await http.get('http://cdn.example.com/logo.svg');
await http.cache.close();
nowMs = RUN_MS;

mkdirSync(dirname(program), { recursive: true });
execFileSync(process.execPath, [join(root, 'scripts/build-cli.mjs'), program]);
/** The server of this script answers meanwhile, so that nothing may block it. */
const run = (command: string): Promise<string> =>
  new Promise((resolve) => {
    const proxy = { http_proxy: `http://127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' };
    const env = { ...process.env, ...proxy, TZ: 'UTC', NODE_OPTIONS: `--import=${STANDING_CLOCK}` };
    const child = spawn('sh', ['-c', `"${process.execPath}" "${program}" ${command} 2>&1`], { cwd: folder, env });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    child.on('close', (code) => { resolve(`$ npx axios-client-cache ${command}\n${printed}${exit(code)}`); });
  });
const exit = (code: number | null): string => (code === 0 ? '' : `(exit code ${code ?? '?'})\n`);

const blocks: string[] = [];
for (const command of COMMANDS) blocks.push(await run(command));
server.close();
rmSync(folder, { recursive: true, force: true });
rmSync(program, { force: true });

const section = { page: 'docs/command-line.md', name: 'transcript', command: 'npm run docs:cli' };
putSection(section, `\n\`\`\`text\n${blocks.join('\n')}\`\`\`\n\n`, check);
