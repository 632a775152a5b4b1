/** The parts of the package that a page loads when it first calls them: nothing before, and no request needs one. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/root.js';
import { describeChromium } from './support/chromium.js';

const FOLDER = 'dist/browser/chunks';
const LATE = ['explain', 'warm', 'edit'];

/** The place on a site of the chunk that has this part. */
function placeOf(part: string): string {
  const [file] = readdirSync(join(root, FOLDER)).filter((name) => name.startsWith(`${part}-`) && name.endsWith('.js'));
  return `/-/${FOLDER}/${file}`;
}

describeChromium((chromium) => {
  const A = { headers: { 'cache-control': 'max-age=60' }, body: { n: 1 } };

  test.each(['/', '/module'])('the page %s: each call works, and loads its part once', async (path) => {
    const site = await chromium().site({ '/a': A });
    const { run, messages } = await chromium().open(site.url + path);
    const counts = () => LATE.map((part) => site.count(placeOf(part)));
    await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create());
      await http.get('/a');
      await http.cache.delete('/a');
      await http.cache.clear();
    });
    expect(counts()).toEqual([0, 0, 0]);
    const seen = await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create());
      const { cached } = await http.cache.warm(['/a']);
      const { would } = await http.cache.explain('/a');
      const updated = await http.cache.update('/a', (data) => ({ ...(data as object), n: 2 }));
      const { data } = await http.get<{ n: number }>('/a');
      return [cached, would, updated, data.n, await http.cache.expire({ url: '/a' }), (await http.get('/a')).cached];
    });
    expect(seen).toEqual([1, 'hit', 1, 2, 1, false]);
    expect(counts()).toEqual(path === '/' ? [0, 0, 0] : [1, 1, 1]);
    expect(messages).toEqual([]);
  });

  test('where a part cannot be loaded, the calls that need it reject, and requests go on', async () => {
    const gone = Object.fromEntries(LATE.map((part) => [placeOf(part), { status: 404 }]));
    const site = await chromium().site({ '/a': A, ...gone });
    const { run } = await chromium().open(`${site.url}/module`);
    const seen = await run(async ({ axios, setupCache, isCacheError }) => {
      const http = setupCache(axios.create());
      const codeOf = (call: Promise<unknown>): Promise<unknown> =>
        call.then(() => 'none', (error: unknown) => (isCacheError(error) ? error.code : error));
      const { cache } = http;
      const calls = [cache.explain('/a'), cache.warm(['/a']), cache.update('/a', () => 1), cache.expire({ url: '/a' })];
      const codes = await Promise.all(calls.map(codeOf));
      const answers = [await http.get('/a'), await http.get('/a')];
      return [codes, answers.map(({ cached }) => cached), await cache.delete('/a')];
    });
    expect(seen).toEqual([Array(4).fill('ERR_CACHE_DRIVER'), [false, true], 1]);
  });
});
