/** Apps that Vite and webpack have built for production from the packed tarball: no warning, nothing in the console. */
import { execFileSync } from 'node:child_process';
import {
  existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describeWhere, LIMIT_MS } from '../support/describe-where.js';
import type { Route } from '../support/origin.js';
import { root } from '../support/root.js';
import { counting } from './support/answers.js';
import { type Chromium, describeChromium } from './support/chromium.js';

const MAIN = `
import axios from 'axios';
import { isCacheError, MemoryStorage, setupCache } from 'axios-client-cache';
async function run() {
  const { BroadcastBus, IndexedDbStorage } = await import('axios-client-cache/indexeddb');
  const { TieredStorage } = await import('axios-client-cache/tiered');
  const storage = new TieredStorage(new MemoryStorage(), new IndexedDbStorage('app'), { bus: new BroadcastBus() });
  const seen = [];
  for (const options of [{}, { storage }]) {
    const http = setupCache(axios.create(), { ...options, expireAfter: '1h' });
    for (let time = 0; time < 2; time += 1) {
      const { data, cached } = await http.get('/a');
      seen.push([data.n, cached]);
    }
  }
  return [...seen, isCacheError(new Error('none'))];
}
globalThis.result = run();
`;

const missing = (): string | undefined =>
  existsSync(join(root, 'apps/node_modules')) ? undefined : 'they are not installed (npm ci --prefix apps)';

/** A folder in which the tarball is installed, beside the packages that it needs. */
function installed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'axios-client-cache-apps-'));
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'axios-client-cache');
  mkdirSync(own, { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const packed = execFileSync('npm', pack, { cwd: root });
  execFileSync('tar', ['-xzf', join(folder, String(packed).trim()), '-C', own, '--strip-components=1']);
  for (const name of ['axios', 'lru-cache']) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  return folder;
}

interface App {
  readonly warnings: unknown;
  /** What its server serves. */
  readonly routes: Record<string, Route>;
}

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript' };

function build(bundler: string, folder: string): App {
  const app = join(folder, bundler);
  mkdirSync(app);
  const head = '<!doctype html><html lang="en"><head><title>app</title>';
  writeFileSync(join(app, 'main.js'), MAIN);
  writeFileSync(join(app, 'index.html'), `${head}<script type="module" src="/main.js"></script></head></html>`);
  const printed = execFileSync(process.execPath, [join(root, 'apps/build.mjs'), bundler, app], { cwd: root });
  const dist = join(app, 'dist');
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(html|js)$/.test(path));
  const routes = Object.fromEntries(files.map((path): [string, Route] => {
    const headers = { 'content-type': TYPES[path.replace(/^.*\./, '')] ?? '' };
    return [`/${relative('.', path)}`, { headers, body: readFileSync(join(dist, path)) }];
  }));
  const body = `${head}<script src="/main.js"></script></head></html>`;
  const ofHtml = { headers: { 'content-type': 'text/html' }, body };
  return { warnings: JSON.parse(String(printed)), routes: { '/app': routes['/index.html'] ?? ofHtml, ...routes } };
}

async function opened(chromium: Chromium, { routes }: App): Promise<unknown> {
  const site = await chromium.site({ ...routes, '/a': counting() });
  const { page, messages } = await chromium.open(`${site.url}/app`);
  const result = await page.evaluate(() => (globalThis as unknown as { result: unknown }).result);
  return { result, messages };
}

describeWhere('Vite and webpack', missing(), () => Promise.resolve(installed()), (folder) => {
  afterAll(() => rmSync(folder(), { recursive: true, force: true }));

  describeChromium((chromium) => {
    test.each(['vite', 'webpack'])('%s', async (bundler) => {
      const app = build(bundler, folder());
      expect(app.warnings).toEqual([]);
      expect(await opened(chromium(), app)).toEqual({
        result: [[1, false], [1, true], [2, false], [2, true], false],
        messages: [],
      });
    }, LIMIT_MS);
  });
});
