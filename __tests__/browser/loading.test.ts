/** The plain script and the ES module work in a page, and neither says a word in its console. */
import { describeChromium } from './support/chromium.js';
import { htmlPage } from './support/site.js';

const ROUTES = { '/a': { body: { n: 1 } } };

describeChromium((chromium) => {
  test.each(['/', '/module'])('the page %s: the second get is a hit, and the console is silent', async (path) => {
    const site = await chromium().site(ROUTES);
    const { run, messages } = await chromium().open(site.url + path);
    const seen = await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create(), { expireAfter: '1h' });
      const answers = [await http.get('/a'), await http.get('/a')];
      return answers.map(({ cached, data }) => ({ cached, data }));
    });
    expect(seen).toEqual([
      { cached: false, data: { n: 1 } },
      { cached: true, data: { n: 1 } },
    ]);
    expect(site.count('/a')).toBe(1);
    expect(messages).toEqual([]);
  });

  test('subpaths load as ES modules beside the main entry', async () => {
    const subpaths = ['indexeddb', 'tiered', 'storage-contract'];
    const site = await chromium().site({ '/page': htmlPage({ loading: 'module', subpaths }) });
    const { run, messages } = await chromium().open(`${site.url}/page`);
    expect(await run((scope) => Object.keys(scope.subpaths))).toEqual(subpaths);
    expect(messages).toEqual([]);
  });
});
