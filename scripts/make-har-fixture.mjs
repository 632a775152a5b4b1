// Writes __tests__/fixtures/browser.har: what a real Chromium saves of a page that asks an API. The server of the page
// is this script, behind the name app.test. CHROMIUM names the browser: node scripts/make-har-fixture.mjs
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const PAGE = `<!doctype html><title>Users</title><script type="module">
const json = { 'Content-Type': 'application/json' };
const read = async (...request) => (await fetch(...request)).arrayBuffer();
await read('/api/users?page=1');
await read('/api/users', { method: 'POST', headers: json, body: '{"name":"Grace"}' });
await read('/api/old');
await read('/api/missing');
await read('/api/picture');
await fetch('http://nowhere.test/').catch(() => undefined);
document.title = 'done';
</script>`;
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const type = (name, more = {}) => ({ 'Content-Type': name, 'Set-Cookie': 'sid=made-up; Path=/', ...more });
const ANSWERS = {
  'GET /': [200, type('text/html'), PAGE],
  'GET /api/users?page=1': [
    200,
    type('application/json', { 'Content-Encoding': 'gzip', 'Cache-Control': 'no-store', Vary: 'Accept-Encoding' }),
    gzipSync('[{"name":"Ada"},{"name":"Zoë"}]'),
  ],
  'POST /api/users': [201, type('application/json', { Location: '/api/users/2' }), '{"id":2,"name":"Grace"}'],
  'GET /api/old': [302, { Location: '/api/new' }, ''],
  'GET /api/new': [200, type('text/plain', { 'Cache-Control': 'max-age=60' }), 'moved here'],
  'GET /api/missing': [404, type('application/json'), '{"error":"not there"}'],
  'GET /api/picture': [200, type('image/png'), PNG],
};

const server = createServer((request, response) => {
  const [status, headers, body] = ANSWERS[`${request.method} ${request.url}`] ?? [404, {}, ''];
  response.writeHead(status, headers).end(body);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const rules = `MAP app.test:80 127.0.0.1:${server.address().port}, MAP nowhere.test ~NOTFOUND`;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', `--host-resolver-rules=${rules}`],
});
try {
  const path = fileURLToPath(new URL('../__tests__/fixtures/browser.har', import.meta.url));
  const context = await browser.newContext({ recordHar: { path, content: 'embed' } });
  const page = await context.newPage();
  await page.goto('http://app.test/');
  await page.waitForFunction('document.title === "done"');
  await context.close();
  console.log(`Wrote ${path}`);
} finally {
  await browser.close();
  server.close();
}
