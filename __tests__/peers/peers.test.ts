/** What other caches' tests ask for, on a real server: the same, or another outcome that a section decides. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rfc9111 } from '../../lib/index.js';
import { startCached } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';
import { root } from '../support/root.js';
import type { Exchange, Outcome, PeerCase } from './case.js';
import { SEMANTICS } from './semantics.js';
import { UNDICI } from './undici.js';

const PEERS: Readonly<Record<string, readonly PeerCase[]>> = { 'http-cache-semantics': SEMANTICS, undici: UNDICI };
const rows = Object.entries(PEERS).flatMap(([peer, cases]) => cases.map((each) => [peer, each.says, each] as const));

/** Gives the case's answer first, and to conditions a 304 as long as it has not begun to fail. */
function server({ response, then }: PeerCase): Handler {
  let count = 0;
  return ({ headers }) => {
    count += 1;
    const isConditional = 'if-none-match' in headers || 'if-modified-since' in headers;
    const { status = 200 } = response;
    if (count > 1 && then !== undefined) return { status: then };
    if (isConditional) return { status: 304, headers: response.headers };
    const isEmpty = status === 204;
    return { status, headers: response.headers, ...(isEmpty ? {} : { body: 'A' }) };
  };
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  hit: 'reused', stale: 'stale', revalidated: 'validated', miss: 'asked', bypass: 'asked',
};

async function outcomeOf(each: PeerCase): Promise<Outcome> {
  const { http, clock } = await startCached(server(each), {
    ...rfc9111,
    // Stale answers only where a message allows them, as the peers have it.
    staleIfError: false,
    shared: each.shared === true,
    defaults: { validateStatus: null, maxRedirects: 0 },
  });
  const ask = ({ method = 'get', path = '/', headers = {} }: Exchange = {}) =>
    http.request({ method, url: path, headers: { ...headers } });
  await ask(each.request);
  clock.advance(each.after ?? 1);
  const { cache } = await ask(each.later);
  if (cache.reason === 'only-if-cached') return 'refused';
  return OUTCOMES[cache.status] ?? 'asked';
}

test.each(rows)('%s: %s', async (_peer, _says, each) => {
  expect(await outcomeOf(each)).toBe(each.expected);
});

test('each difference is in docs/conformance.md, with the section that decides, and is one', () => {
  const text = readFileSync(join(root, 'docs/conformance.md'), 'utf8');
  for (const [, says, { differs, expected }] of rows) {
    if (differs === undefined) continue;
    expect(differs.theirs).not.toBe(expected);
    if (!says.startsWith('status ')) expect(text).toContain(`| ${says} |`);
    expect(text).toContain(differs.because);
  }
});
