/** Of requests for a body and for parts of it, what was sent first and answered last ends nothing that is newer. */
import type { AxiosRequestConfig } from 'axios';
import { type CachedOrigin, startCached } from '../../support/cached-instance.js';
import type { Handler } from '../../support/origin.js';

const LENGTH = 40;

/** Each version is a letter, and each request says which version the origin has by then. */
const versioned: Handler = ({ headers }) => {
  const version = String(headers['x-version'] ?? 'b');
  const fields = { 'Cache-Control': 'max-age=3600', ETag: `"${version}"` };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  if (first === undefined) return { headers: fields, body: version.repeat(LENGTH) };
  const range = { 'Content-Range': `bytes ${first}-${last}/${LENGTH}` };
  return { status: 206, headers: { ...fields, ...range }, body: version.repeat(Number(last) - Number(first) + 1) };
};

const asked = (version: string, range?: string): AxiosRequestConfig =>
  ({ headers: { 'X-Version': version, ...(range === undefined ? {} : { Range: `bytes=${range}` }) } });

/** Who asks anew waits for no request that is under way. */
const anew = { cache: 'reload' } as const;
const whole = undefined;

/** What both are given, where the one that is sent first is answered last. */
async function outOfOrder({ http, origin }: CachedOrigin, first: AxiosRequestConfig, second: AxiosRequestConfig) {
  const gate = origin.hold('/');
  const earlier = http.get<string>('/', first);
  await gate.arrived();
  origin.hold('/').release();
  const later = await http.get<string>('/', { ...second, ...anew });
  gate.release();
  return { earlier: (await earlier).data, later: later.data };
}

test.each<[string, string | undefined, string | undefined]>([
  ['the whole by a part', whole, '0-9'],
  ['a part by the whole', '0-9', whole],
  ['a part by the same part', '0-9', '0-9'],
  ['a part by one that overlaps', '0-9', '5-14'],
  ['a part by one that is far away', '0-9', '30-39'],
])('%s of a newer version', async (_what, older, newer) => {
  const cached = await startCached({ '/': versioned }, { allowedCodes: [200, 206] });
  const given = await outOfOrder(cached, asked('a', older), asked('b', newer));
  expect(given.later).toMatch(/^b+$/);
  expect(given.earlier).toMatch(/^a+$/);
  for (const range of [older, newer, '2-7', whole]) {
    expect((await cached.http.get<string>('/', asked('b', range))).data).toMatch(/^b+$/);
  }
});

test.each<[string, string | undefined, string | undefined]>([
  ['the whole by a part', whole, '0-9'],
  ['a part by one that adjoins', '0-9', '10-19'],
])('%s of the same version: both are kept', async (_what, one, other) => {
  const cached = await startCached({ '/': versioned }, { allowedCodes: [200, 206] });
  const { http, origin } = cached;
  await outOfOrder(cached, asked('b', one), asked('b', other));
  for (const range of [one, other]) expect((await http.get<string>('/', asked('b', range))).cached).toBe(true);
  expect(origin.count()).toBe(2);
});
