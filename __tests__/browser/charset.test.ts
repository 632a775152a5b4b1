/** The plain script in a page that does not say its charset. */
import { describeChromium } from './support/chromium.js';

const PAGE = `<!doctype html><html lang="en"><title>test</title>
<script src="/-/axios.js"></script><script src="/-/dist/browser/index.min.js"></script>`;

describeChromium((chromium) => {
  test('a page that says no charset can use it', async () => {
    const site = await chromium().site({
      '/page': { headers: { 'content-type': 'text/html' }, body: PAGE },
      '/a': { headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Zoë' },
    });
    const { run, messages } = await chromium().open(`${site.url}/page`);
    const seen = await run(async ({ axios, setupCache }) => {
      const http = setupCache(axios.create(), { expireAfter: '1h' });
      const answers = [await http.get<string>('/a'), await http.get<string>('/a')];
      return [document.characterSet, ...answers.map(({ cached, data }) => `${cached} ${data}`)];
    });
    expect(seen).toEqual(['windows-1252', 'false Zoë', 'true Zoë']);
    expect(messages).toEqual([]);
  });
});
