/** While redirects are followed other URLs are invalidated: what comes at their end is the answer from then on. */
import axios, { type AxiosAdapter } from 'axios';
import type { CachedAxiosInstance } from '../../../lib/index.js';
import { numbered, startCached, told } from '../../support/cached-instance.js';
import type { Gate } from '../../support/origin.js';

/** It follows redirects as axios' own does, and tells where they ended, as that of browsers does. */
const hiding: AxiosAdapter = async (config) => {
  const response = await axios.getAdapter('http')({ ...config, beforeRedirect: () => undefined });
  const { res } = response.request as { res: { responseUrl: string } };
  return { ...response, config, request: { responseURL: res.responseUrl } };
};

const SWEEPS: [string, (http: CachedAxiosInstance) => Promise<unknown>][] = [
  ['other URLs are deleted', ({ cache }) => cache.delete('/others')],
  ['a pattern', ({ cache }) => cache.deleteMatching({ pattern: '/others/**' })],
  ['a tag', ({ cache }) => cache.invalidateTags('others')],
];
const to = { status: 301, headers: { Location: '/to', 'Cache-Control': 'no-store' } };

async function reloadedWhile(sweep: (typeof SWEEPS)[number][1], adapter?: AxiosAdapter): Promise<CachedAxiosInstance> {
  const defaults = adapter === undefined ? {} : { adapter };
  const { http, origin } = await startCached({ '/from': to, '/to': numbered() }, { expireAfter: '1h', defaults });
  await http.get('/from');
  expect(await reloaded(http, origin.hold('/to'), sweep)).toBe('answer 2');
  return http;
}

/** The answer to a reload of `/from` that is held at `gate` while `sweep` is at work. */
async function reloaded(http: CachedAxiosInstance, gate: Gate, sweep: (typeof SWEEPS)[number][1]): Promise<string> {
  const reloading = http.get<string>('/from', { cache: 'reload' });
  await gate.arrived();
  await sweep(http);
  gate.release();
  return (await reloading).data;
}

test('what came by redirects that were seen is stored where none of them is meant', async () => {
  const http = await reloadedWhile(({ cache }) => cache.delete('/others'));
  const after = await http.get<string>('/to');
  expect([after.data, told(after)]).toEqual(['answer 2', 'hit fresh']);
});

test.each(SWEEPS)('%s, and redirects that were seen: nothing older is used', async (_how, sweep) => {
  const http = await reloadedWhile(sweep);
  expect((await http.get<string>('/to')).data).not.toBe('answer 1');
});

test.each(SWEEPS)('%s, and redirects that were not: nothing older is used', async (_how, sweep) => {
  const http = await reloadedWhile(sweep, hiding);
  expect((await http.get<string>('/from')).data).not.toBe('answer 1');
});

test.each(SWEEPS)('%s, and a redirect that leads elsewhere by now: it is not used as it was', async (_how, sweep) => {
  let isMoved = false;
  const moving = () => ({ status: 301, headers: { Location: isMoved ? '/new' : '/old' } });
  const { http, origin } = await startCached({ '/from': moving, '/old': { body: 'old' }, '/new': { body: 'new' } });
  await http.get('/from');
  isMoved = true;
  expect(await reloaded(http, origin.hold('/new'), sweep)).toBe('new');
  expect((await http.get<string>('/from')).data).toBe('new');
});
