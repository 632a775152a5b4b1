/** Entries whose every part is meant to run in the page that shows it. */
import type { StoredEntry } from '../../../lib/index.js';
import { encodeHead, type EntryHead } from '../../../lib/entries/head.js';

const RUN = 'globalThis.hacked = true; parent.hacked = true; alert(1)';
const IMAGE = `<img src="x" onerror="${RUN}">`;
const SCRIPT = `</pre></script><script>${RUN}</script>`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="${RUN}"><script>${RUN}</script>
  <foreignObject><p xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="${RUN}"/></p></foreignObject></svg>`;

interface Part {
  readonly path: string;
  readonly type?: string;
  readonly body: string;
}

const PARTS: readonly Part[] = [
  { path: `/${IMAGE}?q=${SCRIPT}`, type: 'text/html', body: `<!doctype html>${SCRIPT}${IMAGE}<base href="//evil.test/">` },
  { path: '/json', type: 'application/json', body: JSON.stringify({ [IMAGE]: SCRIPT, '__proto__': IMAGE }) },
  { path: '/javascript:alert(1)', type: 'text/javascript', body: RUN },
  { path: '/image.svg', type: 'image/svg+xml', body: SVG },
  { path: '/image.png', type: 'image/png', body: `${SCRIPT}${IMAGE}` },
  { path: '/type', type: `text/html"><script>${RUN}</script>`, body: '\u0000\u0001' },
  { path: '/lines', type: 'text/plain', body: `\u202e\u2028${SCRIPT}\r\n` },
];

const HEADERS = {
  'x-image': IMAGE,
  'x-script': SCRIPT,
  'content-security-policy': "script-src 'unsafe-inline' *",
  'location': `javascript:${RUN}`,
  'link': '<//evil.test/style.css>; rel=stylesheet',
};

export function hostileEntries(): StoredEntry[] {
  const now = Date.now();
  return PARTS.map(({ path, type, body }, at) => {
    const head: EntryHead = {
      url: `http://evil.test${path}`,
      method: 'GET',
      status: 200,
      statusText: IMAGE,
      headers: { ...HEADERS, ...(type === undefined ? {} : { 'content-type': type }) },
      requestTime: now,
      responseTime: now,
      vary: [[IMAGE, 'digest']],
      lifetime: { seconds: 3600, source: 'session', basis: 'receipt' },
      headersHonoured: true,
      bodyKind: 'bytes',
      headerCase: {},
      finalUrl: `javascript:${RUN}`,
      redirectsTo: `javascript:${RUN}`,
      heedsValidateStatus: true,
    };
    const times = { createdAtMs: now, expiresAtMs: now + 3_600_000, purgeAtMs: Infinity };
    const place = { key: `key-${at}`, resource: `resource-${at}`, variant: IMAGE, revision: `${at}`, tags: [IMAGE, SCRIPT] };
    return { ...place, ...times, head: encodeHead(head), body: Buffer.from(body) };
  });
}
