/** jsdom's XMLHttpRequest: what a caller of the xhr adapter sees is what plain axios gives there. */
import { openPage } from '../support/page.js';
import axios, { type AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { startCached } from '../support/cached-instance.js';
import type { Routes } from '../support/origin.js';

const OPEN = { 'Access-Control-Allow-Origin': '*' };
const ROUTES: Routes = {
  '/json': { body: { list: [1, 2] }, headers: OPEN },
  '/404': { status: 404, body: { none: true }, headers: OPEN },
  '/text': { body: 'd\u00e9j\u00e0', headers: { ...OPEN, 'Content-Type': 'text/plain; charset=utf-8' } },
  '/xml': { body: '<a><b>1</b></a>', headers: { ...OPEN, 'Content-Type': 'text/xml' } },
  '/closed': { body: 'not for other origins' },
};
const OPTIONS: readonly AxiosRequestConfig[] = [
  {},
  { responseType: 'text' },
  { responseType: 'arraybuffer' },
  { responseType: 'document' },
  { maxContentLength: 3 },
  { maxContentLength: 3, responseType: 'arraybuffer' },
  { validateStatus: null },
  { transitional: { silentJSONParsing: false }, responseType: 'json' },
];

const dataOf = (data: unknown): unknown => {
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString('latin1');
  const { documentElement } = (data ?? {}) as Partial<Document>;
  return documentElement === undefined ? data : documentElement.outerHTML;
};

const toldOf = ({ status, statusText, headers, data, config }: AxiosResponse): object => {
  const { age: _age, connection: _connection, 'keep-alive': _alive, 'transfer-encoding': _coding, ...shown } = headers;
  return { status, statusText, headers: { ...shown }, data: dataOf(data), url: config.url };
};

const seenOf = (instance: AxiosInstance, config: AxiosRequestConfig): Promise<object> =>
  instance.request({ ...config, adapter: 'xhr' }).then(toldOf, (error: unknown) => {
    const { name, message, code, status, response, config: own } = error as AxiosError;
    return { name, message, code, status, url: own?.url, response: response && toldOf(response) };
  });

describe.each(['the page', 'another origin'])('of %s', (where) => {
  test.each(OPTIONS)('%j', async (config) => {
    const { http, origin } = await startCached(ROUTES, { expireAfter: '1h', allowedCodes: () => true });
    const close = openPage(where === 'the page' ? origin.url : 'http://page.test/');
    try {
      const plain = axios.create({ baseURL: origin.url });
      for (const url of Object.keys(ROUTES)) {
        const expected = await seenOf(plain, { ...config, url });
        const ask = () => seenOf(http as AxiosInstance, { ...config, url });
        const shared = await Promise.all([ask(), ask()]);
        for (const seen of [...shared, await ask()]) expect(seen).toEqual(expected);
      }
    } finally {
      close();
    }
  });
});
