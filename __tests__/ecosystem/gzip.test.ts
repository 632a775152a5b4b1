/** node:http that compresses by Accept-Encoding and says so in Vary: one origin request, whichever adapter asks. */
import { gzipSync } from 'node:zlib';
import { startCached } from '../support/cached-instance.js';
import type { Handler } from '../support/origin.js';

const TEXT = JSON.stringify({ list: Array.from({ length: 200 }, (_, index) => index) });
const compressing: Handler = ({ headers }) => {
  const fields = { 'Content-Type': 'application/json', 'Cache-Control': 'max-age=60', Vary: 'Accept-Encoding' };
  return /\bgzip\b/.test(headers['accept-encoding'] ?? '')
    ? { headers: { ...fields, 'Content-Encoding': 'gzip' }, body: gzipSync(TEXT) }
    : { headers: fields, body: TEXT };
};

test.each(['http', 'fetch'] as const)('%s: exactly one origin request, and the data is whole', async (adapter) => {
  const { http, origin } = await startCached({ '/': compressing });
  for (const cached of [false, true, true]) {
    expect(await http.get('/', { adapter })).toMatchObject({ data: JSON.parse(TEXT), cached });
  }
  expect([origin.count(), await http.cache.count()]).toEqual([1, 1]);
});

test('many at once: exactly one origin request', async () => {
  const { http, origin } = await startCached({ '/': compressing });
  const answers = await Promise.all(Array.from({ length: 10 }, () => http.get('/')));
  expect(answers.map(({ data }) => JSON.stringify(data))).toEqual(Array.from({ length: 10 }, () => TEXT));
  expect(origin.count()).toBe(1);
});

test('a caller who asks for identity gets it, by a request of its own', async () => {
  const { http, origin } = await startCached({ '/': compressing });
  await http.get('/');
  const plain = await http.get('/', { headers: { 'Accept-Encoding': 'identity' } });
  expect(plain.data).toEqual(JSON.parse(TEXT));
  expect(origin.count()).toBe(2);
});
