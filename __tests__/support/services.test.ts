/** The engines under test can be tormented as tests need it, and leave nothing behind. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { until } from '../../services/until.js';
import { type ServiceName, SOURCES } from '../../services/services.js';
import { describeOwnService, describeService, own } from './services.js';
import { root } from './root.js';

const NAMES = Object.keys(SOURCES) as ServiceName[];
const LIMIT_MS = 90_000;
jest.setTimeout(LIMIT_MS);
/** A machine on which nothing is installed. */
const BARE = { PATH: '/nowhere', REDIS_URL: '', REQUIRE_SERVICES: '' };

/** Whether it answers, and within `limitMs`. */
async function answers(name: ServiceName, url: string, limitMs = 1000): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const answered = SOURCES[name].versionAt(url).then(() => true, () => false);
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

describe.each(NAMES)('%s', (name) => {
  describeService(name, (engine) => {
    test('says who it is and where', () => {
      expect(engine().version).toMatch(/^\w+ [\w.]+$|^DynamoDB$/);
      expect(new URL(engine().url).hostname).not.toBe('');
    });
  });

  describeOwnService(name, (engine) => {
    test('is the same for everybody in a test file', async () => {
      expect(await own(name)).toBe(engine());
    });

    test('says nothing while it is frozen, and goes on afterwards', async () => {
      expect(await answers(name, engine().url)).toBe(true);
      await engine().pause();
      expect(await answers(name, engine().url, 200)).toBe(false);
      engine().resume();
      expect(await answers(name, engine().url)).toBe(true);
    });

    test('is gone after a kill, frozen or not, and comes back at its address', async () => {
      const { url } = engine();
      await engine().kill();
      expect(await answers(name, engine().url)).toBe(false);
      await engine().start();
      await engine().pause();
      await engine().restart();
      expect(engine().url).toBe(url);
      expect(await answers(name, engine().url)).toBe(true);
    }, LIMIT_MS);

    test('does not answer any more once it is stopped', async () => {
      const other = await SOURCES[name].start();
      await other.stop();
      expect(await answers(name, other.url)).toBe(false);
    }, LIMIT_MS);
  });
});

describe('a test that needs an engine', () => {
  /** Runs one in a jest of its own, on a machine with nothing on PATH. */
  function run(env: NodeJS.ProcessEnv): Promise<{ readonly status: unknown; readonly said: string }> {
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    const args = [jest, '--testMatch', '**/__tests__/fixtures/needs-redis.ts'];
    const options = { cwd: root, env: { ...process.env, ...BARE, ...env } };
    return new Promise((resolve) => {
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : error.code, said: stdout + stderr });
      });
    });
  }

  // They run beside the tests above, of which each waits for an engine.
  const [without, required] = [run({}), run({ REQUIRE_SERVICES: '1' })];

  test('is skipped with one loud line where there is none', async () => {
    const { status, said } = await without;
    expect(status).toBe(0);
    expect(said.match(/^!!! .*$/gm)).toEqual([
      expect.stringMatching(/^!!! redis: its tests are skipped, there is no redis-server on PATH; npm run .*\.$/),
    ]);
    expect(said).toMatch(/1 skipped/);
  });

  test('fails where there is none and REQUIRE_SERVICES=1', async () => {
    const { status, said } = await required;
    expect(status).toBe(1);
    expect(said).toMatch(/there is no redis-server on PATH/);
  });

  describeOwnService('redis', (engine) => {
    test('takes the one that REDIS_URL names', async () => {
      const { status, said } = await run({ REDIS_URL: engine().url });
      expect(status).toBe(0);
      expect(said).toContain(`stored at ${engine().url}\n`);
    });

    test('leaves no process and no file behind where its process is killed', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'forgotten-'));
      const program = join(folder, 'program.mjs');
      const fixture = join(root, '__tests__', 'fixtures', 'forgotten-service.ts');
      buildSync({ entryPoints: [fixture], outfile: program, bundle: true, platform: 'node', format: 'esm' });
      const files = join(folder, 'files');
      mkdirSync(files);
      const { stdout, signal } = spawnSync(process.execPath, [program], {
        encoding: 'utf8',
        env: { ...process.env, TMPDIR: files },
      });
      expect(signal).toBe('SIGKILL');
      expect(stdout).toMatch(/^redis:/);
      await until(async () => expect(await answers('redis', stdout)).toBe(false), { limitMs: 10_000 });
      await until(async () => expect(readdirSync(files)).toEqual([]), { limitMs: 10_000 });
      rmSync(folder, { recursive: true });
    });
  });
});
