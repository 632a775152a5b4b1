/** Pages that lack something of the platform, or forbid something: requests are answered, and the console is silent. */
import { counting } from './support/answers.js';
import { describeChromium, type OpenPage } from './support/chromium.js';
import { htmlPage } from './support/site.js';

const LACKING: readonly (readonly [string, string])[] = [
  ['TextEncoder and TextDecoder', 'delete globalThis.TextEncoder; delete globalThis.TextDecoder;'],
  ['crypto', 'Object.defineProperty(globalThis, "crypto", { value: undefined });'],
  ['structuredClone, BroadcastChannel and indexedDB', ['structuredClone', 'BroadcastChannel', 'indexedDB']
    .map((name) => `Object.defineProperty(globalThis, "${name}", { value: undefined });`).join('')],
];

/** What two gets of `/a` bring, by each adapter. */
const gets = ({ run }: OpenPage, options: object = {}): Promise<unknown> =>
  run(async ({ axios, setupCache }, given) => {
    const seen: unknown[] = [];
    for (const adapter of ['xhr', 'fetch']) {
      const http = setupCache(axios.create({ adapter: adapter as 'xhr' }), { expireAfter: '1h', ...given });
      for (let time = 0; time < 2; time += 1) {
        const { data, cached } = await http.get<{ n: number }>('/a');
        seen.push([data.n, cached]);
      }
    }
    return seen;
  }, options);
const HITS = [[1, false], [1, true], [2, false], [2, true]];

describeChromium((chromium) => {
  test.each(LACKING)('without %s', async (_what, remove) => {
    const head = `<script>${remove}</script>`;
    const site = await chromium().site({ '/page': htmlPage({ head }), '/a': counting() });
    const open = await chromium().open(`${site.url}/page`);
    expect(await gets(open)).toEqual(HITS);
    expect(open.messages).toEqual([]);
  });

  test('a host that is no secure context', async () => {
    const site = await chromium().site({ '/a': counting() });
    const open = await chromium().open(site.page.replace('127.0.0.1', 'insecure.test'));
    expect(await open.page.evaluate(() => isSecureContext)).toBe(false);
    expect(await gets(open)).toEqual(HITS);
    expect(open.messages).toEqual([]);
  });

  test('a policy that allows the own origin alone', async () => {
    const headers = { 'content-security-policy': "default-src 'self'; require-trusted-types-for 'script'" };
    const site = await chromium().site({ '/page': htmlPage({ headers }), '/a': counting() });
    const open = await chromium().open(`${site.url}/page`);
    expect(await gets(open)).toEqual(HITS);
    expect(open.messages).toEqual([]);
  });

  test('debug writes to console.debug, which is not shown by default', async () => {
    const open = await chromium().open((await chromium().site({ '/a': counting() })).page);
    const lines: string[] = [];
    open.page.on('console', (message) => lines.push(message.type()));
    expect(await gets(open, { debug: true })).toEqual(HITS);
    expect(new Set(lines)).toEqual(new Set(['debug']));
    expect(open.messages).toEqual([]);
  });

  test('data: and blob: URLs pass by, and a revoked one fails', async () => {
    const { run } = await chromium().open((await chromium().site()).page);
    const seen = await run(async ({ axios, outcome, setupCache }) => {
      const http = setupCache(axios.create(), { expireAfter: '1h' });
      const url = URL.createObjectURL(new Blob(['{"n":1}'], { type: 'application/json' }));
      const answers = [await outcome(http.get(url)), await outcome(http.get('data:application/json,{"n":2}'))];
      URL.revokeObjectURL(url);
      return [...answers, await outcome(http.get(url))];
    });
    expect(seen).toEqual([{ n: 1 }, { n: 2 }, 'ERR_NETWORK']);
  });

  test.each(['xhr', 'fetch'])('by %s: one caller leaves and another one is answered; one event for a hit', async (adapter) => {
    const site = await chromium().site({ '/a': counting() });
    const gate = site.hold('/a');
    const open = await chromium().open(site.page);
    const asking = open.run(async ({ axios, setupCache }, name) => {
      const http = setupCache(axios.create({ adapter: name as 'xhr' }), { expireAfter: '1h' });
      const leaving = new AbortController();
      const left = http.get('/a', { signal: leaving.signal }).catch((error: { code: string }) => error.code);
      const stays = http.get<{ n: number }>('/a');
      setTimeout(() => leaving.abort(), 50);
      const late = http.get('/a', { timeout: 50 }).catch((error: { code: string }) => error.code);
      const codes = [await left, await late];
      Object.assign(globalThis, { hasLeft: true });
      const events: unknown[] = [];
      const { data } = await stays;
      await http.get('/a', { onDownloadProgress: ({ progress }) => void events.push(progress) });
      return { codes, n: data.n, events };
    }, adapter);
    await open.page.waitForFunction('globalThis.hasLeft === true');
    gate.release();
    const late = adapter === 'fetch' ? 'ETIMEDOUT' : 'ECONNABORTED';
    expect(await asking).toEqual({ codes: ['ERR_CANCELED', late], n: 1, events: [1] });
    expect(site.count('/a')).toBe(1);
  });
});
