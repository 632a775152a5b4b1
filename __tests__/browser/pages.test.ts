/** The code of pages that is for browsers: each block runs in one, as a module by an import map. */
import ts from 'typescript';
import { type Block, blocksOf, docPages, promisedOutput, scriptOf } from '../support/doc-blocks.js';
import { describeChromium } from './support/chromium.js';
import { IMPORT_MAP } from './support/site.js';

const rows = docPages()
  .flatMap(blocksOf)
  .filter(({ place }) => place === 'browser')
  .map((block): [string, Block] => [block.name, block]);

/** It says when the module has ended, which none that throws does. */
const pageOf = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>page</title>
<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script></head>
<body><script type="module">await import('/block.js'); document.title = 'ended';</script></body></html>`;

describeChromium((chromium) => {
  test.each(rows)('%s runs and prints what it says', async (_name, block) => {
    const script = (): string => scriptOf(block, ts.ModuleKind.ESNext, site.url);
    const site = await chromium().site({
      '/': { headers: { 'content-type': 'text/html' }, body: pageOf },
      '/block.js': () => ({ headers: { 'content-type': 'text/javascript' }, body: script() }),
      '/users': { body: [{ id: 1, name: 'Ada' }] },
    });
    const { page, messages } = await chromium().open('about:blank');
    const printed: string[] = [];
    page.on('console', (message) => { if (message.type() === 'log') printed.push(message.text()); });
    await page.goto(site.url);
    await page.waitForFunction(() => document.title === 'ended');
    expect(messages).toEqual([]);
    expect(printed).toEqual(promisedOutput(block));
  });
});
