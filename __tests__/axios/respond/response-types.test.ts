/** One entry, every `responseType`: what plain axios gives for it, whoever filled the entry and whoever reads it. */
import axios, { AxiosError, type AxiosRequestConfig, type AxiosResponse, type ResponseType } from 'axios';
import { ADAPTERS, BODIES, showData, startBodies } from '../../support/bodies.js';
import { told } from '../../support/cached-instance.js';

const TYPES = [undefined, 'json', 'text', 'arraybuffer', 'blob', 'document', 'formdata', 'stream'] as const;

/** What a hit does not have of a miss: fields of the connection. */
const OF_THE_CONNECTION = ['connection', 'keep-alive', 'transfer-encoding'];

interface Shown {
  readonly status?: number | undefined;
  readonly statusText?: string;
  readonly headers?: object;
  readonly error?: object;
  readonly data?: unknown;
}

async function shown(pending: Promise<AxiosResponse>): Promise<Shown> {
  const settled = await pending.catch((error: unknown) => error);
  if (settled instanceof AxiosError) {
    const { name, message, code, config, response } = settled;
    const ofConfig = config !== undefined && response?.config === config;
    return { status: response?.status, error: { name, message, code, url: config?.url, ofConfig } };
  }
  const { status, statusText, headers, data } = settled as AxiosResponse;
  const kept = Object.entries(headers).filter(([name]) => ![...OF_THE_CONNECTION, 'age'].includes(name.toLowerCase()));
  return { status, statusText, headers: Object.fromEntries(kept), data: await showData(data) };
}

const asking = (responseType: ResponseType | undefined): AxiosRequestConfig =>
  responseType === undefined ? {} : { responseType };

/** Settings of the reader, for the bodies with which they tell. The fetch adapter is to show that it minds none. */
const SETTINGS: readonly (readonly [string, AxiosRequestConfig])[] = [
  ...Object.keys(BODIES).map((path) => [path, {}] as const),
  ['/bom', { responseEncoding: 'utf8' }],
  ['/bom', { responseEncoding: 'utf-8' }],
  ['/bom', { responseEncoding: 'latin1' }],
  ['/latin1', { responseEncoding: 'latin1' }],
  ['/text', { responseEncoding: 'base64' }],
  ['/gzip', { responseEncoding: 'latin1' }],
  ['/gzip', { decompress: false }],
  ['/json', { decompress: false }],
];

const ROWS = ADAPTERS.flatMap((adapter) =>
  SETTINGS.map(([path, settings]) => [adapter, path, JSON.stringify(settings), settings] as const),
);

describe('filled by any, read by any, against plain axios', () => {
  test.each(ROWS)('%s, %s, %s', async (adapter, path, _text, settings) => {
    const { http, origin } = await startBodies();
    const plain = axios.create({ baseURL: origin.url, adapter, ...settings });
    const theirs = new Map<unknown, Shown>();
    for (const type of TYPES) theirs.set(type, await shown(plain.get(path, asking(type))));
    for (const filler of TYPES) {
      // An entry for each filler, who reads it in another encoding.
      const ofBytes = settings.decompress === undefined ? {} : settings;
      const get = (type: ResponseType | undefined, own: AxiosRequestConfig): Promise<AxiosResponse> =>
        http.get(path, { ...asking(type), ...own, adapter, params: { filler: String(filler) } });
      const filled = await shown(get(filler, ofBytes));
      if (settings.responseEncoding === undefined) {
        expect({ filler, filled }).toEqual({ filler, filled: theirs.get(filler) });
      }
      for (const type of TYPES) {
        const before = origin.count();
        const given = await shown(get(type, settings));
        expect({ filler, type, given, asked: origin.count() - before }).toEqual({
          filler,
          type,
          given: theirs.get(type),
          asked: 0,
        });
      }
    }
  });
});

describe('filled by fetch or the http adapter, read by the other: the data of the reader', () => {
  test.each(ROWS)('%s, %s, %s', async (adapter, path, _text, settings) => {
    const other = adapter === 'http' ? 'fetch' : 'http';
    const { http, origin } = await startBodies();
    const plain = axios.create({ baseURL: origin.url, adapter, ...settings });
    await http.get(path, { ...settings, adapter: other });
    for (const type of TYPES) {
      const ours = await shown(http.get(path, { ...settings, ...asking(type), adapter }));
      const theirs = await shown(plain.get(path, asking(type)));
      expect({ type, data: ours.data, error: ours.error }).toEqual({ type, data: theirs.data, error: theirs.error });
    }
  });
});

test.each(ADAPTERS)('%s: HEAD, from a stored HEAD and from a stored GET', async (adapter) => {
  const { http, origin } = await startBodies();
  const plain = axios.create({ baseURL: origin.url, adapter });
  const theirs = await shown(plain.head('/text'));
  expect(await shown(http.head('/text', { adapter }))).toEqual(theirs);
  expect(await shown(http.head('/text', { adapter }))).toEqual(theirs);
  await http.get('/json', { adapter });
  const fromGet = await http.head('/json', { adapter });
  expect({ told: told(fromGet), data: fromGet.data as unknown, type: fromGet.headers['content-type'] }).toEqual({
    told: 'hit fresh',
    data: '',
    type: 'application/json',
  });
  expect(origin.count()).toBe(3);
});
