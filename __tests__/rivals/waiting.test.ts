/** Whatever of the user's own throws, nobody waits for ever: beyond the scenarios, with the options of this package. */
import type { AxiosRequestConfig } from 'axios';
import { MINUTE } from '../../rivals/scenario.js';
import { startCached } from '../support/cached-instance.js';

const failing = (): never => {
  throw new Error('broken');
};
const rows: readonly (readonly [string, AxiosRequestConfig])[] = [
  ['transformResponse', { transformResponse: failing }],
  ['filter', { cache: { filter: failing } }],
  ['tags', { cache: { tags: failing } }],
  ['allowedCodes', { cache: { allowedCodes: failing } }],
  ['validateStatus', { validateStatus: failing }],
  ['a transformRequest', { transformRequest: failing }],
];
test.each(rows)('9: %s that throws leaves nobody waiting', async (_name, config) => {
  const { http } = await startCached({ '/': MINUTE });
  expect(await Promise.allSettled([http.get('/', config), http.get('/', config)])).toHaveLength(2);
  expect(await Promise.allSettled([http.get('/', config)])).toHaveLength(1);
  expect((await http.get('/')).status).toBe(200);
});
