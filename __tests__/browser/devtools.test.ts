/** The panel: what it lists and does, by mouse and keyboard, under a strict policy, and for screen readers. */
import type { Page } from 'playwright-core';
import { describeChromium, type Chromium } from './support/chromium.js';
import { contrasts } from './support/contrasts.js';
import { htmlPage, type Site } from './support/site.js';

/** What the page says is all that it may do: no inline script or style, and no text that becomes markup or code. */
const POLICY = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/** An app with the panel; its button sends one more request for /a. */
const APP = `
import { defineDevtools } from '/-/dist/browser/devtools.js';
defineDevtools();
const http = axiosClientCache.setupCache(axios.create(), { expireAfter: '1h' });
globalThis.http = http;
const panel = document.createElement('axios-client-cache-devtools');
panel.cache = http.cache;
document.body.append(panel);
await http.get('/a');
await http.get('/a');
await http.post('/a', { x: 1 });
await http.get('/b?page=2');
document.querySelector('button').addEventListener('click', () => http.get('/b?page=2'));
document.body.append('All sent.');
`;
/** An app that defines the element after it has used it, and then once more. */
const LATE = `
const http = axiosClientCache.setupCache(axios.create(), { expireAfter: '1h' });
const panel = document.body.appendChild(document.createElement('axios-client-cache-devtools'));
panel.cache = http.cache;
await import('/-/dist/browser/devtools.js');
await import('/-/dist/browser/devtools.js?another-copy');
await http.get('/a');
`;
const ROUTES = {
  '/page': htmlPage({
    body: '<h1>App</h1><button type="button">Again</button><script type="module" src="/app.js"></script>',
    headers: { 'content-security-policy': POLICY },
  }),
  '/app.js': { headers: { 'content-type': 'text/javascript' }, body: APP },
  '/a': { body: { n: 1 } },
  '/b': { body: { list: '<img src=x onerror=alert(1)>' } },
};

async function openPanel(chromium: Chromium): Promise<{ page: Page; site: Site; messages: readonly string[] }> {
  const site = await chromium.site(ROUTES);
  const { page, messages } = await chromium.open(`${site.url}/page`);
  await page.getByText('All sent.').waitFor();
  return { page, site, messages };
}

/** The text of each cell of each row that is seen, the first row being the newest. */
const rows = (page: Page, panel: 'Requests' | 'Stored'): Promise<string[][]> =>
  page
    .getByRole('tabpanel', { name: panel })
    .locator('tbody tr:visible')
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')));

describeChromium((chromium) => {
  test('each request is listed with its path, what the cache did and why', async () => {
    const { page, messages } = await openPanel(chromium());
    const seen = await rows(page, 'Requests');
    expect(seen.map((cells) => cells.slice(0, 3))).toEqual([
      ['GET /b?page=2', 'miss', 'uri-miss'],
      ['POST /a', 'bypass', 'method'],
      ['GET /a', 'hit', 'fresh'],
      ['GET /a', 'miss', 'uri-miss'],
    ]);
    expect(seen[0]?.[4]).toMatch(/^\d+ B$/);
    expect(seen[0]?.[5]).toMatch(/ms$/);
    await page.getByRole('button', { name: 'Again' }).click();
    await page.getByRole('rowheader').nth(4).waitFor();
    expect((await rows(page, 'Requests'))[0]?.slice(0, 2)).toEqual(['GET /b?page=2', 'hit']);
    expect(messages).toEqual([]);
  });

  test('the filter looks at path, status and reason', async () => {
    const { page } = await openPanel(chromium());
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    await filter.fill('/B?');
    expect((await rows(page, 'Requests')).map(([place]) => place)).toEqual(['GET /b?page=2']);
    await filter.fill('hit fresh');
    expect((await rows(page, 'Requests')).map(([place]) => place)).toEqual(['GET /a']);
    await filter.fill('nothing like it');
    expect(await page.getByText('No request like this.').isVisible()).toBe(true);
  });

  test('what is stored is listed, and can be deleted', async () => {
    const { page, messages } = await openPanel(chromium());
    await page.getByRole('tab', { name: 'Stored' }).click();
    await page.getByRole('rowheader', { name: /b\?page=2/ }).waitFor();
    expect(await rows(page, 'Stored')).toHaveLength(1);
    await page.getByRole('button', { name: /^Delete .*b\?page=2$/ }).click();
    await page.getByText('Nothing is stored.').waitFor();
    expect(await page.getByRole('status').textContent()).toBe('Deleted 1.');
    await page.getByRole('button', { name: 'Again' }).click();
    await page.getByRole('rowheader', { name: /b\?page=2/ }).waitFor();
    expect(messages).toEqual([]);
  });

  test('what is stored can be made stale, by its row and from its request', async () => {
    const { page, messages } = await openPanel(chromium());
    await page.getByRole('tab', { name: 'Stored' }).click();
    await page.getByRole('button', { name: 'Make GET /b?page=2 stale' }).click();
    await page.getByText('Made stale: 1.').waitFor();
    await page.locator('.badge.stale').waitFor();
    await page.getByRole('button', { name: 'Again' }).click();
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByRole('row', { name: 'expired' }).getByRole('button').click();
    await page.getByRole('button', { name: 'Make stale', exact: true }).click();
    await page.getByText('Made stale: 1.').waitFor();
    await page.getByRole('button', { name: 'Delete what is stored' }).click();
    await page.getByText('Deleted 1.').waitFor();
    expect(messages).toEqual([]);
  });

  test('what would happen to a request now is told, where the cache can explain it', async () => {
    const { page, messages } = await openPanel(chromium());
    await page.getByRole('rowheader').first().getByRole('button').click();
    await page.getByRole('button', { name: 'And now?' }).click();
    const told = page.getByRole('region', { name: 'Why it was answered so' }).locator('pre');
    await told.waitFor();
    expect(await told.textContent()).toContain('The stored answer would be used');
    expect(messages).toEqual([]);
  });

  test('offline, stale answers are used and nothing is asked, until the panel is gone', async () => {
    const { page, site } = await openPanel(chromium());
    await page.getByRole('tab', { name: 'Stored' }).click();
    await page.getByRole('button', { name: 'Make GET /b?page=2 stale' }).click();
    await page.getByText('Made stale: 1.').waitFor();
    const offline = page.getByRole('button', { name: 'Offline' });
    await offline.click();
    expect(await offline.getAttribute('aria-pressed')).toBe('true');
    const asked = site.count('/b');
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.getByRole('button', { name: 'Again' }).click();
    await page.getByRole('row', { name: 'only-if-cached' }).waitFor();
    expect((await rows(page, 'Requests'))[0]?.slice(0, 3)).toEqual(['GET /b?page=2', 'stale', 'only-if-cached']);
    expect(site.count('/b')).toBe(asked);
    await page.locator('axios-client-cache-devtools').evaluate((panel) => { panel.remove(); });
    await Promise.all([page.waitForResponse(/\/b\?page=2$/), page.getByRole('button', { name: 'Again' }).click()]);
    expect(site.count('/b')).toBe(asked + 1);
  });

  test('by keyboard: from request to request, why it was answered so, and back', async () => {
    const { page } = await openPanel(chromium());
    const focused = (): Promise<string | null | undefined> =>
      page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent);
    await page.getByRole('tab', { name: 'Requests' }).focus();
    const pressed: (string | null | undefined)[] = [];
    for (const key of ['ArrowRight', 'ArrowLeft', 'Tab', 'Tab', 'Tab', 'Tab', 'Tab', 'ArrowDown', 'End', 'ArrowUp']) {
      await page.keyboard.press(key);
      pressed.push(await focused());
    }
    expect(pressed.slice(0, 2)).toEqual(['Stored', 'Requests']);
    expect(pressed.slice(-3)).toEqual(['POST /a', 'GET /a', 'GET /a']);
    await page.keyboard.press('Enter');
    const why = page.getByRole('region', { name: 'Why it was answered so' });
    expect(await why.locator('p').textContent()).toBe(
      'Answered from the cache: it is stored and within its lifetime.',
    );
    expect(await why.locator('dl').textContent()).toContain('the session’s expireAfter');
    expect(await focused()).toBe('GET /a');
    await page.keyboard.press('Escape');
    expect(await why.count()).toBe(0);
    expect(await focused()).toBe('GET /a');
  });

  test('a screen reader is told the role and the name of all that can be used', async () => {
    const { page } = await openPanel(chromium());
    await page.getByRole('rowheader').nth(2).getByRole('button').click();
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const told = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => [role?.value, name?.value] as const);
    const controls = told.filter(([role]) => ['button', 'tab', 'searchbox', 'table', 'region'].includes(String(role)));
    expect(controls.filter(([, name]) => name === undefined || name === '')).toEqual([]);
    expect(controls).toEqual(
      expect.arrayContaining([
        ['region', 'HTTP cache'],
        ['tab', 'Requests'],
        ['tab', 'Stored'],
        ['searchbox', 'Filter'],
        ['table', 'Requests, the newest first'],
        ['button', 'GET /a'],
        ['region', 'Why it was answered so'],
      ]),
    );
    expect(told.filter(([role]) => role === 'columnheader').map(([, name]) => name)).toEqual(
      ['Request', 'Cache', 'Reason', 'Age', 'Size', 'Time'],
    );
  });

  test.each(['light', 'dark'] as const)('in a %s page all text can be read: contrast 4.5 : 1', async (colorScheme) => {
    const { page } = await openPanel(chromium());
    await page.emulateMedia({ colorScheme });
    const ratios = await page.locator('axios-client-cache-devtools').evaluate(contrasts);
    await page.emulateMedia({ colorScheme: null });
    expect(ratios.length).toBeGreaterThan(25);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
  });

  test('what a cache cannot do is not offered, and a page that is left hears no more events', async () => {
    const site = await chromium().site({ '/page': htmlPage({ loading: 'module', subpaths: ['devtools'] }) });
    const { run, page, messages } = await chromium().open(`${site.url}/page`);
    const counted = await run(async () => {
      const listening = new Set<unknown>();
      const cache = {
        on: (_type: string, listener: unknown) => {
          const token = { listener };
          listening.add(token);
          return () => listening.delete(token);
        },
        async *urls() { yield 'https://api.test/only-a-url'; },
        delete: async () => 1,
        clear: async () => undefined,
      };
      const panel = document.createElement('axios-client-cache-devtools');
      Object.assign(panel, { cache });
      const counts = [listening.size];
      document.body.append(panel);
      counts.push(listening.size);
      panel.remove();
      counts.push(listening.size);
      document.body.append(panel);
      return counts;
    });
    expect(counted[0]).toBe(0);
    expect(counted[1]).toBeGreaterThan(0);
    expect(counted[2]).toBe(0);
    await page.getByRole('tab', { name: 'Stored' }).click();
    await page.getByRole('rowheader', { name: '/only-a-url' }).waitFor();
    expect(await page.getByRole('button', { name: /stale/i }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Offline' }).count()).toBe(0);
    expect(messages).toEqual([]);
  });

  test('a cache that was given before the element was defined is shown', async () => {
    const site = await chromium().site({
      '/page': htmlPage({ body: '<script type="module" src="/late.js"></script>' }),
      '/late.js': { headers: { 'content-type': 'text/javascript' }, body: LATE },
      '/a': { body: 'a' },
    });
    const { page, messages } = await chromium().open(`${site.url}/page`);
    await page.getByRole('rowheader', { name: 'GET /a' }).waitFor();
    expect(messages).toEqual([]);
  });
});
