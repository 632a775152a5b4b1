/** `npm run demo` does what it says, and with a file its second run starts with hits. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOrigin } from './support/origin.js';
import { root } from './support/root.js';
import { describeService } from './support/services.js';

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'demo-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

interface Ended {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Most of its time a demo waits for its origin, so that several of them run at once. */
const start = (...args: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [join(root, 'scripts', 'run-ts.mjs'), join(root, 'demo', 'demo.ts'), ...args];
    execFile(process.execPath, command, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });

async function runDemo(args: readonly string[]): Promise<{ firstAnswers: readonly string[]; originRequests: number }> {
  const { status, stdout } = await start(...args);
  const answerTo = (step: number): string => new RegExp(`^${step} .* ((hit|miss) \\S+)`, 'm').exec(stdout)?.[1] ?? '';
  return {
    firstAnswers: status === 0 ? [1, 2, 3].map(answerTo) : [`it ended with ${String(status)}`],
    originRequests: Number(/origin saw +\d+ +(\d+)/.exec(stdout)?.[1]),
  };
}

/** Two runs, one after the other. */
async function runTwice(...args: string[]) {
  const first = await runDemo(args);
  return [first, await runDemo(args)] as const;
}

const local = {
  sqlite: runTwice('--storage', 'sqlite', '--at', join(folder, 'demo.sqlite')),
  filesystem: runTwice('--storage', 'filesystem', '--at', join(folder, 'demo')),
};
const withoutServer = start('--storage', 'redis', '--at', 'redis://me:secret@127.0.0.1:1');

describe.each(['redis', 'mongo'] as const)('over %s', (name) => {
  describeService(name, (engine) => {
    test('the second run starts with hits and asks less', async () => {
      const url = new URL(engine().url);
      if (name === 'mongo') url.pathname = `/demo-${process.pid}`;
      const [first, second] = await runTwice('--storage', name, '--at', url.href);
      expect(second.firstAnswers).toEqual(['hit (fresh)', 'hit (fresh)', 'hit (fresh)']);
      expect(second.originRequests).toBeLessThan(first.originRequests);
    });
  });
});

test.each(['sqlite', 'filesystem'] as const)('over %s: the second run starts with hits and asks less', async (name) => {
  const [first, second] = await local[name];
  expect(first.firstAnswers).toEqual(['miss (uri-miss)', 'hit (fresh)', 'miss (uri-miss)']);
  expect(second.firstAnswers).toEqual(['hit (fresh)', 'hit (fresh)', 'hit (fresh)']);
  expect(second.originRequests).toBeLessThan(first.originRequests);
});

test('a server that is not there ends it with what to do, and shows no password', async () => {
  const { status, stderr } = await withoutServer;
  expect(status).toBe(2);
  expect(stderr).toMatch(/docker compose up/);
  expect(stderr).not.toMatch(/secret/);
});

test('the example that precaches a site fetches its own pages, with a line for each, and a second time nothing', async () => {
  const page = { headers: { 'Content-Type': 'text/html', 'Cache-Control': 'max-age=60' } };
  const links = ['/one', '/two#part', '/one', '/missing', 'http://other.test/page', 'mailto:ada@api.test'];
  const origin = await startOrigin({
    '/': { ...page, body: links.map((href) => `<a href="${href}">link</a>`).join('') },
    '/one': { ...page, body: '1'.repeat(1000) },
    '/two': { ...page, body: '2'.repeat(500) },
  });
  const command = [join(root, 'scripts', 'run-ts.mjs'), join(root, 'examples', 'precache.ts')];
  const run = async (): Promise<string[]> => {
    const args = [...command, `${origin.url}/`, join(folder, 'precache.sqlite')];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim().split('\n');
  };
  const lines = await run();
  expect(lines.slice(0, -1).map((line) => line.replace(/ [\d.]+ kB/, ''))).toEqual([
    expect.stringMatching(/^\[#{10}\.{20}\] 1\/3,/),
    expect.stringMatching(/^\[#{20}\.{10}\] 2\/3,/),
    expect.stringMatching(/^\[#{30}\] 3\/3,.* 1 failed$/),
  ]);
  expect(lines.at(-1)).toMatch(/^2 cached, 1 failed; the cache holds 3 answers in 1\.\d kB\.$/);
  const asked = (): string[] => origin.requests.map(({ path }) => path).filter((path) => path !== '/missing');
  expect(asked().sort()).toEqual(['/', '/one', '/two']);
  expect((await run()).at(-1)).toMatch(/^2 cached, 1 failed/);
  expect(asked()).toHaveLength(3);
  await origin.close();
}, 60_000);
