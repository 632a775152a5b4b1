/**
 * `npm run screenshots`: the pictures of the demo page and of `npx axios-client-cache ui` in docs/images/, each at two
 * widths; `-- --out folder` puts them elsewhere. It fails where a page writes an error to its console.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium, missingChromium } from '../../services/chromium.js';
import { startDemo } from './server.js';
import { startUi } from './ui.js';

/** How long the page of the demo runs before its picture is taken: most of a round of its script. */
const RUNS_MS = 13_500;

interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: 'light' | 'dark';
  /** Brings the page to what is to be seen. */
  readonly prepare: (page: Page) => Promise<void>;
}

const openReason = async (page: Page): Promise<void> => {
  await page.waitForTimeout(RUNS_MS);
  await page.getByRole('row', { name: 'stale-while-revalidate' }).first().getByRole('button').click();
};
const openUsers = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /users\?page=1/ }).click();
  await page.getByRole('region', { name: 'Body' }).waitFor();
};

const DEMO: readonly Picture[] = [
  { name: 'demo-wide', width: 1280, height: 760, colorScheme: 'light', prepare: openReason },
  { name: 'demo-narrow', width: 420, height: 1240, colorScheme: 'dark', prepare: (page) => page.waitForTimeout(RUNS_MS) },
];
const UI: readonly Picture[] = [
  { name: 'ui-wide', width: 1280, height: 760, colorScheme: 'light', prepare: openUsers },
  {
    name: 'ui-narrow', width: 420, height: 860, colorScheme: 'dark',
    prepare: (page) => page.getByRole('button', { name: /users\?page=1/ }).waitFor(),
  },
];

async function take(browser: Browser, url: string, folder: string, picture: Picture): Promise<void> {
  const { name, width, height, colorScheme, prepare } = picture;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') problems.push(message.text()); });
  await page.goto(url);
  await prepare(page);
  await page.mouse.move(0, 0);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  await page.close();
  if (problems.length > 0) throw new Error(`The page wrote to its console: ${problems.join('; ')}`);
  console.log(path);
}

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/images' } } });
const executablePath = findChromium();
if (executablePath === undefined) throw new Error(missingChromium());
const folder = resolve(values.out);
mkdirSync(folder, { recursive: true });

const demo = await startDemo();
const ui = await startUi();
const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  // Together they take as long as one.
  await Promise.all([
    ...DEMO.map((picture) => take(browser, demo.url, folder, picture)),
    ...UI.map((picture) => take(browser, ui.url, folder, picture)),
  ]);
} finally {
  await browser.close();
  ui.close();
  demo.close();
}
