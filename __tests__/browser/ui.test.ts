/** The page of `npx axios-client-cache ui`: what it shows and does, by mouse and keyboard, and what may not run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import type { Page } from 'playwright-core';
import { setupCache, type StoredEntry } from '../../lib/index.js';
import { SqliteStorage } from '../../lib/sqlite.js';
import { commandLine } from '../support/command-line.js';
import { startOrigin } from '../support/origin.js';
import { contrasts } from './support/contrasts.js';
import { describeChromium, type OpenPage } from './support/chromium.js';
import { hostileEntries } from './support/hostile-entries.js';

const { start } = commandLine();
let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'ui-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const SITE = {
  '/users': { headers: { 'Cache-Control': 'max-age=3600', ETag: '"1"' }, body: [{ name: 'Ada' }] },
  '/old': { headers: { 'Cache-Control': 'max-age=0', ETag: '"2"' }, body: 'old news' },
  '/dot.png': { headers: { 'Content-Type': 'image/png' }, body: PIXEL },
  '/page': { headers: { 'Content-Type': 'text/plain', Vary: 'X-Side' }, body: 'x'.repeat(3000) },
};

/** A cache of a small site, or of given entries, and the URL of its page. */
async function served(args: readonly string[] = [], entries: readonly StoredEntry[] = []): Promise<string> {
  const storage = new SqliteStorage(join(folder, 'cache.sqlite'));
  if (entries.length > 0) {
    for (const each of entries) await storage.set(each);
    await storage.close();
  } else {
    const origin = await startOrigin(SITE);
    const http = setupCache(axios.create({ baseURL: origin.url }), { storage, expireAfter: '1 day', tags: ['site'] });
    for (const path of ['/users', '/old', '/dot.png']) await http.get(path);
    for (const side of ['left', 'right']) await http.get('/page', { headers: { 'X-Side': side } });
    await http.cache.close();
    await origin.close();
  }
  const { value } = await start(folder, 'ui', 'cache.sqlite', '--json', ...args).lines.next();
  return (JSON.parse(value ?? '{}') as { url: string }).url;
}

const rows = (page: Page): Promise<string[]> =>
  page.locator('tbody th').evaluateAll((all) => all.map((each) => (each.textContent ?? '').replace(/^GET [^/]+/, '')));
/** Waits until the list comes to that. */
const summed = (page: Page, text: string): Promise<void> => page.locator('.sums', { hasText: text }).waitFor();
const entry = (page: Page) => page.getByRole('region', { name: 'One entry' });

describeChromium((chromium) => {
  async function open(args?: readonly string[], entries?: readonly StoredEntry[]): Promise<OpenPage> {
    const opened = await chromium().open(await served(args, entries));
    opened.page.setDefaultTimeout(10_000);
    await opened.page.locator('tbody tr').first().waitFor();
    return opened;
  }

  test('the token is taken out of the address, and the page can be loaded anew', async () => {
    const { page, messages } = await open();
    expect(new URL(page.url()).search).toBe('');
    await page.reload();
    await page.locator('tbody tr').first().waitFor();
    expect(await page.title()).toBe('cache.sqlite – HTTP cache');
    expect(messages).toEqual([]);
  });

  test('what is stored is listed, sorted and chosen from', async () => {
    const { page, messages } = await open();
    expect(await rows(page)).toEqual(['/dot.png', '/old', '/page', '/page', '/users']);
    await summed(page, '5 entries, 6.1 kB, 4 fresh');
    await page.getByRole('button', { name: 'Size', exact: true }).click();
    await page.locator('th.size[aria-sort=descending]').waitFor();
    expect(await rows(page)).toEqual(['/page', '/page', '/dot.png', '/users', '/old']);
    await page.getByRole('button', { name: 'Size', exact: true }).click();
    await page.locator('th.size[aria-sort=ascending]').waitFor();
    expect(await rows(page)).toEqual(['/old', '/users', '/dot.png', '/page', '/page']);
    await page.getByRole('combobox', { name: 'Freshness' }).selectOption('stale');
    await summed(page, '1 entry, 8 B, 0 fresh');
    await page.getByRole('button', { name: 'Clear' }).click();
    await summed(page, '5 entries');
    for (const [field, value, sum] of [
      ['URL', '*/users', '1 entry'], ['URL', 'nothing like it', '0 entries'], ['Status', '404', '0 entries'],
      ['Tag', 'site', '5 entries'], ['Host', 'other.test', '0 entries'],
    ] as const) {
      await page.getByLabel(field, { exact: true }).fill(value);
      await summed(page, `${sum}, `);
      await page.getByLabel(field, { exact: true }).fill('');
      await summed(page, '5 entries');
    }
    await page.locator('figure button').click();
    expect(await page.getByLabel('Host', { exact: true }).inputValue()).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(messages).toEqual([]);
  });

  test('an entry has its lifetime, headers, body, variants and explanation', async () => {
    const { page, messages } = await open();
    await page.getByRole('button', { name: /\/users$/ }).click();
    await entry(page).getByText('because of max-age=3600 in the response').waitFor();
    expect(await entry(page).getByRole('region', { name: 'Body' }).textContent()).toContain('"name": "Ada"');
    expect(await entry(page).locator('.headers').textContent()).toContain('cache-controlmax-age=3600');
    await page.getByRole('button', { name: 'And now?' }).click();
    const told = page.getByRole('region', { name: 'What would happen now' });
    await told.waitFor();
    expect(await told.textContent()).toContain('The stored answer would be used');
    await page.getByRole('button', { name: /\/page$/ }).first().click();
    await entry(page).getByText('Other variants, 1').waitFor();
    await entry(page).getByRole('button', { name: /by x-side$/ }).click();
    await entry(page).getByText('Other variants, 1').waitFor();
    await page.getByRole('button', { name: /dot\.png$/ }).click();
    const image = page.getByRole('img', { name: 'The body, image/png' });
    await image.waitFor();
    expect(await image.evaluate((each: HTMLImageElement) => each.decode().then(() => each.naturalWidth))).toBe(1);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save body' }).click();
    expect((await saving).suggestedFilename()).toBe('dot.png');
    expect(messages).toEqual([]);
  });

  test('entries are made stale and deleted, after a question', async () => {
    const { page, messages } = await open();
    await page.getByRole('button', { name: /\/users$/ }).click();
    await page.getByRole('button', { name: 'Make stale' }).click();
    await page.getByText('Made stale: 1.').waitFor();
    await entry(page).getByText(/stale since/).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await rows(page)).toContain('/users');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('Deleted: 1.').waitFor();
    expect(await rows(page)).toEqual(['/dot.png', '/old', '/page', '/page']);
    expect(await entry(page).isVisible()).toBe(false);
    await page.getByLabel('URL', { exact: true }).fill('/page');
    await page.getByRole('button', { name: 'Delete these 2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete them' }).click();
    await page.getByText('Deleted: 2.').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await summed(page, '2 entries');
    expect(await rows(page)).toEqual(['/dot.png', '/old']);
    expect(messages).toEqual([]);
  });

  test('with --read-only nothing that changes is offered', async () => {
    const { page } = await open(['--read-only']);
    await page.getByText('read only').waitFor();
    await page.getByRole('button', { name: /\/users$/ }).click();
    await page.getByRole('button', { name: 'And now?' }).waitFor();
    await page.getByLabel('URL', { exact: true }).fill('/page');
    await summed(page, '2 entries');
    expect(await page.getByRole('button', { name: /delete|stale/i }).count()).toBe(0);
  });

  test('URLs, headers, tags and bodies that are meant to run are text', async () => {
    const entries = hostileEntries();
    const { page, messages } = await open([], entries);
    page.on('dialog', (dialog) => { throw new Error(`A script has run: ${dialog.message()}`); });
    const count = await page.locator('tbody tr').count();
    expect(count).toBe(entries.length);
    for (let at = 0; at < count; at += 1) {
      await page.locator('tbody th button').nth(at).click();
      await page.locator(`tbody tr:nth-child(${at + 1}) [aria-expanded=true]`).waitFor();
      await page.locator('.body').filter({ hasText: /\S/ }).or(page.locator('.body img')).first().waitFor();
      await page.getByRole('button', { name: 'And now?' }).click();
      await page.getByRole('region', { name: 'What would happen now' }).waitFor();
    }
    const found = await page.evaluate(() => {
      const root = document.querySelector('axios-client-cache-ui')?.shadowRoot;
      const names = [...(root?.querySelectorAll('*') ?? [])].map((each) => each.localName);
      const strange = ['script', 'iframe', 'object', 'embed', 'link', 'style', 'base', 'form', 'a', 'b', 'marquee'];
      const handlers = [...(root?.querySelectorAll('*') ?? [])].flatMap((each) =>
        each.getAttributeNames().filter((name) => name.startsWith('on')));
      const { hacked } = globalThis as { hacked?: unknown };
      return { strange: names.filter((name) => strange.includes(name)), handlers, hacked };
    });
    expect(found).toEqual({ strange: [], handlers: [], hacked: undefined });
    expect(messages).toEqual([]);
  });

  test('an SVG with a script is a picture, and an image that is none is told', async () => {
    const { page } = await open([], hostileEntries());
    await page.getByRole('button', { name: /\/image\.svg$/ }).click();
    const image = page.getByRole('img', { name: 'The body, image/svg+xml' });
    await image.waitFor();
    expect(await image.evaluate((each: HTMLImageElement) => each.decode().then(() => each.naturalWidth))).toBe(40);
    await page.getByRole('button', { name: /\/image\.png$/ }).click();
    await page.getByText('This is no image that the browser can show.').waitFor();
  });

  test('another page can neither read nor change anything, nor show the page in a frame', async () => {
    const url = await served();
    const { origin } = new URL(url);
    const first = await chromium().open(url);
    await first.page.locator('tbody tr').first().waitFor();
    const site = await startOrigin(() => ({ headers: { 'Content-Type': 'text/html' }, body: '<title>Other</title>' }));
    const { page } = await chromium().open(site.url);
    const told = await page.evaluate(async (target) => {
      const outcome = (asking: Promise<Response>): Promise<string> =>
        asking.then(({ type, status }) => `${type} ${status}`, () => 'refused');
      const frame = document.body.appendChild(document.createElement('iframe'));
      const framed = new Promise((resolve) => { frame.onload = resolve; });
      frame.src = `${target}/`;
      await framed;
      return {
        read: await outcome(fetch(`${target}/api/entries`, { credentials: 'include' })),
        changed: await outcome(fetch(`${target}/api/delete-matching`, {
          method: 'POST', credentials: 'include', body: '{"url":"*"}', headers: { 'Content-Type': 'application/json' },
        })),
        framed: frame.contentDocument === null,
      };
    }, origin);
    await site.close();
    expect(told).toEqual({ read: 'refused', changed: 'refused', framed: true });
    await first.page.getByRole('button', { name: 'Refresh' }).click();
    await summed(first.page, '5 entries');
  });

  test('by keyboard: to the fields, from row to row, into an entry and back', async () => {
    const { page } = await open();
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => {
        const element = document.querySelector('axios-client-cache-ui')?.shadowRoot?.activeElement;
        return element?.getAttribute('aria-label') ?? element?.textContent;
      });
    await page.keyboard.press('/');
    expect(await focused()).toBe('URL');
    await page.locator('tbody th button').first().focus();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(/\/old$/);
    await page.keyboard.press('End');
    expect(await focused()).toMatch(/\/users$/);
    await page.keyboard.press('Enter');
    await entry(page).waitFor();
    expect(await focused()).toMatch(/\/users$/);
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Close');
    await page.keyboard.press('Escape');
    expect(await entry(page).isVisible()).toBe(false);
    expect(await focused()).toMatch(/^GET .*\/users$/);
  });

  test('a screen reader is told the role and the name of all that can be used', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: /\/users$/ }).click();
    await entry(page).waitFor();
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const told = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => [role?.value, name?.value] as const);
    const roles = ['button', 'searchbox', 'combobox', 'table', 'region', 'search', 'heading', 'figure', 'columnheader'];
    const named = told.filter(([role]) => roles.includes(String(role)));
    expect(named.filter(([, name]) => name === undefined || name === '')).toEqual([]);
    expect(named).toEqual(
      expect.arrayContaining([
        ['heading', 'cache.sqlite'],
        ['search', 'Choose entries'],
        ['table', 'What is stored'],
        ['region', 'One entry'],
        ['region', 'Body'],
        ['button', 'Make stale'],
        ['figure', 'Sizes by host'],
      ]),
    );
  });

  test.each(['light', 'dark'] as const)('in a %s page all text can be read: contrast 4.5 : 1', async (colorScheme) => {
    const { page } = await open();
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: /\/users$/ }).click();
    await entry(page).getByText('because').waitFor();
    const ratios = await page.locator('axios-client-cache-ui').evaluate(contrasts);
    await page.emulateMedia({ colorScheme: null });
    expect(ratios.length).toBeGreaterThan(40);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  test('once the command has ended the page says so', async () => {
    const storage = new SqliteStorage(join(folder, 'cache.sqlite'));
    for (const each of hostileEntries()) await storage.set(each);
    await storage.close();
    const command = start(folder, 'ui', 'cache.sqlite', '--json');
    const { url } = JSON.parse((await command.lines.next()).value ?? '{}') as { url: string };
    const { page } = await chromium().open(url);
    await page.locator('tbody tr').first().waitFor();
    await command.end();
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText('The command does not answer').waitFor();
  });
});
